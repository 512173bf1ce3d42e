/*
 * clock_gettime: EFAULT, EINVAL.
 */
#include "../call.h"
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    return (int)RESULT(CALL(clock_gettime64, clock, now));
}
