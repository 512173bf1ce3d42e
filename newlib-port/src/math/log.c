/*
 * logl, log2l, log10l, log1pl: the unit's logarithm, by the form for 1 + x near
 * one, where the other loses digits.
 */
#include "x87.h"
#include <math.h>

#define NEAR 0.29L

/* factor * log2(x) with C's errors. */
static long double scaled_log(long double x, long double factor)
{
    if (isnan(x))
        return x;
    if (x < 0)
        return (x - x) / 0.0L;
    if (x == 0)
        return -1 / (x * x);
    if (isinf(x))
        return x;
    if (x87_abs(x - 1) < NEAR)
        return x87_log2p1(x - 1, factor);
    return x87_log2(x, factor);
}

long double logl(long double x)
{
    return scaled_log(x, X87_LN2);
}

long double log2l(long double x)
{
    return scaled_log(x, 1);
}

long double log10l(long double x)
{
    return scaled_log(x, X87_LOG10_2);
}

long double log1pl(long double x)
{
    if (x == 0 || x87_abs(x) >= NEAR)
        return x == 0 ? x : scaled_log(1 + x, X87_LN2);
    if (isnan(x))
        return x;
    return x87_log2p1(x, X87_LN2);
}
