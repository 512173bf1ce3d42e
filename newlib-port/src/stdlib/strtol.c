/*
 * strtol, strtoul: an integer of 32 bits from text.
 *
 * A value that does not fit becomes the nearest that does (ERANGE); without a
 * digit, 0 with *end at the text's start, and EINVAL only for a bad base.
 */
#define _GNU_SOURCE
#include "../call.h"
#include "integer.h"
#include <limits.h>
#include <stdlib.h>

/* The value without its sign; *overflow if it is beyond ULONG_MAX. */
static unsigned long magnitude(const char **text, int base, int *overflow)
{
    unsigned long limit = ULONG_MAX / (unsigned)base;
    unsigned long value = 0;
    int digit;

    *overflow = 0;
    while ((digit = __cairn_digit_value(**text)) < base) {
        if (value > limit ||
            value * (unsigned)base > ULONG_MAX - (unsigned)digit)
            *overflow = 1;
        value = value * (unsigned)base + (unsigned)digit;
        (*text)++;
    }
    return value;
}

static unsigned long parse(struct _reent *reent, const char *text, char **end,
                           int base, int *negative, int *overflow)
{
    const char *digits = __cairn_integer_start(text, &base, negative);
    unsigned long value = 0;

    *overflow = 0;
    if (digits != NULL)
        value = magnitude(&digits, base, overflow);
    else if (base < 0 || base == 1 || base > 36)
        reent->_errno = EINVAL;
    if (end != NULL)
        *end = (char *)(digits != NULL ? digits : text);
    return value;
}

long _strtol_r(struct _reent *reent, const char *restrict text,
               char **restrict end, int base)
{
    int negative, overflow;
    unsigned long value = parse(reent, text, end, base, &negative, &overflow);
    unsigned long limit = (unsigned long)LONG_MAX + (unsigned)negative;

    if (overflow || value > limit) {
        reent->_errno = ERANGE;
        return negative ? LONG_MIN : LONG_MAX;
    }
    return (long)(negative ? -value : value);
}

unsigned long _strtoul_r(struct _reent *reent, const char *restrict text,
                         char **restrict end, int base)
{
    int negative, overflow;
    unsigned long value = parse(reent, text, end, base, &negative, &overflow);

    if (overflow) {
        reent->_errno = ERANGE;
        return ULONG_MAX;
    }
    return negative ? -value : value;
}

long strtol(const char *restrict text, char **restrict end, int base)
{
    return _strtol_r(_REENT, text, end, base);
}

unsigned long strtoul(const char *restrict text, char **restrict end, int base)
{
    return _strtoul_r(_REENT, text, end, base);
}

/* Integers are written alike in every locale. */
long strtol_l(const char *restrict text, char **restrict end, int base,
              locale_t locale)
{
    (void)locale;
    return strtol(text, end, base);
}

unsigned long strtoul_l(const char *restrict text, char **restrict end,
                        int base, locale_t locale)
{
    (void)locale;
    return strtoul(text, end, base);
}
