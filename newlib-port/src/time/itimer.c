/*
 * setitimer, getitimer, ualarm: the kernel's interval timers have 32-bit times.
 *
 * Errors: EFAULT, EINVAL; EOVERFLOW for an interval beyond 68 years.
 */
#include "../call.h"
#include <stdint.h>
#include <sys/time.h>
#include <unistd.h>

static int is_too_long(const struct timeval *time)
{
    return time->tv_sec > INT32_MAX || time->tv_sec < INT32_MIN;
}

static struct __cairn_timeval32 narrow(const struct timeval *time)
{
    struct __cairn_timeval32 result = {(__cairn_s32)time->tv_sec,
                                       time->tv_usec};

    return result;
}

static struct timeval widen(const struct __cairn_timeval32 *time)
{
    struct timeval result = {time->tv_sec, time->tv_usec};

    return result;
}

static void widen_both(struct itimerval *to,
                       const struct __cairn_itimerval32 *from)
{
    to->it_interval = widen(&from->it_interval);
    to->it_value = widen(&from->it_value);
}

int setitimer(int which, const struct itimerval *restrict value,
              struct itimerval *restrict old)
{
    struct __cairn_itimerval32 raw;
    struct __cairn_itimerval32 raw_old;

    if (is_too_long(&value->it_interval) || is_too_long(&value->it_value))
        return __cairn_fail(EOVERFLOW);
    raw.it_interval = narrow(&value->it_interval);
    raw.it_value = narrow(&value->it_value);
    if (RESULT(CALL(setitimer, which, &raw, &raw_old)) < 0)
        return -1;
    if (old != NULL)
        widen_both(old, &raw_old);
    return 0;
}

int getitimer(int which, struct itimerval *value)
{
    struct __cairn_itimerval32 raw;

    if (RESULT(CALL(getitimer, which, &raw)) < 0)
        return -1;
    widen_both(value, &raw);
    return 0;
}

unsigned ualarm(unsigned microseconds, unsigned interval)
{
    struct itimerval value = {.it_interval = {interval / 1000000,
                                              (long)(interval % 1000000)},
                              .it_value = {microseconds / 1000000,
                                           (long)(microseconds % 1000000)}};
    struct itimerval old;

    if (setitimer(ITIMER_REAL, &value, &old) < 0)
        return (unsigned)-1;
    return (unsigned)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}
