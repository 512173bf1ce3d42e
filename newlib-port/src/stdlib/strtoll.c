/*
 * strtoll, strtoull, strtoimax, strtoumax: an integer of 64 bits from text.
 *
 * As strtol in strtol.c, with other limits.
 */
#define _GNU_SOURCE
#include "../call.h"
#include "integer.h"
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

/* The value without its sign; *overflow if it is beyond ULLONG_MAX. */
static unsigned long long magnitude(const char **text, int base, int *overflow)
{
    unsigned long long limit = ULLONG_MAX / (unsigned)base;
    unsigned long long value = 0;
    int digit;

    *overflow = 0;
    while ((digit = __cairn_digit_value(**text)) < base) {
        if (value > limit ||
            value * (unsigned)base > ULLONG_MAX - (unsigned)digit)
            *overflow = 1;
        value = value * (unsigned)base + (unsigned)digit;
        (*text)++;
    }
    return value;
}

static unsigned long long parse(struct _reent *reent, const char *text,
                                char **end, int base, int *negative,
                                int *overflow)
{
    const char *digits = __cairn_integer_start(text, &base, negative);
    unsigned long long value = 0;

    *overflow = 0;
    if (digits != NULL)
        value = magnitude(&digits, base, overflow);
    else if (base < 0 || base == 1 || base > 36)
        reent->_errno = EINVAL;
    if (end != NULL)
        *end = (char *)(digits != NULL ? digits : text);
    return value;
}

long long _strtoll_r(struct _reent *reent, const char *restrict text,
                     char **restrict end, int base)
{
    int negative, overflow;
    unsigned long long value =
        parse(reent, text, end, base, &negative, &overflow);
    unsigned long long limit =
        (unsigned long long)LLONG_MAX + (unsigned)negative;

    if (overflow || value > limit) {
        reent->_errno = ERANGE;
        return negative ? LLONG_MIN : LLONG_MAX;
    }
    return (long long)(negative ? -value : value);
}

unsigned long long _strtoull_r(struct _reent *reent, const char *restrict text,
                               char **restrict end, int base)
{
    int negative, overflow;
    unsigned long long value =
        parse(reent, text, end, base, &negative, &overflow);

    if (overflow) {
        reent->_errno = ERANGE;
        return ULLONG_MAX;
    }
    return negative ? -value : value;
}

long long strtoll(const char *restrict text, char **restrict end, int base)
{
    return _strtoll_r(_REENT, text, end, base);
}

unsigned long long strtoull(const char *restrict text, char **restrict end,
                            int base)
{
    return _strtoull_r(_REENT, text, end, base);
}

intmax_t strtoimax(const char *restrict text, char **restrict end, int base)
{
    return _strtoll_r(_REENT, text, end, base);
}

uintmax_t strtoumax(const char *restrict text, char **restrict end, int base)
{
    return _strtoull_r(_REENT, text, end, base);
}

/* Integers are written alike in every locale. */
long long strtoll_l(const char *restrict text, char **restrict end, int base,
                    locale_t locale)
{
    (void)locale;
    return strtoll(text, end, base);
}

unsigned long long strtoull_l(const char *restrict text, char **restrict end,
                              int base, locale_t locale)
{
    (void)locale;
    return strtoull(text, end, base);
}
