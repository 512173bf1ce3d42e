/*
 * What the heap needs, for a host of any word size: an arena.
 *
 * One reservation holds it all: sbrk() walks up through its lower half, and
 * mappings are cut from the upper half.  The hooks let a test make any call
 * fail.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include "../internal.h"
#include "os_host.h"

#if UINTPTR_MAX > UINT32_MAX
#    define ARENA ((size_t)1 << 33)
#else
#    define ARENA ((size_t)1 << 30)
#endif
#define AREAS 65536

/* Mappings, sorted by address; the holes between them are reused. */
struct area {
    uintptr_t at;
    size_t nbytes;
};

static uintptr_t arena, brk_now, brk_end;
static struct area areas[AREAS];
static unsigned nareas;
unsigned long os_host_calls, os_host_fail_every;

static bool fails(void)
{
    os_host_calls++;
    return os_host_fail_every != 0 && os_host_calls % os_host_fail_every == 0;
}

static bool make_arena(void)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *at = mmap(NULL, ARENA, PROT_NONE, flags, -1, 0);

    if (at == MAP_FAILED)
        return false;
    arena = (uintptr_t)at;
    brk_now = arena + PAGE;
    brk_end = arena + ARENA / 2;
    return true;
}

uintptr_t __os_random(void)
{
    return (uintptr_t)0x9e3779b97f4a7c15u;
}

/* Make the pages of [from, to) usable, or throw their content away. */
static bool use(uintptr_t from, uintptr_t to, bool is_used)
{
    from = (from + PAGE - 1) & -PAGE;
    to = (to + PAGE - 1) & -PAGE;
    if (from >= to)
        return true;
    if (is_used)
        return mprotect((void *)from, to - from, PROT_READ | PROT_WRITE) == 0;
    madvise((void *)from, to - from, MADV_DONTNEED);
    return mprotect((void *)from, to - from, PROT_NONE) == 0;
}

void *__os_sbrk(intptr_t nbytes)
{
    uintptr_t old;

    if (arena == 0 && !make_arena())
        return NULL;
    old = brk_now;
    if (nbytes == 0)
        return (void *)old;
    if (nbytes > 0) {
        if (fails() || (size_t)nbytes > brk_end - brk_now ||
            !use(old, old + nbytes, true))
            return NULL;
    } else {
        use(old + nbytes, old, false);
    }
    brk_now = old + nbytes;
    return (void *)old;
}

void *os_host_sbrk(intptr_t nbytes)
{
    return __os_sbrk(nbytes);
}

void *__os_map(size_t nbytes)
{
    uintptr_t at;
    unsigned k;

    if (arena == 0 && !make_arena())
        return NULL;
    at = brk_end;
    for (k = 0; k < nareas && areas[k].at - at < nbytes; k++)
        at = areas[k].at + areas[k].nbytes;
    if (fails() || nareas == AREAS || arena + ARENA - at < nbytes ||
        !use(at, at + nbytes, true))
        return NULL;
    memmove(&areas[k + 1], &areas[k], (nareas - k) * sizeof *areas);
    areas[k].at = at;
    areas[k].nbytes = nbytes;
    nareas++;
    return (void *)at;
}

void __os_unmap(void *from, size_t nbytes)
{
    unsigned k = 0;

    while (k < nareas && areas[k].at != (uintptr_t)from)
        k++;
    use((uintptr_t)from, (uintptr_t)from + nbytes, false);
    if (k == nareas)
        return;
    memmove(&areas[k], &areas[k + 1], (nareas - k - 1) * sizeof *areas);
    nareas--;
}

void *__os_remap(void *from, size_t old_bytes, size_t new_bytes)
{
    void *to;

    if (new_bytes <= old_bytes) {
        use((uintptr_t)from + new_bytes, (uintptr_t)from + old_bytes, false);
        for (unsigned k = 0; k < nareas; k++)
            if (areas[k].at == (uintptr_t)from)
                areas[k].nbytes = new_bytes;
        return from;
    }
    to = __os_map(new_bytes);
    if (to == NULL)
        return NULL;
    memcpy(to, from, old_bytes);
    __os_unmap(from, old_bytes);
    return to;
}

void __os_drop(void *from, size_t nbytes)
{
    madvise(from, nbytes, MADV_DONTNEED);
}

void __os_guard(void *from, size_t nbytes)
{
    mprotect(from, nbytes, PROT_NONE);
}

/* ---- locks ----------------------------------------------------------------*/

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

struct _reent;

void __malloc_lock(struct _reent *r)
{
    (void)r;
    pthread_mutex_lock(&lock);
}

void __malloc_unlock(struct _reent *r)
{
    (void)r;
    pthread_mutex_unlock(&lock);
}

static void before_fork(void)
{
    __malloc_lock(NULL);
}

static void after_fork(void)
{
    __malloc_unlock(NULL);
}

static void after_fork_in_child(void)
{
    pthread_mutexattr_t kind;

    /* The owner's number is another one in the child. */
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &kind);
}

void os_host_use_threads(void)
{
    __heap.is_locking = true;
    __pass_set_limit(&__heap);
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}
