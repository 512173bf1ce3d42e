/* The locks of newlib when there are threads: lock_slow.c. */
#ifndef THREAD_LOCK_H
#define THREAD_LOCK_H

#include <sys/lock.h>

#ifndef LOCK_STRONG
#    define LOCK_WEAK __attribute__((__weak__))
#else
#    define LOCK_WEAK
#endif

LOCK_WEAK void __CAIRN_LOCK_CALL
__cairn_lock_acquire_now(struct __cairn_lock *);
LOCK_WEAK int __CAIRN_LOCK_CALL __cairn_lock_try_now(struct __cairn_lock *);
LOCK_WEAK void __CAIRN_LOCK_CALL
__cairn_lock_release_now(struct __cairn_lock *);

#endif
