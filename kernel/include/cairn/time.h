/*
 * Times as system calls pass them: the old 32-bit forms and the 64-bit ones.
 */
#ifndef _CAIRN_TIME_H
#define _CAIRN_TIME_H

#include <cairn/types.h>

/* nanosleep, clock_gettime, ...: the old form. */
struct __cairn_timespec32 {
    __cairn_s32 tv_sec;
    __cairn_s32 tv_nsec;
};

/*
 * clock_gettime64, ...: 16 bytes.  The kernel reads the low half of tv_nsec
 * only, since the high half is padding in the libc's struct timespec, and
 * writes it as zero.
 */
struct __cairn_timespec64 {
    __cairn_s64 tv_sec;
    __cairn_s64 tv_nsec;
};

/* gettimeofday, setitimer, getrusage, select. */
struct __cairn_timeval32 {
    __cairn_s32 tv_sec;
    __cairn_s32 tv_usec;
};

struct __cairn_itimerval32 {
    struct __cairn_timeval32 it_interval;
    struct __cairn_timeval32 it_value;
};

struct __cairn_timezone {
    __cairn_s32 tz_minuteswest;
    __cairn_s32 tz_dsttime;
};

/* times: in ticks of __CAIRN_CLK_TCK a second. */
struct __cairn_tms {
    __cairn_s32 tms_utime;
    __cairn_s32 tms_stime;
    __cairn_s32 tms_cutime;
    __cairn_s32 tms_cstime;
};

#define __CAIRN_CLK_TCK 100

/* Clock ids; the libc's <time.h> gives them their POSIX names. */
#define __CAIRN_CLOCK_REALTIME           0
#define __CAIRN_CLOCK_MONOTONIC          1
#define __CAIRN_CLOCK_PROCESS_CPUTIME_ID 2
#define __CAIRN_CLOCK_THREAD_CPUTIME_ID  3
#define __CAIRN_CLOCK_MONOTONIC_RAW      4
#define __CAIRN_CLOCK_REALTIME_COARSE    5
#define __CAIRN_CLOCK_MONOTONIC_COARSE   6
#define __CAIRN_CLOCK_BOOTTIME           7
#define __CAIRN_CLOCK_TAI                11

/* Flag of clock_nanosleep. */
#define __CAIRN_TIMER_ABSTIME 1

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2

#endif
