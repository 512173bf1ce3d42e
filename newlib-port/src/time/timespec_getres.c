/*
 * timespec_getres (C23): the step of a time base; 0 for one that there is not.
 */
#define _GNU_SOURCE
#include <time.h>

int timespec_getres(struct timespec *resolution, int base)
{
    if (base != TIME_UTC)
        return 0;
    if (resolution != NULL && clock_getres(CLOCK_REALTIME, resolution) < 0)
        return 0;
    return base;
}
