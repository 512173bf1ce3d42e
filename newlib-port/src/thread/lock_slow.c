/*
 * The locks of newlib (sys/lock.h), when there are threads. A lock that was
 * "taken" before there were is not held; giving it back does nothing.
 */
#define LOCK_STRONG
#include "../call.h"
#include "lock.h"
#include <cairn/futex.h>

static void *self(void)
{
    void *block;

    __asm__("movl %%gs:0, %0" : "=r"(block));
    return block;
}

/* The calling thread has the state: the rest belongs to it. */
static void own(struct __cairn_lock *lock)
{
    lock->__owner = self();
    lock->__depth = 1;
}

int __CAIRN_LOCK_CALL __cairn_lock_try_now(struct __cairn_lock *lock)
{
    int open = 0;

    if (lock->__owner == self()) {
        lock->__depth++;
        return 0;
    }
    if (!__atomic_compare_exchange_n(&lock->__state, &open, 1, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return -1;
    own(lock);
    return 0;
}

/*
 * A thread that has waited leaves the state at 2, since others may wait, too.
 * The kernel looks at the state once more before the thread sleeps. It is 2
 * only while a release is to come that sees it and wakes one of them.
 */
void __CAIRN_LOCK_CALL __cairn_lock_acquire_now(struct __cairn_lock *lock)
{
    if (__cairn_lock_try_now(lock) == 0)
        return;
    while (__atomic_exchange_n(&lock->__state, 2, __ATOMIC_ACQUIRE) != 0)
        CALL(futex_time64, &lock->__state, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2,
             NULL, 0, 0);
    own(lock);
}

void __CAIRN_LOCK_CALL __cairn_lock_release_now(struct __cairn_lock *lock)
{
    if (lock->__owner != self() || --lock->__depth > 0)
        return;
    lock->__owner = NULL;
    if (__atomic_exchange_n(&lock->__state, 0, __ATOMIC_RELEASE) == 2)
        CALL(futex_time64, &lock->__state, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1,
             NULL, 0, 0);
}
