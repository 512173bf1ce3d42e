/*
 * Times in nanoseconds, for tests of timers.
 */
#ifndef TESTS_GUEST_NANOSECONDS_H
#define TESTS_GUEST_NANOSECONDS_H

#include <time.h>

static inline struct itimerspec spec(long long value, long long interval)
{
    return (struct itimerspec){.it_value = {value / 1000000000,
                                            (long)(value % 1000000000)},
                               .it_interval = {interval / 1000000000,
                                               (long)(interval % 1000000000)}};
}

static inline long long ns_of(struct timespec t)
{
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static inline long long now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return ns_of(t);
}

#endif
