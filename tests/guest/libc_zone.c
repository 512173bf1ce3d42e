/*
 * Time zones: every form of TZ, years beyond 32 bits, what struct tm says of
 * the zone, and mktime where hours are missing or come twice.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"

static int is(const char *got, const char *wanted)
{
    if (strcmp(got, wanted) == 0)
        return 1;
    printf("# \"%s\", not \"%s\"\n", got, wanted);
    return 0;
}

/* The local time of t in a zone. */
static const char *local(const char *zone, time_t t)
{
    static char text[128];
    struct tm tm;

    if (zone == NULL)
        unsetenv("TZ");
    else
        setenv("TZ", zone, 1);
    tzset();
    localtime_r(&t, &tm);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z %z", &tm);
    return text;
}

#define WINTER 1700000000 /* 2023-11-14 22:13:20 */
#define SUMMER 1690000000 /* 2023-07-22 04:26:40 */
#define CET    "CET-1CEST,M3.5.0,M10.5.0/3"

static void test_forms(void)
{
    CHECK(is(local(CET, WINTER), "2023-11-14 23:13:20 CET +0100"));
    CHECK(is(local("", WINTER), "2023-11-14 22:13:20 UTC +0000"));
    CHECK(is(local(CET, SUMMER), "2023-07-22 06:26:40 CEST +0200"));
    CHECK(is(local("UTC", SUMMER), "2023-07-22 04:26:40 UTC +0000"));
    CHECK(is(local(CET, 2287821600), "2042-07-01 12:00:00 CEST +0200"));
    CHECK(is(local(":UTC", SUMMER), "2023-07-22 04:26:40 UTC +0000"));
    CHECK(is(local("<+0530>-5:30", WINTER), "2023-11-15 03:43:20 +0530 +0530"));
    CHECK(is(local("<-03>3", WINTER), "2023-11-14 19:13:20 -03 -0300"));
    CHECK(is(local("EST5EDT", SUMMER), "2023-07-22 00:26:40 EDT -0400"));
    CHECK(is(local("EST5EDT", WINTER), "2023-11-14 17:13:20 EST -0500"));
    CHECK(is(local("NZST-12NZDT,M9.5.0,M4.1.0/3", WINTER),
             "2023-11-15 11:13:20 NZDT +1300"));
    CHECK(
        is(local("XXX4YYY,J60,J300", SUMMER), "2023-07-22 01:26:40 YYY -0300"));
    CHECK(is(local("ABC-5:45:30", WINTER), "2023-11-15 03:58:50 ABC +0545"));
    CHECK(is(local("IST-1GMT0,M10.5.0,M3.5.0/1", SUMMER),
             "2023-07-22 05:26:40 IST +0100"));
    CHECK(is(local("IST-1GMT0,M10.5.0,M3.5.0/1", WINTER),
             "2023-11-14 22:13:20 GMT +0000"));
}

static void test_ends(void)
{
    static const int64_t far[] = {-62135596801, 253402300800, 67768036191676799,
                                  -67768040609740800};
    struct tm tm;
    time_t t;

    CHECK(is(local(CET, -1), "1970-01-01 00:59:59 CET +0100"));
    CHECK(is(local(CET, -14000000), "1969-07-23 01:06:40 CEST +0200") ||
          is(local(CET, -14000000), "1969-07-23 00:06:40 CET +0100"));
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        t = far[i];
        CHECK(gmtime_r(&t, &tm) == &tm && timegm(&tm) == t);
    }
    t = (time_t)1 << 50;
    CHECK(gmtime_r(&t, &tm) == &tm);
    EQUAL(tm.tm_year, 35678417);
    t = (time_t)1 << 60;
    errno = 0;
    CHECK(gmtime_r(&t, &tm) == NULL && errno == EOVERFLOW);
    errno = 0;
    CHECK(localtime_r(&t, &tm) == NULL && errno == EOVERFLOW);
    t = INT64_MIN;
    CHECK(gmtime_r(&t, &tm) == NULL);
    t = 0;
    gmtime_r(&t, &tm);
    CHECK(tm.tm_gmtoff == 0 && tm.tm_zone != NULL && tm.tm_isdst == 0);
}

