/*
 * clock_nanosleep: returns the error number: EFAULT, EINTR, EINVAL,
 * EOPNOTSUPP.
 */
#include "../call.h"
#include <time.h>

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                    struct timespec *left)
{
    if (clock == CLOCK_THREAD_CPUTIME_ID)
        return EINVAL;
    return (int)-CANCEL(clock_nanosleep_time64, clock, flags, wanted, left);
}
