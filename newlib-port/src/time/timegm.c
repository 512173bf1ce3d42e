/*
 * timegm: mktime for UTC; timelocal: mktime.
 *
 * Days are counted from 1 March of year 0, so that a leap day is a year's last
 * (proleptic Gregorian calendar: 146,097 days in 400 years).
 * Error: EOVERFLOW, if the year does not fit struct tm.
 */
#include "../call.h"
#include <limits.h>
#include <time.h>

#define DAYS_TO_1970 719468

static long long days_before(long long year, int month)
{
    long long era;
    long long of_era;

    /* March is month 0 of a year that ends with February. */
    if (month < 2)
        year--;
    era = (year >= 0 ? year : year - 399) / 400;
    of_era = year - era * 400;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * ((month + 10) % 12) + 2) / 5 - DAYS_TO_1970;
}

time_t timegm(struct tm *tm)
{
    long long year = (long long)tm->tm_year + 1900 + tm->tm_mon / 12;
    int month = tm->tm_mon % 12;
    struct tm normal;
    time_t result;

    if (month < 0) {
        month += 12;
        year--;
    }
    result = (days_before(year, month) + tm->tm_mday - 1) * 86400 +
             tm->tm_hour * 3600LL + tm->tm_min * 60LL + tm->tm_sec;
    year = year < 0 ? -year : year;
    if (year > INT_MAX || gmtime_r(&result, &normal) == NULL) {
        errno = EOVERFLOW;
        return (time_t)-1;
    }
    *tm = normal;
    return result;
}

time_t timelocal(struct tm *tm)
{
    return mktime(tm);
}
