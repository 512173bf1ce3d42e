/* Helpers of the tests of POSIX threads. */
#ifndef TESTS_GUEST_PTHREAD_TEST_H
#define TESTS_GUEST_PTHREAD_TEST_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

static inline void nap(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Return the time of a clock in `ms` milliseconds. */
static inline struct timespec in_ms(clockid_t clock, int ms)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    ts.tv_sec += ms / 1000;
    ts.tv_nsec += ms % 1000 * 1000000;
    if (ts.tv_nsec >= 1000000000) {
        ts.tv_nsec -= 1000000000;
        ts.tv_sec++;
    }
    return ts;
}

/* Return what fn(arg) returns in another thread. */
static inline intptr_t elsewhere(void *(*fn)(void *), void *arg)
{
    pthread_t t;
    void *result = NULL;

    pthread_create(&t, NULL, fn, arg);
    pthread_join(t, &result);
    return (intptr_t)result;
}

#endif
