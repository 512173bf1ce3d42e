/*
 * Date and time.
 */
#ifndef _TIME_H_
#define _TIME_H_

#include "_ansi.h"
#include <sys/cdefs.h>
#include <sys/reent.h>
#define __need_size_t
#define __need_NULL
#include <stddef.h>
#include <machine/time.h>
#include <sys/types.h>
#include <sys/timespec.h>
#if __POSIX_VISIBLE >= 200809
#    include <sys/_locale.h>
#endif
#if __POSIX_VISIBLE
#    include <cairn/time.h>
#endif

#define CLOCKS_PER_SEC _CLOCKS_PER_SEC_
#if __ISO_C_VISIBLE >= 2011
#    define TIME_UTC 1
#endif

__BEGIN_DECLS

/* newlib's own functions know the last two members by these. */
#define __TM_GMTOFF tm_gmtoff
#define __TM_ZONE   tm_zone

struct tm {
    int tm_sec;
    int tm_min;
    int tm_hour;
    int tm_mday;
    int tm_mon;
    int tm_year;
    int tm_wday;
    int tm_yday;
    int tm_isdst;
    long tm_gmtoff;      /* seconds east of UTC */
    const char *tm_zone; /* the zone's name */
};

clock_t clock(void);
double difftime(time_t, time_t);
time_t mktime(struct tm *);
time_t time(time_t *);
char *asctime(const struct tm *);
char *ctime(const time_t *);
struct tm *gmtime(const time_t *);
struct tm *localtime(const time_t *);
size_t strftime(char *__restrict, size_t, const char *__restrict,
                const struct tm *__restrict);
#if __ISO_C_VISIBLE >= 2011
int timespec_get(struct timespec *, int);
#endif
#if __ISO_C_VISIBLE >= 2020
int timespec_getres(struct timespec *, int);
#endif

#if __POSIX_VISIBLE
char *asctime_r(const struct tm *__restrict, char *__restrict);
char *ctime_r(const time_t *, char *);
struct tm *gmtime_r(const time_t *__restrict, struct tm *__restrict);
struct tm *localtime_r(const time_t *__restrict, struct tm *__restrict);
void tzset(void);
#endif
void _tzset_r(struct _reent *);

#if __POSIX_VISIBLE >= 200809
size_t strftime_l(char *__restrict, size_t, const char *__restrict,
                  const struct tm *__restrict, locale_t);
#endif
#if __XSI_VISIBLE || __MISC_VISIBLE
extern int getdate_err;
struct tm *getdate(const char *);
char *strptime(const char *__restrict, const char *__restrict,
               struct tm *__restrict);
#endif
#if __GNU_VISIBLE
char *strptime_l(const char *__restrict, const char *__restrict,
                 struct tm *__restrict, locale_t);
#endif
#if __MISC_VISIBLE
time_t timegm(struct tm *);
time_t timelocal(struct tm *);
int stime(const time_t *);
#endif

/*
 * newlib's own time zone rules, which its strftime and mktime share; newlib 4
 * has them in a header, which its sources include after this one.
 */
#ifndef _SYS__TZ_STRUCTS_H_
#    define _SYS__TZ_STRUCTS_H_
typedef struct __tzrule_struct {
    char ch;
    int m;
    int n;
    int d;
    int s;
    time_t change;
    long offset;
} __tzrule_type;

typedef struct __tzinfo_struct {
    int __tznorth;
    int __tzyear;
    __tzrule_type __tzrule[2];
} __tzinfo_type;

__tzinfo_type *__gettzinfo(void);
#endif

#if __SVID_VISIBLE || __XSI_VISIBLE
extern long _timezone;
extern int _daylight;
extern long timezone __asm__("_timezone");
extern int daylight __asm__("_daylight");
#endif
extern char *_tzname[2];
#if __POSIX_VISIBLE
extern char *tzname[2] __asm__("_tzname");
#endif

#if __POSIX_VISIBLE >= 199309
#    define CLOCK_REALTIME __CAIRN_CLOCK_REALTIME
#endif
#if __POSIX_VISIBLE >= 199309
#    define CLOCK_MONOTONIC          __CAIRN_CLOCK_MONOTONIC
#    define CLOCK_PROCESS_CPUTIME_ID __CAIRN_CLOCK_PROCESS_CPUTIME_ID
#    define CLOCK_THREAD_CPUTIME_ID  __CAIRN_CLOCK_THREAD_CPUTIME_ID
#    define CLOCK_MONOTONIC_RAW      __CAIRN_CLOCK_MONOTONIC_RAW
#    define CLOCK_REALTIME_COARSE    __CAIRN_CLOCK_REALTIME_COARSE
#    define CLOCK_MONOTONIC_COARSE   __CAIRN_CLOCK_MONOTONIC_COARSE
#    define CLOCK_BOOTTIME           __CAIRN_CLOCK_BOOTTIME
#    define TIMER_ABSTIME            __CAIRN_TIMER_ABSTIME

int clock_getcpuclockid(pid_t, clockid_t *);
int clock_getres(clockid_t, struct timespec *);
int clock_gettime(clockid_t, struct timespec *);
int clock_nanosleep(clockid_t, int, const struct timespec *, struct timespec *);
int clock_settime(clockid_t, const struct timespec *);
int nanosleep(const struct timespec *, struct timespec *);

struct sigevent;
int timer_create(clockid_t, struct sigevent *__restrict, timer_t *__restrict);
int timer_delete(timer_t);
int timer_getoverrun(timer_t);
int timer_gettime(timer_t, struct itimerspec *);
int timer_settime(timer_t, int, const struct itimerspec *__restrict,
                  struct itimerspec *__restrict);
#endif

__END_DECLS

#endif
