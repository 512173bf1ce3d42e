/*
 * strtod, strtof, strtold: numbers from text.
 *
 * Most texts are short: at most 19 digits m and an exponent e from -27 to 27.
 * m and 10^|e| are then exact in the 64 bits of a long double, and m * 10^e
 * takes one rounding.  That is the answer of strtold.  For a narrower type the
 * bits that will be cut off must not be within one unit of a tie: then the
 * exact product rounds the same way.  Everything else goes to the borrowed
 * scanner, which is exact for any length.
 *
 * Errors: ERANGE for a result that overflows or underflows (C17 7.22.1.3).
 */
#include "stdio_impl.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <stdint.h>
#include <stdlib.h>

#define hidden
#include "floatscan.h"
#include "shgetc.h"

#define MAX_DIGITS 19
#define MAX_POWER  27

static const long double powers[MAX_POWER + 1] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
    1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
    1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
};

/* A number as it was read: m * 10^e, and where its text ends. */
struct decimal {
    uint64_t m;
    int e;
    int digits; /* significant ones, -1 for more than MAX_DIGITS */
    const char *end;
};

/* Return whether x87 rounds to the nearest with all 64 bits (SDM 1, 8.1.5). */
static int rounds_to_nearest(void)
{
    uint16_t control;

    __asm__ volatile("fnstcw %0" : "=m"(control));
    return (control & 0xf00) == 0x300;
}

static const char *read_digits(const char *s, struct decimal *n, int step)
{
    for (; isdigit((unsigned char)*s); s++) {
        n->e += step;
        if (n->digits < 0 || (n->m == 0 && *s == '0'))
            continue;
        if (n->digits++ == MAX_DIGITS) {
            n->digits = -1;
            continue;
        }
        n->m = n->m * 10 + (uint64_t)(*s - '0');
    }
    return s;
}

static const char *read_exponent(const char *s, struct decimal *n)
{
    const char *digits = s + 1;
    int value = 0;
    int negative;

    if ((*s | 0x20) != 'e')
        return s;
    negative = *digits == '-';
    if (*digits == '-' || *digits == '+')
        digits++;
    if (!isdigit((unsigned char)*digits))
        return s;
    for (; isdigit((unsigned char)*digits); digits++)
        if (value < 100000)
            value = value * 10 + (*digits - '0');
    n->e += negative ? -value : value;
    return digits;
}

/* Read [digits][.digits][e digits]; returns whether that is what stands there. */
static int read_decimal(const char *s, struct decimal *n)
{
    const char *start = s;
    int count;

    s = read_digits(s, n, 0);
    count = (int)(s - start);
    if (count == 1 && *start == '0' && (*s | 0x20) == 'x')
        return 0;
    if (*s == '.') {
        const char *point = s;

        s = read_digits(s + 1, n, -1);
        count += (int)(s - point) - 1;
    }
    if (count == 0)
        return 0;
    n->end = read_exponent(s, n);
    return n->digits >= 0;
}

/* Return whether cutting `value` to `bits` bits cannot depend on what is lost. */
static int is_clear(long double value, int bits)
{
    union {
        long double value;
        uint64_t m;
    } u = {.value = value};
    uint64_t half = bits < 64 ? (uint64_t)1 << (63 - bits) : 0;
    uint64_t rest = u.m & (half * 2 - 1);

    return bits == 64 || rest - (half - 1) > 2;
}

/* Convert a short number; returns whether it was one. */
static int convert_short(const char *s, char **end, int bits,
                         long double *result)
{
    struct decimal n = {0};
    int negative;

    while (isspace((unsigned char)*s))
        s++;
    negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    if (!read_decimal(s, &n))
        return 0;
    if (n.m == 0)
        n.e = 0;
    if (n.e < -MAX_POWER || n.e > MAX_POWER || !rounds_to_nearest())
        return 0;
    *result = n.e < 0 ? (long double)n.m / powers[-n.e]
                      : (long double)n.m * powers[n.e];
    /* 10^-27 to 2^64 * 10^27 is inside the normal range, but for float. */
    if (bits == FLT_MANT_DIG && (*result > 1e38L || *result < 1e-37L) &&
        *result != 0)
        return 0;
    if (!is_clear(*result, bits))
        return 0;
    if (negative)
        *result = -*result;
    if (end != NULL)
        *end = (char *)n.end;
    return 1;
}

static long double convert(const char *s, char **end, int bits)
{
    struct __cairn_stream f;
    long double result;
    off_t count;

    if (convert_short(s, end, bits, &result))
        return result;
    sh_fromstring(&f, s);
    f.file = NULL;
    shlim(&f, 0);
    result = __floatscan(&f,
                         bits == FLT_MANT_DIG   ? 0
                         : bits == DBL_MANT_DIG ? 1
                                                : 2,
                         1);
    count = shcnt(&f);
    if (end != NULL)
        *end = (char *)s + count;
    return result;
}

float strtof(const char *restrict s, char **restrict end)
{
    return (float)convert(s, end, FLT_MANT_DIG);
}

double strtod(const char *restrict s, char **restrict end)
{
    return (double)convert(s, end, DBL_MANT_DIG);
}

long double strtold(const char *restrict s, char **restrict end)
{
    return convert(s, end, LDBL_MANT_DIG);
}
