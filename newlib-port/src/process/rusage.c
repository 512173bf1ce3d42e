/*
 * rusage.c - see rusage.h.
 */
#include "rusage.h"
#include <string.h>

static void convert_time(struct timeval *to,
                         const struct __cairn_timeval32 *from)
{
    to->tv_sec = from->tv_sec;
    to->tv_usec = from->tv_usec;
}

void __cairn_rusage_convert(struct rusage *to,
                            const struct __cairn_rusage *from)
{
    convert_time(&to->ru_utime, &from->ru_utime);
    convert_time(&to->ru_stime, &from->ru_stime);
    /* From here on both are longs in the same order. */
    memcpy(&to->ru_maxrss, &from->ru_maxrss,
           sizeof(*from) -
               __builtin_offsetof(struct __cairn_rusage, ru_maxrss));
}
