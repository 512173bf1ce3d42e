/*
 * The locks of newlib (sys/lock.h) in programs that may have one thread only:
 * what takes and gives them is in lock_slow.c, which comes along with threads.
 */
#include "../start/threads.h"
#include "lock.h"

void __CAIRN_LOCK_CALL __cairn_lock_acquire(struct __cairn_lock *lock)
{
    if (__libc.need_locks)
        __cairn_lock_acquire_now(lock);
}

void __CAIRN_LOCK_CALL __cairn_lock_release(struct __cairn_lock *lock)
{
    if (__libc.need_locks)
        __cairn_lock_release_now(lock);
}

int __CAIRN_LOCK_CALL __cairn_lock_try(struct __cairn_lock *lock)
{
    return __libc.need_locks ? __cairn_lock_try_now(lock) : 0;
}
