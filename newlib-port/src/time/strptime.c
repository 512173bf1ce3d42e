/*
 * strptime.c - a time from text, by a format like strftime's.
 *
 * Fields that the text has are set and no others, but for those of the date that
 * follow from them: the year from a century and a year of it, the month and day
 * from a year and its day, the days of the week and year from a whole date.
 * The names are those of the C locale. %E and %O change nothing; %U, %W, %V, %G,
 * %g are read and forgotten.
 *
 * Returns the text after what matched, or NULL.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct fields {
    struct tm *tm;
    int century;    /* of %C, or -1 */
    int short_year; /* of %y, or -1 */
    int is_pm;      /* of %p, or -1 */
    int has_12;     /* %I */
    int has_year, has_month, has_day, has_yday, has_wday;
};

static const char *parse(const char *, const char *, struct fields *);

/* Read a number of at most `width` digits from low to high; NULL if none. */
static const char *number(const char *text, int width, int low, int high,
                          int *result)
{
    int value = 0;
    int length = 0;

    while (isspace((unsigned char)*text))
        text++;
    for (; length < width && isdigit((unsigned char)text[length]); length++)
        value = value * 10 + (text[length] - '0');
    if (length == 0 || value < low || value > high)
        return NULL;
    *result = value;
    return text + length;
}

/* Read one of `count` names, long or short; the longer one where both fit. */
static const char *name(const char *text, nl_item longs, nl_item shorts,
                        int count, int *result)
{
    for (int is_short = 0; is_short < 2; is_short++) {
        for (int i = 0; i < count; i++) {
            const char *word = nl_langinfo((is_short ? shorts : longs) + i);
            size_t length = strlen(word);

            if (strncasecmp(text, word, length) == 0) {
                *result = i;
                return text + length;
            }
        }
    }
    return NULL;
}

/* A year with an optional sign, up to `width` digits. */
static const char *year(const char *text, int width, struct fields *f)
{
    int sign = *text == '-' ? -1 : 1;
    int value;

    text = number(text + (*text == '-' || *text == '+'), width, 0, INT_MAX,
                  &value);
    if (text == NULL)
        return NULL;
    f->tm->tm_year = sign * value - 1900;
    f->century = f->short_year = -1;
    f->has_year = 1;
    return text;
}

/* "Z", or "+hh", "+hhmm", "+hh:mm" east of Greenwich. */
static const char *zone(const char *text, struct tm *tm)
{
    int sign = *text == '-' ? -1 : 1;
    int hours;
    int minutes = 0;

    if (*text == 'Z') {
        tm->tm_gmtoff = 0;
        return text + 1;
    }
    if (*text != '+' && *text != '-')
        return NULL;
    if (!isdigit((unsigned char)text[1]) || !isdigit((unsigned char)text[2]))
        return NULL;
    hours = (text[1] - '0') * 10 + (text[2] - '0');
    text += 3;
    if (*text == ':' && isdigit((unsigned char)text[1]))
        text++;
    if (isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[1])) {
        minutes = (text[0] - '0') * 10 + (text[1] - '0');
        text += 2;
    }
    if (hours > 24 || minutes > 59)
        return NULL;
    tm->tm_gmtoff = sign * (hours * 3600L + minutes * 60L);
    return text;
}

static const char *seconds(const char *text, struct fields *f)
{
    char *end;
    time_t when = (time_t)strtoll(text, &end, 10);

    if (end == text || localtime_r(&when, f->tm) == NULL)
        return NULL;
    f->century = f->short_year = f->is_pm = -1;
    return end;
}

static const char *half(const char *text, struct fields *f)
{
    return name(text, AM_STR, AM_STR, 2, &f->is_pm);
}

static const char *date_field(const char *text, char c, int width,
                              struct fields *f)
{
    struct tm *tm = f->tm;

    switch (c) {
    case 'a':
    case 'A':
        f->has_wday = 1;
        return name(text, DAY_1, ABDAY_1, 7, &tm->tm_wday);
    case 'b':
    case 'B':
    case 'h':
        f->has_month = 1;
        return name(text, MON_1, ABMON_1, 12, &tm->tm_mon);
    case 'C':
        f->has_year = 1;
        return number(text, width ? width : 2, 0, 9999, &f->century);
    case 'd':
    case 'e':
        f->has_day = 1;
        return number(text, 2, 1, 31, &tm->tm_mday);
    case 'j':
        f->has_yday = 1;
        text = number(text, 3, 1, 366, &tm->tm_yday);
        tm->tm_yday--;
        return text;
    case 'm':
        f->has_month = 1;
        text = number(text, 2, 1, 12, &tm->tm_mon);
        tm->tm_mon--;
        return text;
    case 'u':
        f->has_wday = 1;
        text = number(text, 1, 1, 7, &tm->tm_wday);
        tm->tm_wday %= 7;
        return text;
    case 'w':
        f->has_wday = 1;
        return number(text, 1, 0, 6, &tm->tm_wday);
    case 'y':
        f->has_year = 1;
        return number(text, 2, 0, 99, &f->short_year);
    case 'Y':
        return year(text, width ? width : 4, f);
    default:
        return NULL;
    }
}

