/*
 * struct timespec: 16 bytes with its padding, as the 64-bit time calls take it.
 */
#ifndef _SYS__TIMESPEC_H_
#define _SYS__TIMESPEC_H_

#include <sys/_types.h>

#if !defined(__time_t_defined) && !defined(_TIME_T_DECLARED)
typedef _TIME_T_ time_t;
#    define __time_t_defined
#    define _TIME_T_DECLARED
#endif

struct timespec {
    time_t tv_sec;
    long tv_nsec;
    int : 32;
};

#endif
