/*
 * Futexes: sleeping until a word of memory changes (futex(2)).
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/types.h"
#include "arch/i386/ucopy.h"

struct thread;

/* Prepare the table; once. */
void futex_init(void);

/* When a wait ends: never, or at a time of one of the clocks. */
struct futex_timeout {
    bool given;
    bool wall;   /* of the wall clock, which may be set meanwhile */
    uint64_t ns; /* absolute */
};

/*
 * Sleep until a wake-up whose bits have one in common with `bits` (not 0), if
 * the word is `value`. `shared`: the word is what other processes map, too.
 * -EAGAIN (it is not), -EFAULT, -EINTR, -ETIMEDOUT.
 */
int futex_wait(uaddr_t word, bool shared, uint32_t value, uint32_t bits,
               const struct futex_timeout *timeout) must_check;

/*
 * Wake up to `n`, at least one. Returns how many, or -EFAULT, or -EINVAL when
 * one of them waits for a lock with priority inheritance.
 */
int futex_wake(uaddr_t word, bool shared, int n, uint32_t bits);

/*
 * Wake up to `nwake` of `from`, and let up to `nmove` others wait for `to`
 * instead; with `expected` only if the first word is that, else -EAGAIN.
 * Returns how many there were, or -EFAULT, -EINVAL.
 */
int futex_requeue(uaddr_t from, uaddr_t to, bool shared, int nwake, int nmove,
                  const uint32_t *expected) must_check;

/*
 * Change the word `two` as `op` says, wake up to `n` of `one` and, if the old
 * value compares as `op` says, up to `m` of `two`. Returns how many, or
 * -EFAULT, -ENOSYS.
 */
int futex_wake_op(uaddr_t one, uaddr_t two, bool shared, int n, int m,
                  uint32_t op) must_check;

/*
 * Locks with priority inheritance: the word is 0, or the number of the owner,
 * with FUTEX_WAITERS if the kernel must be asked, with FUTEX_OWNER_DIED if the
 * owner before ended with it. The kernel itself makes the word the caller's.
 * `block`: wait, until `timeout`, for a lock that is another's; else -EAGAIN.
 * -EDEADLK, -EFAULT, -EINTR, -EINVAL (plain waiters; another owner than the
 * kernel knows), -ENOMEM, -ESRCH (no such owner), -ETIMEDOUT.
 */
int futex_lock_pi(uaddr_t word, bool shared, bool block,
                  const struct futex_timeout *timeout) must_check;

/*
 * Make the highest waiter the owner of the caller's lock, or free it. -EFAULT,
 * -EINVAL, -EPERM (it is not the caller's).
 */
int futex_unlock_pi(uaddr_t word, bool shared) must_check;

/*
 * Sleep as futex_wait until moved to `lock` by futex_requeue_pi, and then until
 * the lock is the caller's. -EAGAIN also: a signal came when it had been moved.
 */
int futex_wait_requeue_pi(uaddr_t word, uint32_t value, uaddr_t lock,
                          bool shared,
                          const struct futex_timeout *timeout) must_check;

/*
 * If the word is `value`, give the lock to the first that waits there, or let
 * it wait for the lock, and up to `nmove` others. Returns how many, or an error
 * of futex_lock_pi, or -EAGAIN. `nwake` is 1.
 */
int futex_requeue_pi(uaddr_t word, uaddr_t lock, bool shared, int nwake,
                     int nmove, uint32_t value) must_check;

/*
 * The current thread ends: mark what robust locks it holds (set_robust_list),
 * zero its number (CLONE_CHILD_CLEARTID), and wake those that wait for them.
 */
void futex_end_thread(void);

/* The first of these; for exec. */
void futex_forget_robust(void);

/* Walk the table: NULL, or what is broken. */
const char *futex_check(void);

#endif
