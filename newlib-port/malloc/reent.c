/*
 * The names with a reentrancy structure, which newlib calls inside. Those that
 * print are in reent_report.c: every program would have printf in it else.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <malloc.h>

void *_malloc_r(struct _reent *r, size_t nbytes)
{
    (void)r;
    return malloc(nbytes);
}

void _free_r(struct _reent *r, void *p)
{
    (void)r;
    free(p);
}

void *_calloc_r(struct _reent *r, size_t count, size_t size)
{
    (void)r;
    return calloc(count, size);
}

void *_realloc_r(struct _reent *r, void *p, size_t nbytes)
{
    (void)r;
    return realloc(p, nbytes);
}

void *_memalign_r(struct _reent *r, size_t align, size_t nbytes)
{
    (void)r;
    return memalign(align, nbytes);
}

void *_valloc_r(struct _reent *r, size_t nbytes)
{
    (void)r;
    return valloc(nbytes);
}

void *_pvalloc_r(struct _reent *r, size_t nbytes)
{
    (void)r;
    return pvalloc(nbytes);
}

size_t _malloc_usable_size_r(struct _reent *r, void *p)
{
    (void)r;
    return malloc_usable_size(p);
}

int _malloc_trim_r(struct _reent *r, size_t keep)
{
    (void)r;
    return malloc_trim(keep);
}
