/*
 * timespec_get: the base, or 0 for one that is not known.
 */
#include "../call.h"
#include <time.h>

int timespec_get(struct timespec *now, int base)
{
    if (base != TIME_UTC || CALL(clock_gettime64, CLOCK_REALTIME, now) < 0)
        return 0;
    return base;
}
