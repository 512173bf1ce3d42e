/*
 * Dates and clocks: conversions both ways over a wide range, formats, time
 * zones by TZ, and that clocks go forward.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static void test_gmtime(void)
{
    time_t t = 951782400; /* 29 February 2000 */
    struct tm tm;
    int bad = 0;

    EQUAL(sizeof(time_t), 8);
    CHECK(gmtime_r(&t, &tm) == &tm);
    CHECK(tm.tm_year == 100 && tm.tm_mon == 1 && tm.tm_mday == 29);
    CHECK(tm.tm_wday == 2 && tm.tm_yday == 59 && tm.tm_hour == 0);
    t = 4102444800LL + 86399; /* beyond 2038: 1 January 2100 */
    gmtime_r(&t, &tm);
    CHECK(tm.tm_year == 200 && tm.tm_mday == 1 && tm.tm_sec == 59);
    t = -1;
    gmtime_r(&t, &tm);
    CHECK(tm.tm_year == 69 && tm.tm_mon == 11 && tm.tm_mday == 31);
    for (t = -70000000000LL; t < 70000000000LL; t += 1234567891) {
        gmtime_r(&t, &tm);
        bad += timegm(&tm) != t;
    }
    EQUAL(bad, 0);
}

static void test_mktime(void)
{
    struct tm tm = {.tm_year = 126, .tm_mon = 12, .tm_mday = 32};
    time_t t;

    setenv("TZ", "UTC0", 1);
    tzset();
    t = mktime(&tm);
    /* Month 13 and day 32 become 1 February of the next year. */
    CHECK(tm.tm_year == 127 && tm.tm_mon == 1 && tm.tm_mday == 1);
    EQUAL(tm.tm_wday, 1);
    EQUAL(t, 1801440000);
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    t = 1782864000; /* 1 July 2026, 00:00 UTC */
    localtime_r(&t, &tm);
    CHECK(tm.tm_hour == 2 && tm.tm_isdst == 1);
    CHECK(mktime(&tm) == t);
    t = 1767225600; /* 1 January 2026 */
    localtime_r(&t, &tm);
    CHECK(tm.tm_hour == 1 && tm.tm_isdst == 0);
    CHECK(strcmp(tzname[0], "CET") == 0 && strcmp(tzname[1], "CEST") == 0);
    EQUAL(timezone, -3600);
    setenv("TZ", "UTC0", 1);
    tzset();
}

static void test_formats(void)
{
    time_t t = 1234567890;
    struct tm tm;
    char text[100];

    gmtime_r(&t, &tm);
    EQUAL(strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %j %a %b %y %%", &tm),
          36);
    CHECK(strcmp(text, "2009-02-13 23:31:30 044 Fri Feb 09 %") == 0);
    strftime(text, sizeof(text), "%F %T %e %I %p %u %w %G-W%V %s", &tm);
    CHECK(strcmp(text,
                 "2009-02-13 23:31:30 13 11 PM 5 5 2009-W07 1234567890") == 0);
    EQUAL(strftime(text, 5, "%Y-%m", &tm), 0);
    CHECK(strcmp(asctime(&tm), "Fri Feb 13 23:31:30 2009\n") == 0);
    memset(&tm, 0, sizeof(tm));
    CHECK(*strptime("2009-02-13 23:31:30", "%Y-%m-%d %T", &tm) == '\0');
    EQUAL(timegm(&tm), t);
    CHECK(difftime(t + 5, t) == 5);
}

static void test_clocks(void)
{
    struct timespec a, b, pause = {.tv_nsec = 20000000};
    struct timeval tv;
    struct tms used;
    clock_t before = clock();
    volatile unsigned work = 0;

    EQUAL(clock_gettime(CLOCK_MONOTONIC, &a), 0);
    EQUAL(nanosleep(&pause, NULL), 0);
    EQUAL(clock_gettime(CLOCK_MONOTONIC, &b), 0);
    CHECK((b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec >=
          20000000);
    EQUAL(clock_getres(CLOCK_MONOTONIC, &b), 0);
    FAILS(clock_gettime(999, &a), EINVAL);
    EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &a, NULL), 0);
    EQUAL(clock_nanosleep(999, 0, &pause, NULL), EINVAL);
    pause.tv_nsec = 1000000000;
    FAILS(nanosleep(&pause, NULL), EINVAL);
    EQUAL(gettimeofday(&tv, NULL), 0);
    CHECK(time(NULL) - tv.tv_sec <= 1 && tv.tv_usec < 1000000);
    EQUAL(timespec_get(&a, TIME_UTC), TIME_UTC);
    for (int i = 0; i < 20000000; i++)
        work += (unsigned)i;
    CHECK(clock() > before);
    CHECK(times(&used) != (clock_t)-1);
    EQUAL(CLOCKS_PER_SEC, 1000000);
    EQUAL(sysconf(_SC_CLK_TCK), 100);
}

int main(void)
{
    test_gmtime();
    test_mktime();
    test_formats();
    test_clocks();
    return tap_done();
}
