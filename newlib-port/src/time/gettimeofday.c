/*
 * gettimeofday: by clock_gettime, whose seconds have 64 bits.  The time zone
 * argument is obsolete and, if given, zeroed.
 */
#include "../call.h"
#include <string.h>
#include <sys/time.h>

int _gettimeofday_r(struct _reent *reent, struct timeval *now, void *zone)
{
    struct timespec fine;
    long error = CALL(clock_gettime64, CLOCK_REALTIME, &fine);

    if (error < 0)
        return (int)__cairn_result(reent, error);
    if (now != NULL) {
        now->tv_sec = fine.tv_sec;
        now->tv_usec = fine.tv_nsec / 1000;
    }
    if (zone != NULL)
        memset(zone, 0, sizeof(struct timezone));
    return 0;
}

WEAK int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    return _gettimeofday_r(_REENT, now, zone);
}
