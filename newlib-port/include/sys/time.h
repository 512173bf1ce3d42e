/*
 * Times in microseconds.
 */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_

#include <_ansi.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_timeval.h>
#include <sys/timespec.h>
#include <sys/select.h>
#include <cairn/time.h>

struct timezone {
    int tz_minuteswest;
    int tz_dsttime;
};

struct itimerval {
    struct timeval it_interval;
    struct timeval it_value;
};

#if __BSD_VISIBLE
#    define timerclear(t) ((void)((t)->tv_sec = (t)->tv_usec = 0))
#    define timerisset(t) ((t)->tv_sec != 0 || (t)->tv_usec != 0)
#    define timercmp(a, b, cmp)                                    \
        ((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec cmp(b)->tv_usec \
                                    : (a)->tv_sec cmp(b)->tv_sec)
#    define timeradd(a, b, sum)                           \
        do {                                              \
            (sum)->tv_sec = (a)->tv_sec + (b)->tv_sec;    \
            (sum)->tv_usec = (a)->tv_usec + (b)->tv_usec; \
            if ((sum)->tv_usec >= 1000000) {              \
                (sum)->tv_sec++;                          \
                (sum)->tv_usec -= 1000000;                \
            }                                             \
        } while (0)
#    define timersub(a, b, diff)                           \
        do {                                               \
            (diff)->tv_sec = (a)->tv_sec - (b)->tv_sec;    \
            (diff)->tv_usec = (a)->tv_usec - (b)->tv_usec; \
            if ((diff)->tv_usec < 0) {                     \
                (diff)->tv_sec--;                          \
                (diff)->tv_usec += 1000000;                \
            }                                              \
        } while (0)
#endif

#include <time.h>

__BEGIN_DECLS

int getitimer(int, struct itimerval *);
int gettimeofday(struct timeval *__restrict, void *__restrict);
int setitimer(int, const struct itimerval *__restrict,
              struct itimerval *__restrict);
int utimes(const char *, const struct timeval[2]);
#if __MISC_VISIBLE
int futimes(int, const struct timeval[2]);
int lutimes(const char *, const struct timeval[2]);
int settimeofday(const struct timeval *, const struct timezone *);
#endif
#if __GNU_VISIBLE
int futimesat(int, const char *, const struct timeval[2]);
#endif

__END_DECLS

#endif
