/*
 * Numbers from text and the text of errors in a given locale.  All locales write
 * them alike.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NUMBER(type, name, char_type)                                       \
    type name##_l(const char_type *restrict text, char_type **restrict end, \
                  locale_t locale)                                          \
    {                                                                       \
        (void)locale;                                                       \
        return name(text, end);                                             \
    }
#define INTEGER(type, name, char_type)                                      \
    type name##_l(const char_type *restrict text, char_type **restrict end, \
                  int base, locale_t locale)                                \
    {                                                                       \
        (void)locale;                                                       \
        return name(text, end, base);                                       \
    }

NUMBER(float, strtof, char)
NUMBER(double, strtod, char)
NUMBER(long double, strtold, char)
INTEGER(long, strtol, char)
INTEGER(unsigned long, strtoul, char)
INTEGER(long long, strtoll, char)
INTEGER(unsigned long long, strtoull, char)
INTEGER(intmax_t, strtoimax, char)
INTEGER(uintmax_t, strtoumax, char)

NUMBER(float, wcstof, wchar_t)
NUMBER(double, wcstod, wchar_t)
NUMBER(long double, wcstold, wchar_t)
INTEGER(long, wcstol, wchar_t)
INTEGER(unsigned long, wcstoul, wchar_t)
INTEGER(long long, wcstoll, wchar_t)
INTEGER(unsigned long long, wcstoull, wchar_t)
INTEGER(intmax_t, wcstoimax, wchar_t)
INTEGER(uintmax_t, wcstoumax, wchar_t)
