/*
 * aio_suspend: EAGAIN at the end of the time, EINTR, EINVAL.
 */
#include "aio.h"
#include "../call.h"
#include <cairn/futex.h>

#define NS_PER_S 1000000000

extern int __aio_completions;

static int has_ended(const struct aiocb *const list[], int n)
{
    for (int i = 0; i < n; i++)
        if (list[i] != NULL && aio_error(list[i]) != EINPROGRESS)
            return 1;
    return 0;
}

/* A span from now as a time of the monotonic clock. */
static struct timespec deadline_of(const struct timespec *span)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += span->tv_sec;
    at.tv_nsec += span->tv_nsec;
    if (at.tv_nsec >= NS_PER_S) {
        at.tv_nsec -= NS_PER_S;
        at.tv_sec++;
    }
    return at;
}

int aio_suspend(const struct aiocb *const list[], int n,
                const struct timespec *timeout)
{
    struct timespec deadline;

    if (n < 0 || (timeout != NULL &&
                  (timeout->tv_nsec < 0 || timeout->tv_nsec >= NS_PER_S)))
        return __cairn_fail(EINVAL);
    if (timeout != NULL)
        deadline = deadline_of(timeout);
    for (;;) {
        int before = __atomic_load_n(&__aio_completions, __ATOMIC_ACQUIRE);
        long result;

        if (has_ended(list, n))
            return 0;
        result = CANCEL(futex_time64, &__aio_completions, FUTEX_WAIT_BITSET,
                        before, timeout != NULL ? &deadline : NULL, NULL,
                        FUTEX_BITSET_MATCH_ANY);
        if (result == -EINTR || result == -ETIMEDOUT)
            return __cairn_fail(result == -EINTR ? EINTR : EAGAIN);
    }
}
