/*
 * timer_settime, timer_gettime, timer_getoverrun, timer_delete: EFAULT, EINVAL.
 */
#include "../call.h"
#include <time.h>

int timer_settime(timer_t timer, int flags,
                  const struct itimerspec *restrict value,
                  struct itimerspec *restrict old)
{
    return (int)RESULT(CALL(timer_settime64, timer, flags, value, old));
}

int timer_gettime(timer_t timer, struct itimerspec *value)
{
    return (int)RESULT(CALL(timer_gettime64, timer, value));
}

int timer_getoverrun(timer_t timer)
{
    return (int)RESULT(CALL(timer_getoverrun, timer));
}

int timer_delete(timer_t timer)
{
    return (int)RESULT(CALL(timer_delete, timer));
}
