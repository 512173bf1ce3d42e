/*
 * clock_getres: EFAULT, EINVAL.
 */
#include "../call.h"
#include <time.h>

int clock_getres(clockid_t clock, struct timespec *step)
{
    return (int)RESULT(CALL(clock_getres_time64, clock, step));
}
