/*
 * newlib's lock hooks.  Cairn's processes have one thread, so they are empty;
 * a libc with threads defines its own, recursive, sets heap.is_locking and
 * calls __pass_set_limit().
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