static const char *time_field(const char *text, char c, struct fields *f)
{
    struct tm *tm = f->tm;
    int ignored;

    switch (c) {
    case 'H':
    case 'k':
        f->has_12 = 0;
        return number(text, 2, 0, 23, &tm->tm_hour);
    case 'I':
    case 'l':
        f->has_12 = 1;
        return number(text, 2, 1, 12, &tm->tm_hour);
    case 'M':
        return number(text, 2, 0, 59, &tm->tm_min);
    case 'S':
        return number(text, 2, 0, 60, &tm->tm_sec);
    case 'p':
    case 'P':
        return half(text, f);
    case 's':
        return seconds(text, f);
    case 'z':
        while (isspace((unsigned char)*text))
            text++;
        return zone(text, tm);
    case 'Z':
        while (isalpha((unsigned char)*text))
            text++;
        return text;
    case 'g':
    case 'U':
    case 'V':
    case 'W':
        return number(text, 2, 0, 99, &ignored);
    case 'G':
        return number(text, 4, 0, 9999, &ignored);
    default:
        return NULL;
    }
}

/* Formats that are written as others. */
static const char *composed(char c)
{
    switch (c) {
    case 'c':
        return nl_langinfo(D_T_FMT);
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'r':
        return "%I:%M:%S %p";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    case '+':
        return "%a %b %e %H:%M:%S %Z %Y";
    default:
        return NULL;
    }
}

static const char *directive(const char *text, const char **format,
                             struct fields *f)
{
    const char *at = *format;
    const char *whole;
    const char *rest;
    int width = 0;

    while (*at != '\0' && strchr("_-0^#+", *at) != NULL &&
           !(*at == '+' && at[1] == '\0'))
        at++;
    while (isdigit((unsigned char)*at) && width < 1000)
        width = width * 10 + (*at++ - '0');
    if (*at == 'E' || *at == 'O')
        at++;
    if (*at == '\0')
        return NULL;
    *format = at + 1;
    if (*at == '%')
        return *text == '%' ? text + 1 : NULL;
    if (*at == 'n' || *at == 't') {
        while (isspace((unsigned char)*text))
            text++;
        return text;
    }
    whole = composed(*at);
    if (whole != NULL)
        return parse(text, whole, f);
    rest = date_field(text, *at, width > 9 ? 9 : width, f);
    return rest != NULL ? rest : time_field(text, *at, f);
}

static const char *parse(const char *text, const char *format, struct fields *f)
{
    while (*format != '\0' && text != NULL) {
        if (isspace((unsigned char)*format)) {
            while (isspace((unsigned char)*text))
                text++;
            format++;
        } else if (*format == '%') {
            format++;
            text = directive(text, &format, f);
        } else if (*text++ != *format++) {
            return NULL;
        }
    }
    return text;
}

static int is_leap(int tm_year)
{
    long long y = tm_year + 1900LL;

    return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

/* Days of a year before its month. */
static int days_before(int month, int leap)
{
    static const short days[] = {0,   31,  59,  90,  120, 151,
                                 181, 212, 243, 273, 304, 334};

    return days[month] + (leap && month > 1);
}

/* Set the day of the week of a date by the calendar's rule. */
static void set_weekday(struct tm *tm)
{
    long long y = tm->tm_year + 1899LL; /* whole years before it */
    long long leaps =
        (y >= 0 ? y / 4 - y / 100 + y / 400
                : -((-y + 3) / 4) + (-y + 99) / 100 - (-y + 399) / 400);
    long long days = y + leaps + tm->tm_yday + 1;

    tm->tm_wday = (int)((days % 7 + 7) % 7);
}

/* Derive what follows from the fields that the text had. */
static void complete(struct fields *f)
{
    struct tm *tm = f->tm;
    int leap;

    if (f->has_12)
        tm->tm_hour = tm->tm_hour % 12 + (f->is_pm > 0 ? 12 : 0);
    else if (f->is_pm >= 0)
        tm->tm_hour = tm->tm_hour % 12 + (f->is_pm ? 12 : 0);
    if (f->short_year >= 0 && f->century < 0)
        tm->tm_year = f->short_year + (f->short_year < 69 ? 100 : 0);
    else if (f->century >= 0)
        tm->tm_year =
            f->century * 100 - 1900 + (f->short_year >= 0 ? f->short_year : 0);
    if (!f->has_year)
        return;
    leap = is_leap(tm->tm_year);
    if (f->has_yday && !f->has_month && !f->has_day) {
        tm->tm_mon = 11;
        while (tm->tm_mon > 0 && days_before(tm->tm_mon, leap) > tm->tm_yday)
            tm->tm_mon--;
        tm->tm_mday = tm->tm_yday - days_before(tm->tm_mon, leap) + 1;
    } else if (f->has_month && f->has_day) {
        tm->tm_yday = days_before(tm->tm_mon, leap) + tm->tm_mday - 1;
    } else {
        return;
    }
    if (!f->has_wday)
        set_weekday(tm);
}

char *strptime(const char *restrict text, const char *restrict format,
               struct tm *restrict tm)
{
    struct fields f = {.tm = tm, .century = -1, .short_year = -1, .is_pm = -1};

    text = parse(text, format, &f);
    if (text != NULL)
        complete(&f);
    return (char *)text;
}

char *strptime_l(const char *restrict text, const char *restrict format,
                 struct tm *restrict tm, locale_t locale)
{
    (void)locale;
    return strptime(text, format, tm);
}
