/*
 * Reports and settings of the heap under their names with a reentrancy
 * structure. They pull in walk.c and with it printf, so they lie apart from the
 * names that every program needs.
 */
#include <malloc.h>
#include <stddef.h>

struct mallinfo _mallinfo_r(struct _reent *r)
{
    (void)r;
    return mallinfo();
}

void _malloc_stats_r(struct _reent *r)
{
    (void)r;
    malloc_stats();
}

void _mstats_r(struct _reent *r, char *title)
{
    (void)r;
    mstats(title);
}

int _mallopt_r(struct _reent *r, int what, int value)
{
    (void)r;
    return mallopt(what, value);
}
