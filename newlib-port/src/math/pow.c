/*
 * powl: 2 to the y * log2(x), with the logarithm as a sum of two numbers.
 *
 * x = 2^k * m, m from sqrt(1/2) to sqrt(2).  A table gives r near 1 / m, of so
 * few bits that z = m * r - 1 is known exactly as a pair, and log2(r).  Then
 * log2(m) = log2(1 + z) - log2(r), and 1 + z is near one: the first two terms
 * of the series are summed as pairs, the rest, which is small, as one number.
 * The relative error of the logarithm is about 2^-76, which y * log2(x), at
 * most 2^14, can multiply without harm.
 */
#include "x87.h"
#include "powl_table.h"
#include <math.h>

#define LOG2E_LOW (-0x1.05e004be5b8b05dcp-65L)
#define TABLE_LOW 45

/* ln(1 + z), z as a pair, |z| < 2^-6 */
static struct x87_pair log1p_pair(struct x87_pair z)
{
    struct x87_pair square = x87_multiply(z.high, z.high);
    long double x = z.high;
    struct x87_pair sum;
    long double rest;

    rest = x * x * x *
           (1 / 3.0L -
            x * (1 / 4.0L -
                 x * (1 / 5.0L -
                      x * (1 / 6.0L -
                           x * (1 / 7.0L -
                                x * (1 / 8.0L -
                                     x * (1 / 9.0L -
                                          x * (1 / 10.0L - x / 11))))))));
    sum = x87_add(z.high, -square.high / 2);
    sum.low += z.low - square.low / 2 - z.high * z.low + rest;
    return x87_add(sum.high, sum.low);
}

/* log2(x) for finite x > 0 */
static struct x87_pair log2_pair(long double x)
{
    struct x87_pair z, product, sum;
    union x87_bits half;
    long double m, low_half;
    int k, i;

    m = frexpl(x, &k);
    if (m < 0.70710678L) {
        m *= 2;
        k--;
    }
    i = (int)(m * 64 + 0.5L) - TABLE_LOW;
    half.value = m;
    half.part.mantissa &= 0xffffffff00000000;
    low_half = m - half.value;
    z = x87_add(half.value * powl_table[i].inverse - 1,
                low_half * powl_table[i].inverse);
    z = log1p_pair(z);
    product = x87_multiply(z.high, X87_LOG2E);
    product.low += z.high * LOG2E_LOW + z.low * X87_LOG2E;
    sum = x87_add(k, powl_table[i].log_high);
    sum.low += powl_table[i].log_low;
    z = x87_add(sum.high, product.high);
    return x87_add(z.high, z.low + sum.low + product.low);
}

/* 2^(y * l) */
static long double exp2_product(struct x87_pair l, long double y)
{
    struct x87_pair product;
    long double n;

    if (l.high == 0)
        return 1;
    if (x87_abs(y) > 0x1p80L || x87_abs(l.high * y) > 17000)
        return exp2l(l.high * y > 0 ? 17000 : -17000);
    /* The halves of tiny numbers would be lost, and do not matter. */
    if (x87_abs(l.high * y) < 0x1p-70L)
        return 1 + l.high * y;
    product = x87_multiply(l.high, y);
    product.low += l.low * y;
    n = x87_round(product.high);
    return x87_scale(x87_exp2m1(product.high - n + product.low) + 1, n);
}

/* 0 for no whole number, 1 for an odd, 2 for an even one */
static int wholeness(long double y)
{
    if (x87_abs(y) >= 0x1p64L)
        return 2;
    if (truncl(y) != y)
        return 0;
    return fmodl(y, 2) != 0 ? 1 : 2;
}

/* x or y is zero, infinite or no number. */
static long double special(long double x, long double y)
{
    int odd = wholeness(y) == 1;
    long double a = x87_abs(x);

    if (isnan(x) || isnan(y))
        return x + y;
    if (isinf(y)) {
        if (a == 1)
            return 1;
        return (a > 1) == (y > 0) ? INFINITY : 0;
    }
    if (a == 0 && y < 0)
        return odd ? 1 / x : 1 / a;
    a = (a == 0) == (y > 0) ? 0 : INFINITY;
    return odd ? copysignl(a, x) : a;
}

long double powl(long double x, long double y)
{
    long double sign = 1;

    if (y == 0 || x == 1)
        return 1;
    if (x == 0 || !isfinite(x) || !isfinite(y))
        return special(x, y);
    if (y == 1)
        return x;
    if (x < 0) {
        int whole = wholeness(y);

        if (whole == 0)
            return (x - x) / (x - x);
        if (whole == 1)
            sign = -1;
        x = -x;
    }
    return sign * exp2_product(log2_pair(x), y);
}
