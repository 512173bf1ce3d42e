/* System calls about futexes; proc/futex.c says what they are. */
#include <cairn/futex.h>
#include <cairn/time.h>

#include "arch/i386/clock.h"
#include "lib/units.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "proc/rights.h"
#include "sys/restart.h"
#include "sys/sys.h"

/* Is the fourth argument a time? */
static bool takes_time(uint32_t command)
{
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET ||
           command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2 ||
           command == FUTEX_WAIT_REQUEUE_PI;
}

/* May it be one of the wall clock? FUTEX_LOCK_PI's always is. */
static bool takes_clock(uint32_t command)
{
    return command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI2 ||
           command == FUTEX_WAIT_REQUEUE_PI;
}

static int get_time(uaddr_t address, bool wide, struct __cairn_timespec64 *ts)
{
    struct __cairn_timespec32 narrow;

    if (wide) {
        if (copy_from_user(ts, address, sizeof(*ts)) != 0)
            return -EFAULT;
        ts->tv_nsec = (int32_t)ts->tv_nsec; /* the upper half is padding */
        return 0;
    }
    if (copy_from_user(&narrow, address, sizeof(narrow)) != 0)
        return -EFAULT;
    *ts = (struct __cairn_timespec64){.tv_sec = narrow.tv_sec,
                                      .tv_nsec = narrow.tv_nsec};
    return 0;
}

/*
 * When the call ends. A span begins now, or began when the call was made for
 * the first time (restart.h).
 */
static int get_timeout(uint32_t op, uaddr_t address, bool wide,
                       struct futex_timeout *timeout)
{
    uint32_t command = op & FUTEX_CMD_MASK;
    struct __cairn_timespec64 ts;
    uint64_t now;
    int error;

    *timeout = (struct futex_timeout){.given = false};
    if (address == 0)
        return 0;
    error = get_time(address, wide, &ts);
    if (error)
        return error;
    if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= NS_PER_S)
        return -EINVAL;
    timeout->given = true;
    timeout->wall = (op & FUTEX_CLOCK_REALTIME) || command == FUTEX_LOCK_PI;
    timeout->ns = ts.tv_sec >= INT64_MAX / NS_PER_S
                      ? INT64_MAX
                      : (uint64_t)(ts.tv_sec * NS_PER_S + ts.tv_nsec);
    if (command != FUTEX_WAIT)
        return 0;
    now = clock_monotonic_ns();
    timeout->ns = timeout->ns > WAITQ_FOREVER - 1 - now ? WAITQ_FOREVER - 1
                                                        : timeout->ns + now;
    timeout->ns = restart_deadline(timeout->ns);
    return 0;
}

struct futex_call {
    uaddr_t word;
    uint32_t op, value;
    uaddr_t timeout, other;
    uint32_t extra;
    bool wide;
};

static long do_wait(const struct futex_call *c, bool shared,
                    const struct futex_timeout *timeout)
{
    uint32_t command = c->op & FUTEX_CMD_MASK;
    uint32_t bits = command == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : c->extra;
    long error = bits == 0
                     ? -EINVAL
                     : futex_wait(c->word, shared, c->value, bits, timeout);

    if (command == FUTEX_WAIT && timeout->given)
        restart_end(error, timeout->ns);
    return error;
}

static long do_pi(const struct futex_call *c, uint32_t command, bool shared,
                  const struct futex_timeout *timeout)
{
    int n = (int)c->value, m = (int)c->timeout;

    switch (command) {
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
        return futex_lock_pi(c->word, shared, true, timeout);
    case FUTEX_TRYLOCK_PI:
        return futex_lock_pi(c->word, shared, false, NULL);
    case FUTEX_UNLOCK_PI:
        return futex_unlock_pi(c->word, shared);
    case FUTEX_WAIT_REQUEUE_PI:
        return futex_wait_requeue_pi(c->word, c->value, c->other, shared,
                                     timeout);
    case FUTEX_CMP_REQUEUE_PI:
        return futex_requeue_pi(c->word, c->other, shared, n, m, c->extra);
    default:
        return -ENOSYS;
    }
}

static long do_futex(const struct futex_call *c)
{
    uint32_t command = c->op & FUTEX_CMD_MASK;
    bool shared = !(c->op & FUTEX_PRIVATE_FLAG);
    struct futex_timeout timeout;
    int n = (int)c->value, m = (int)c->timeout;
    long error = 0;

    if ((c->op & FUTEX_CLOCK_REALTIME) && !takes_clock(command))
        return -ENOSYS;
    if (takes_time(command))
        error = get_timeout(c->op, c->timeout, c->wide, &timeout);
    if (error)
        return error;
    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return do_wait(c, shared, &timeout);
    case FUTEX_WAKE:
        return futex_wake(c->word, shared, n, FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET:
        return c->extra == 0 ? -EINVAL
                             : futex_wake(c->word, shared, n, c->extra);
    case FUTEX_REQUEUE:
        return futex_requeue(c->word, c->other, shared, n, m, NULL);
    case FUTEX_CMP_REQUEUE:
        return futex_requeue(c->word, c->other, shared, n, m, &c->extra);
    case FUTEX_WAKE_OP:
        return futex_wake_op(c->word, c->other, shared, n, m, c->extra);
    default:
        return do_pi(c, command, shared, &timeout);
    }
}

SYSCALL_DEFINE(futex, uaddr_t word, uint32_t op, uint32_t value,
               uaddr_t timeout, uaddr_t other, uint32_t extra)
{
    struct futex_call call = {word, op, value, timeout, other, extra, false};

    return do_futex(&call);
}

SYSCALL_DEFINE(futex_time64, uaddr_t word, uint32_t op, uint32_t value,
               uaddr_t timeout, uaddr_t other, uint32_t extra)
{
    struct futex_call call = {word, op, value, timeout, other, extra, true};

    return do_futex(&call);
}

/* ---- robust lists ---- */

#define ROBUST_HEAD_BYTES 12

SYSCALL_DEFINE(set_robust_list, uaddr_t head, uint32_t nbytes)
{
    if (nbytes != ROBUST_HEAD_BYTES)
        return -EINVAL;
    current->robust_list = head;
    return 0;
}

SYSCALL_DEFINE(get_robust_list, int tid, uaddr_t head, uaddr_t nbytes)
{
    struct thread *t = tid == 0 ? current : thread_find(tid);

    if (!t)
        return -ESRCH;
    if (!may_inspect(t->process))
        return -EPERM;
    if (put_user_word(nbytes, ROBUST_HEAD_BYTES) != 0)
        return -EFAULT;
    return put_user_word(head, t->robust_list);
}
