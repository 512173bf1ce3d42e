/*
 * settimeofday, stime: EFAULT, EINVAL, EPERM.
 */
#include "../call.h"
#include <sys/time.h>

int settimeofday(const struct timeval *now, const struct timezone *zone)
{
    struct timespec fine;

    (void)zone;
    if (now == NULL)
        return 0;
    if (now->tv_usec < 0 || now->tv_usec >= 1000000)
        return __cairn_fail(EINVAL);
    fine.tv_sec = now->tv_sec;
    fine.tv_nsec = now->tv_usec * 1000;
    return clock_settime(CLOCK_REALTIME, &fine);
}

int stime(const time_t *now)
{
    struct timespec fine = {.tv_sec = *now};

    return clock_settime(CLOCK_REALTIME, &fine);
}