/* mktime of a local time, as text. */
static const char *made(int month, int day, int hour, int minute, int isdst)
{
    static char text[128];
    struct tm tm = {.tm_year = 123,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_isdst = isdst};
    long long t = mktime(&tm);
    int n = snprintf(text, sizeof(text), "%lld ", t);

    strftime(text + n, sizeof(text) - (size_t)n, "%m-%d %H:%M %Z", &tm);
    return text;
}

static void test_mktime(void)
{
    struct tm tm = {.tm_year = INT_MAX, .tm_mon = 11, .tm_mday = 31};

    setenv("TZ", CET, 1);
    CHECK(is(made(3, 26, 1, 30, -1), "1679790600 03-26 01:30 CET"));
    CHECK(is(made(3, 26, 3, 30, -1), "1679794200 03-26 03:30 CEST"));
    CHECK(is(made(10, 29, 1, 30, -1), "1698535800 10-29 01:30 CEST"));
    CHECK(is(made(10, 29, 3, 30, -1), "1698546600 10-29 03:30 CET"));
    CHECK(is(made(10, 29, 2, 30, 1), "1698539400 10-29 02:30 CEST"));
    CHECK(is(made(10, 29, 2, 30, 0), "1698543000 10-29 02:30 CET"));
    CHECK(is(made(7, 1, 12, 0, 0), "1688209200 07-01 13:00 CEST"));
    CHECK(is(made(13, 32, 25, 61, -1), "1706835660 02-02 02:01 CET"));
    /* The hour that is missing: an hour before or after, and a name to it. */
    CHECK(strstr(made(3, 26, 2, 30, -1), "03-26 03:30 CEST") != NULL ||
          strstr(made(3, 26, 2, 30, -1), "03-26 01:30 CET") != NULL);
    tm.tm_mon = INT_MAX;
    errno = 0;
    CHECK(mktime(&tm) == -1 && errno == EOVERFLOW);
}

static const char *format(const char *how, const struct tm *tm)
{
    static char text[128];

    strftime(text, sizeof(text), how, tm);
    return text;
}

static void test_strftime(void)
{
    time_t t = 0;
    struct tm tm = {.tm_year = -1900, .tm_mon = 0, .tm_mday = 1, .tm_wday = 6};
    struct tm utc;
    char text[8];

    setenv("TZ", "EST5", 1);
    tzset();
    gmtime_r(&t, &utc);
    CHECK(is(format("%z", &utc), "+0000"));
    CHECK(is(format("%s", &(struct tm){.tm_year = 70,
                                       .tm_mday = 1,
                                       .tm_gmtoff = -18000}),
             "18000"));
    CHECK(strcmp(format("%Y", &tm), "0") == 0 ||
          strcmp(format("%Y", &tm), "0000") == 0);
    tm.tm_year = 8100;
    CHECK(strstr(format("%Y", &tm), "10000") != NULL);
    tm.tm_year = -1901;
    CHECK(strstr(format("%Y", &tm), "-1") != NULL ||
          strstr(format("%Y", &tm), "-001") != NULL);
    tm.tm_hour = 1;
    tm.tm_year = 123;
    CHECK(
        is(format("%k|%l|%P|%I|%e|%C|%y|%j", &tm), " 1| 1|am|01| 1|20|23|001"));
    CHECK(is(format("%G-W%V-%u %U %W", &tm), "2022-W52-6 00 00"));
    CHECK(is(format("%F %T %D %R %n%t%%", &tm),
             "2023-01-01 01:00:00 01/01/23 01:00 \n\t%"));
    EQUAL(strftime(text, sizeof(text), "%Y-%m-%d", &tm), 0);
    EQUAL(strftime(text, sizeof(text), "%H:%M", &tm), 5);
}

int main(void)
{
    test_forms();
    test_ends();
    test_mktime();
    test_strftime();
    return tap_done();
}
