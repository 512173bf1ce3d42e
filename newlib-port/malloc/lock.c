/*
 * newlib's lock hooks, empty: the thread library defines its own, recursive,
 * and calls __malloc_begin_locking() of api.c before there is a second thread.
 */
struct _reent;

void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);

__attribute__((weak)) void __malloc_lock(struct _reent *r)
{
    (void)r;
}

__attribute__((weak)) void __malloc_unlock(struct _reent *r)
{
    (void)r;
}
