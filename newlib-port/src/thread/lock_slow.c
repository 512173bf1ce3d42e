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

int __CAIRN_LOCK_CALL __cairn_lock_try_now(struct __cairn_lock *lock)
{
    void *nobody = NULL;

    if (lock->__owner != self() &&
        !__atomic_compare_exchange_n(&lock->__owner, &nobody, self(), 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return -1;
    lock->__depth++;
    return 0;
}

void __CAIRN_LOCK_CALL __cairn_lock_acquire_now(struct __cairn_lock *lock)
{
    while (__cairn_lock_try_now(lock) != 0) {
        void *owner = lock->__owner;

        if (owner == NULL)
            continue;
        __atomic_store_n(&lock->__waiting, 1, __ATOMIC_SEQ_CST);
        CALL(futex_time64, &lock->__owner, FUTEX_WAIT | FUTEX_PRIVATE_FLAG,
             owner, NULL, 0, 0);
    }
}

/*
 * Who waits has set the flag before it looked whether the owner is still the
 * same, in the kernel: it either sees that it is not, or is woken here. All are
 * woken: those that do not get the lock say again that they wait.
 */
void __CAIRN_LOCK_CALL __cairn_lock_release_now(struct __cairn_lock *lock)
{
    if (lock->__owner != self() || --lock->__depth > 0)
        return;
    __atomic_store_n(&lock->__owner, NULL, __ATOMIC_SEQ_CST);
    if (__atomic_exchange_n(&lock->__waiting, 0, __ATOMIC_SEQ_CST))
        CALL(futex_time64, &lock->__owner, FUTEX_WAKE | FUTEX_PRIVATE_FLAG,
             0x7fffffff, NULL, 0, 0);
}
