/*
 * newlib's lock hooks, empty: the thread library defines its own, recursive,
 * and calls __malloc_begin_locking() before there is a second thread.
 */
#include "internal.h"

struct _reent;

void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);
void __malloc_begin_locking(void);

void __malloc_begin_locking(void)
{
    __heap.is_locking = true;
    __pass_set_limit(&__heap);
}

__attribute__((weak)) void __malloc_lock(struct _reent *r)
{
    (void)r;
}

__attribute__((weak)) void __malloc_unlock(struct _reent *r)
{
    (void)r;
}
