/*
 * fmal: x * y + z rounded once.
 *
 * The product is exact as a pair, and so is the sum of its high part with z.
 * What is left is added with a sticky last bit ("round to odd", Boldo and
 * Melquiond 2008), so that the last addition rounds as if all were exact.  The
 * factors are scaled to near one, so that nothing overflows or is lost on the
 * way; a result that becomes denormal is rounded by an addition that has its
 * place already.
 */
#include "x87.h"
#include <math.h>

/* a + b with the last bit set if the sum is not exact. */
static long double add_to_odd(long double a, long double b)
{
    struct x87_pair sum = x87_add(a, b);
    union x87_bits bits = {.value = sum.high};

    if (sum.low != 0 && !(bits.part.mantissa & 1)) {
        if ((sum.high > 0) == (sum.low > 0))
            bits.part.mantissa++;
        else
            bits.value = nextafterl(sum.high, 0);
    }
    return bits.value;
}

/* high + low, scaled by 2^e, rounded once even if that is denormal. */
static long double scale_sum(long double high, long double low, int e)
{
    struct x87_pair sum = x87_add(high, low);
    int exponent;

    if (sum.high == 0)
        return sum.high;
    exponent = ilogbl(sum.high) + e;
    if (exponent >= -16382)
        return x87_scale(sum.high, e);
    return x87_scale(add_to_odd(sum.high, sum.low), e);
}

long double fmal(long double x, long double y, long double z)
{
    struct x87_pair product, sum;
    int ex, ey, ez, e;

    if (!isfinite(x) || !isfinite(y) || x == 0 || y == 0 || z == 0)
        return x * y + z;
    if (!isfinite(z))
        return z;
    x = frexpl(x, &ex);
    y = frexpl(y, &ey);
    frexpl(z, &ez);
    e = ex + ey;
    /* z far above: the product only decides the rounding. */
    if (ez - e > 140)
        return z + copysignl(0x1p-16445L, x * y);
    z = e - ez > 140 ? copysignl(0x1p-140L, z) : x87_scale(z, -e);
    product = x87_multiply(x, y);
    sum = x87_add(product.high, z);
    if (sum.high == 0)
        return x87_scale(product.low, e);
    return scale_sum(sum.high, add_to_odd(sum.low, product.low), e);
}
