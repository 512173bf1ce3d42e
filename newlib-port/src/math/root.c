/*
 * sqrtl, cbrtl, hypotl.
 */
#include "x87.h"
#include <math.h>

long double sqrtl(long double x)
{
    return x87_sqrt(x);
}

/* Scaled to [1/8, 1); a first value by cbrt, then two steps of Newton's. */
long double cbrtl(long double x)
{
    long double m, root;
    int e;

    if (!isfinite(x) || x == 0)
        return x + x;
    m = frexpl(x87_abs(x), &e);
    while (e % 3 != 0) {
        m /= 2;
        e++;
    }
    root = cbrt((double)m);
    root -= (root - m / (root * root)) / 3;
    root -= (root - m / (root * root)) / 3;
    return copysignl(x87_scale(root, e / 3), x);
}

/* The squares and their sum with their errors, scaled to be near one. */
long double hypotl(long double x, long double y)
{
    struct x87_pair a, b, sum;
    long double root;
    int e;

    if (isinf(x) || isinf(y))
        return INFINITY;
    if (isnan(x) || isnan(y))
        return x + y;
    x = x87_abs(x);
    y = x87_abs(y);
    if (x < y) {
        long double swap = x;

        x = y;
        y = swap;
    }
    if (y == 0 || x / y > 0x1p66L)
        return x + y;
    frexpl(x, &e);
    x = x87_scale(x, -e);
    y = x87_scale(y, -e);
    a = x87_multiply(x, x);
    b = x87_multiply(y, y);
    sum = x87_add(a.high, b.high);
    sum.low += a.low + b.low;
    root = x87_sqrt(sum.high);
    a = x87_multiply(root, root);
    root += ((sum.high - a.high) - a.low + sum.low) / (2 * root);
    return x87_scale(root, e);
}
