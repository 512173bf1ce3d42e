/*
 * Functions that look at a long double's parts: frexpl, ldexpl, scalbnl,
 * scalblnl, logbl, ilogbl, copysignl, fabsl, nextafterl, nexttowardl and its
 * narrow forms, fdiml, fmaxl, fminl.
 */
#include "x87.h"
#include <limits.h>
#include <math.h>

#define BIAS     16383
#define EXPONENT 0x7fff
#define SIGN     0x8000
#define LEADING  0x8000000000000000

long double frexpl(long double x, int *exponent)
{
    union x87_bits bits = {.value = x};
    int e = bits.part.sign_exponent & EXPONENT;

    *exponent = 0;
    if (e == EXPONENT || x == 0)
        return x + x;
    if (e == 0) {
        /* A denormal: make it normal first. */
        x = frexpl(x * 0x1p120L, exponent);
        *exponent -= 120;
        return x;
    }
    *exponent = e - (BIAS - 1);
    bits.part.sign_exponent = (bits.part.sign_exponent & SIGN) | (BIAS - 1);
    return bits.value;
}

long double scalblnl(long double x, long n)
{
    if (n > 70000)
        n = 70000;
    if (n < -70000)
        n = -70000;
    return x87_scale(x, n);
}

long double scalbnl(long double x, int n)
{
    return scalblnl(x, n);
}

long double ldexpl(long double x, int n)
{
    return scalblnl(x, n);
}

int ilogbl(long double x)
{
    int e;

    if (isnan(x) || x == 0) {
        (void)(volatile long double){(x - x) / (x - x)};
        return isnan(x) ? FP_ILOGBNAN : FP_ILOGB0;
    }
    if (isinf(x)) {
        (void)(volatile long double){x - x};
        return INT_MAX;
    }
    frexpl(x, &e);
    return e - 1;
}

long double logbl(long double x)
{
    if (!isfinite(x))
        return x * x;
    if (x == 0)
        return -1 / (x * x);
    return ilogbl(x);
}

long double copysignl(long double x, long double y)
{
    union x87_bits a = {.value = x};
    union x87_bits b = {.value = y};

    a.part.sign_exponent =
        (a.part.sign_exponent & EXPONENT) | (b.part.sign_exponent & SIGN);
    return a.value;
}

long double fabsl(long double x)
{
    return x87_abs(x);
}

/* One unit in the last place away from zero, or towards it. */
static long double step(long double x, int outwards)
{
    union x87_bits bits = {.value = x};
    int e = bits.part.sign_exponent & EXPONENT;

    if (outwards) {
        bits.part.mantissa++;
        if (bits.part.mantissa == 0 ||
            (e == 0 && bits.part.mantissa == LEADING)) {
            bits.part.mantissa = LEADING;
            bits.part.sign_exponent++;
        }
    } else {
        if (bits.part.mantissa == LEADING && e > 0) {
            bits.part.sign_exponent--;
            bits.part.mantissa = e > 1 ? 0 : LEADING;
        }
        bits.part.mantissa--;
    }
    return bits.value;
}

long double nextafterl(long double x, long double y)
{
    long double result;

    if (isnan(x) || isnan(y))
        return x + y;
    if (x == y)
        return y;
    if (x == 0)
        return copysignl(0x1p-16445L, y);
    result = step(x, (x < y) == (x > 0));
    /* Overflow and underflow are raised by arithmetic. */
    if (isinf(result))
        (void)(volatile long double){0x1p16383L * 2};
    return result;
}

long double nexttowardl(long double x, long double y)
{
    return nextafterl(x, y);
}

double nexttoward(double x, long double y)
{
    if (isnan(x) || isnan(y))
        return (double)(x + y);
    if (x == y)
        return (double)y;
    return nextafter(x, y > x ? HUGE_VAL : -HUGE_VAL);
}

float nexttowardf(float x, long double y)
{
    if (isnan(x) || isnan(y))
        return (float)(x + y);
    if (x == y)
        return (float)y;
    return nextafterf(x, y > x ? HUGE_VALF : -HUGE_VALF);
}

long double fdiml(long double x, long double y)
{
    if (isnan(x) || isnan(y))
        return x + y;
    return x > y ? x - y : 0;
}

long double fmaxl(long double x, long double y)
{
    if (isnan(x))
        return y;
    if (isnan(y))
        return x;
    if (signbit(x) != signbit(y))
        return signbit(x) ? y : x;
    return x < y ? y : x;
}

long double fminl(long double x, long double y)
{
    if (isnan(x))
        return y;
    if (isnan(y))
        return x;
    if (signbit(x) != signbit(y))
        return signbit(x) ? x : y;
    return x < y ? x : y;
}
