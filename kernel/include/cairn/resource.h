/*
 * Limits and usage.
 */
#ifndef _CAIRN_RESOURCE_H
#define _CAIRN_RESOURCE_H

#include <cairn/time.h>

#define RLIMIT_CPU        0
#define RLIMIT_FSIZE      1
#define RLIMIT_DATA       2
#define RLIMIT_STACK      3
#define RLIMIT_CORE       4
#define RLIMIT_RSS        5
#define RLIMIT_NPROC      6
#define RLIMIT_NOFILE     7
#define RLIMIT_MEMLOCK    8
#define RLIMIT_AS         9
#define RLIMIT_LOCKS      10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE   12
#define RLIMIT_NICE       13
#define RLIMIT_RTPRIO     14
#define RLIMIT_RTTIME     15
#define RLIMIT_NLIMITS    16
#define RLIM_NLIMITS      RLIMIT_NLIMITS

/* "No limit" in prlimit64, and in the 32-bit calls. */
#define __CAIRN_RLIM64_INFINITY (~0ULL)
#define __CAIRN_RLIM32_INFINITY 0xffffffffu

/* ugetrlimit and setrlimit. */
struct __cairn_rlimit32 {
    __cairn_u32 rlim_cur;
    __cairn_u32 rlim_max;
};

/* prlimit64, which the libc uses for all three. */
struct __cairn_rlimit64 {
    __cairn_u64 rlim_cur;
    __cairn_u64 rlim_max;
};

/* getrusage and wait4. */
struct __cairn_rusage {
    struct __cairn_timeval32 ru_utime;
    struct __cairn_timeval32 ru_stime;
    __cairn_s32 ru_maxrss; /* KiB */
    __cairn_s32 ru_ixrss;
    __cairn_s32 ru_idrss;
    __cairn_s32 ru_isrss;
    __cairn_s32 ru_minflt;
    __cairn_s32 ru_majflt;
    __cairn_s32 ru_nswap;
    __cairn_s32 ru_inblock;
    __cairn_s32 ru_oublock;
    __cairn_s32 ru_msgsnd;
    __cairn_s32 ru_msgrcv;
    __cairn_s32 ru_nsignals;
    __cairn_s32 ru_nvcsw;
    __cairn_s32 ru_nivcsw;
};

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD   1

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2
#define PRIO_MIN     (-20)
#define PRIO_MAX     20

#endif
