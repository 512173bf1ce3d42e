/*
 * clock_settime: EFAULT, EINVAL, EPERM.
 */
#include "../call.h"
#include <time.h>

int clock_settime(clockid_t clock, const struct timespec *now)
{
    return (int)RESULT(CALL(clock_settime64, clock, now));
}
