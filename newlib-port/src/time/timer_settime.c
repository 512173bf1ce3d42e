/*
 * timer_settime, timer_gettime, timer_getoverrun, timer_delete: EFAULT, EINVAL.
 */
#include "timer.h"
#include "../call.h"

int timer_settime(timer_t timer, int flags,
                  const struct itimerspec *restrict value,
                  struct itimerspec *restrict old)
{
    return (int)RESULT(
        CALL(timer_settime64, timer_number(timer), flags, value, old));
}

int timer_gettime(timer_t timer, struct itimerspec *value)
{
    return (int)RESULT(CALL(timer_gettime64, timer_number(timer), value));
}

int timer_getoverrun(timer_t timer)
{
    return (int)RESULT(CALL(timer_getoverrun, timer_number(timer)));
}

int timer_delete(timer_t timer)
{
#ifdef HAS_THREADS
    if (timer_thread(timer) != NULL) {
        struct itimerspec never = {.it_value = {0, 0}};

        if (timer_settime(timer, 0, &never, NULL) < 0)
            return -1;
        __event_thread_end(timer_thread(timer));
        return 0;
    }
#endif
    return (int)RESULT(CALL(timer_delete, timer));
}
