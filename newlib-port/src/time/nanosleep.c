/*
 * nanosleep: EFAULT, EINTR, EINVAL.
 */
#include "../call.h"
#include <time.h>

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    return (int)RESULT(
        CANCEL(clock_nanosleep_time64, CLOCK_REALTIME, 0, wanted, left));
}
