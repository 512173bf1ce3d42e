/*
 * nl_langinfo: the texts of the C locale, which C.UTF-8 shares; only the name of
 * the character set differs.  An unknown item is an empty text.
 */
#define _GNU_SOURCE
#include <langinfo.h>
#include <locale.h>

#include "locale_impl.h"

static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const short_days[] = {"Sun", "Mon", "Tue", "Wed",
                                         "Thu", "Fri", "Sat"};
static const char *const months[] = {"January", "February", "March",
                                     "April",   "May",      "June",
                                     "July",    "August",   "September",
                                     "October", "November", "December"};
static const char *const short_months[] = {"Jan", "Feb", "Mar", "Apr",
                                           "May", "Jun", "Jul", "Aug",
                                           "Sep", "Oct", "Nov", "Dec"};

static const char *name(nl_item item)
{
    if (item >= DAY_1 && item <= DAY_7)
        return days[item - DAY_1];
    if (item >= ABDAY_1 && item <= ABDAY_7)
        return short_days[item - ABDAY_1];
    if (item >= MON_1 && item <= MON_12)
        return months[item - MON_1];
    if (item >= ABMON_1 && item <= ABMON_12)
        return short_months[item - ABMON_1];
    return "";
}

char *nl_langinfo_l(nl_item item, locale_t locale)
{
    if (item > NL_LOCALE_NAME(LC_ALL) && item <= NL_LOCALE_NAME(LC_MESSAGES))
        return (char *)getlocalename_l(item - NL_LOCALE_NAME(LC_ALL), locale);
    switch (item) {
    case CODESET:
        return __cairn_locale_is_utf8(locale) ? "UTF-8" : "ANSI_X3.4-1968";
    case D_T_FMT:
        return "%a %b %e %H:%M:%S %Y";
    case D_FMT:
        return "%m/%d/%y";
    case T_FMT:
        return "%H:%M:%S";
    case T_FMT_AMPM:
        return "%I:%M:%S %p";
    case _DATE_FMT:
        return "%a %b %e %H:%M:%S %Z %Y";
    case AM_STR:
        return "AM";
    case PM_STR:
        return "PM";
    case RADIXCHAR:
        return ".";
    case CRNCYSTR:
        return "-";
    case YESEXPR:
        return "^[yY]";
    case NOEXPR:
        return "^[nN]";
    default:
        return (char *)name(item);
    }
}

char *nl_langinfo(nl_item item)
{
    return nl_langinfo_l(item, __cairn_thread_locale);
}
