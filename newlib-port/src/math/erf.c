/*
 * erfl, erfcl.
 *
 * Below 2 by the series (Abramowitz and Stegun 7.1.6), whose terms are all of
 * one sign; above by the continued fraction (7.1.14) from its end.  e^(-x^2) is
 * taken of the square with its error.
 */
#include "x87.h"
#include <math.h>

#define TWO_OVER_SQRT_PI 0x1.20dd750429b6d11ap+0L
#define ONE_OVER_SQRT_PI 0x1.20dd750429b6d11ap-1L

/* Above these, erf is 1 and erfc is below all numbers. */
#define ERF_ONE   6.7L
#define ERFC_ZERO 107

static long double exp_of_minus_square(long double x)
{
    struct x87_pair square = x87_multiply(x, x);

    return expl(-square.high) * (1 - square.low);
}

/* erf(x), 0 <= x <= 3 */
static long double series(long double x)
{
    long double term = x;
    long double sum = x;

    for (int n = 1; term > sum * 0x1p-70L; n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
    }
    return TWO_OVER_SQRT_PI * exp_of_minus_square(x) * sum;
}

/* erfc(x), x >= 1 */
static long double fraction(long double x)
{
    int terms = (int)(20 + 500 / (x * x));
    long double value = x;

    for (int n = terms; n > 0; n--)
        value = x + n / 2.0L / value;
    return ONE_OVER_SQRT_PI * exp_of_minus_square(x) / value;
}

long double erfl(long double x)
{
    long double a = x87_abs(x);

    if (isnan(x) || x == 0)
        return x;
    if (a > ERF_ONE)
        return copysignl(isinf(a) ? 1 : 1 - 0x1p-70L, x);
    return copysignl(a < 2 ? series(a) : 1 - fraction(a), x);
}

long double erfcl(long double x)
{
    if (isnan(x))
        return x;
    if (x > ERFC_ZERO)
        return isinf(x) ? 0 : 0x1p-16445L * 0x1p-10L;
    if (x < 0.5L)
        return x < -ERF_ONE ? 2 - 0x1p-70L : 1 - erfl(x);
    if (x < 1)
        return 1 - series(x);
    return fraction(x);
}
