/*
 * newlib's allocators as a program of a Linux host: what they ask of newlib,
 * and the bench's names for them.
 *
 * sbrk() here walks through a reservation of its own: under valgrind brk()
 * ends after 8 MiB, and newlib's allocators know nothing else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define RESERVED ((ptrdiff_t)1 << 30)
#define PAGE     4096

/* Opaque here: its first word is newlib's errno, and no more is used. */
struct _reent {
    int error[256];
};

static struct _reent reent;
struct _reent *_impure_ptr = &reent;

static char *arena, *end;

int *__errno(void);

void *_malloc_r(struct _reent *r, size_t nbytes);
void *_calloc_r(struct _reent *r, size_t count, size_t size);
void *_realloc_r(struct _reent *r, void *p, size_t nbytes);
void *_memalign_r(struct _reent *r, size_t align, size_t nbytes);
void _free_r(struct _reent *r, void *p);
void *_sbrk_r(struct _reent *r, ptrdiff_t nbytes);
void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);
void *bm_malloc(size_t nbytes);
void *bm_calloc(size_t count, size_t size);
void *bm_realloc(void *p, size_t nbytes);
void *bm_memalign(size_t align, size_t nbytes);
void bm_free(void *p);

static uintptr_t round_up(const char *p)
{
    return ((uintptr_t)p + PAGE - 1) & -PAGE;
}

/* newlib 4 has errno by this name. */
int *__errno(void)
{
    return reent.error;
}

void *_sbrk_r(struct _reent *r, ptrdiff_t nbytes)
{
    char *old;

    if (arena == NULL)
        arena = end = mmap(NULL, RESERVED, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (nbytes > arena + RESERVED - end || nbytes < arena - end) {
        r->error[0] = ENOMEM;
        return (void *)-1;
    }
    old = end;
    end += nbytes;
    if (nbytes < 0)
        madvise((void *)round_up(end), round_up(old) - round_up(end),
                MADV_DONTNEED);
    return old;
}

void __malloc_lock(struct _reent *r)
{
    (void)r;
}

void __malloc_unlock(struct _reent *r)
{
    (void)r;
}

void *bm_malloc(size_t nbytes)
{
    return _malloc_r(_impure_ptr, nbytes);
}

void *bm_calloc(size_t count, size_t size)
{
    return _calloc_r(_impure_ptr, count, size);
}

void *bm_realloc(void *p, size_t nbytes)
{
    return _realloc_r(_impure_ptr, p, nbytes);
}

void *bm_memalign(size_t align, size_t nbytes)
{
    return _memalign_r(_impure_ptr, align, nbytes);
}

void bm_free(void *p)
{
    _free_r(_impure_ptr, p);
}
