/*
 * expl, exp2l, expm1l: 2^n * 2^f with n whole and |f| <= 1/2.
 */
#include "x87.h"
#include <math.h>

/* ln 2 in two parts; the first has 48 bits, so that n * it is exact. */
#define LN2_HIGH 0xb17217f7d1cfp-48L
#define LN2_LOW  0x79abc9e3b39803f3p-112L

/* What exp is for beyond these: 0 or infinity. */
#define TOO_LARGE 11400
#define TOO_SMALL (-11500)

/* x = n ln 2 + the result, which is at most half of ln 2. */
static long double reduce(long double x, long double *n)
{
    *n = x87_round(x * X87_LOG2E);
    return (x - *n * LN2_HIGH) - *n * LN2_LOW;
}

long double expl(long double x)
{
    long double n, rest;

    if (isnan(x))
        return x;
    if (x > TOO_LARGE)
        x = TOO_LARGE;
    if (x < TOO_SMALL)
        x = TOO_SMALL;
    rest = reduce(x, &n);
    return x87_scale(x87_exp2m1(rest * X87_LOG2E) + 1, n);
}

long double exp2l(long double x)
{
    long double n;

    if (isnan(x))
        return x;
    if (x > 16500)
        x = 16500;
    if (x < -16600)
        x = -16600;
    n = x87_round(x);
    return x87_scale(x87_exp2m1(x - n) + 1, n);
}

long double expm1l(long double x)
{
    long double n, rest, small;

    if (isnan(x) || x == 0)
        return x;
    if (x > 70)
        return expl(x);
    if (x < -70)
        return x87_add(-1, 0x1p-70L).high;
    rest = reduce(x, &n);
    small = x87_exp2m1(rest * X87_LOG2E);
    if (n == 0)
        return small;
    return x87_scale(small, n) + (x87_scale(1, n) - 1);
}
