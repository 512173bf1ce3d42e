/*
 * sinhl, coshl, tanhl, asinhl, acoshl, atanhl by way of expm1l and log1pl,
 * which keep small arguments exact.
 */
#include "x87.h"
#include <math.h>

/* Above this, e^-x does not matter beside e^x. */
#define LARGE 45

/* e^x / 2 without overflow before the result overflows. */
static long double half_exp(long double x)
{
    long double root = expl(x / 2);

    return root / 2 * root;
}

long double sinhl(long double x)
{
    long double a = x87_abs(x);
    long double t;

    if (a > LARGE)
        return copysignl(a < 11000 ? expl(a) / 2 : half_exp(a), x);
    t = expm1l(a);
    if (a < 1)
        return copysignl((2 * t - t * t / (t + 1)) / 2, x);
    return copysignl((t + t / (t + 1)) / 2, x);
}

long double coshl(long double x)
{
    long double a = x87_abs(x);
    long double t;

    if (a > LARGE)
        return a < 11000 ? expl(a) / 2 : half_exp(a);
    t = expm1l(a);
    return 1 + t * t / (2 * (1 + t));
}

long double tanhl(long double x)
{
    long double a = x87_abs(x);
    long double t;

    if (a > LARGE)
        return copysignl(1 - (isinf(a) ? 0 : 0x1p-70L), x);
    if (a > 1) {
        t = expm1l(2 * a);
        return copysignl(1 - 2 / (t + 2), x);
    }
    t = expm1l(-2 * a);
    return copysignl(-t / (t + 2), x);
}

long double asinhl(long double x)
{
    long double a = x87_abs(x);

    if (a > 0x1p32L)
        return copysignl(logl(a) + X87_LN2, x);
    if (a > 2)
        return copysignl(logl(2 * a + 1 / (x87_sqrt(a * a + 1) + a)), x);
    return copysignl(log1pl(a + a * a / (1 + x87_sqrt(a * a + 1))), x);
}

long double acoshl(long double x)
{
    long double t = x - 1;

    if (x > 0x1p32L)
        return logl(x) + X87_LN2;
    if (x > 2)
        return logl(2 * x - 1 / (x + x87_sqrt(x * x - 1)));
    return log1pl(t + x87_sqrt(2 * t + t * t));
}

long double atanhl(long double x)
{
    long double a = x87_abs(x);
    long double t = 2 * a / (1 - a);

    return copysignl(log1pl(a < 0.5L ? 2 * a + 2 * a * a / (1 - a) : t) / 2, x);
}
