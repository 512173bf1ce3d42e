/*
 * tgammal, lgammal.
 *
 * Above 20, Stirling's series (Abramowitz and Stegun 6.1.40).  Near 1 and 2,
 * where ln gamma is zero, its power series with zeta values (6.1.33).  Between,
 * and below, the recurrence leads there; negative arguments go by reflection
 * (6.1.17).
 */
#include "x87.h"
#include <math.h>

#define LARGE 20

#define PI             0x1.921fb54442d1846ap+1L
#define LN_SQRT_2PI    0x1.d67f1c864beb4a6ap-1L
#define SQRT_2PI       0x1.40d931ff62705966p+1L
#define ONE_LESS_GAMMA 0x1.b0ee6072093ce16cp-2L

/* Coefficients of 1 / x, 1 / x^3, ... */
static const long double stirling[] = {
    0xaaaaaaaaaaaaaaabp-67L, -0xb60b60b60b60b60bp-72L,
    0xd00d00d00d00d00dp-74L, -0x9c09c09c09c09c0ap-74L,
    0xdca8f158c7f91ab8p-74L, -0xfb5586ccc9e3e410p-73L,
    0xd20d20d20d20d20dp-71L, -0xf21436587a9cbee1p-69L,
    0xb7f4b1c0f033ffd1p-66L, -0xb23b3808c0f9cf6ep-63L,
    0xd672219167002d3ap-60L,
};

/* zeta(k) - 1 for k = 2, 3, ... */
static const long double zeta_less_1[] = {
    0xa51a6625307d3231p-64L, 0xcee8013c01884e0ep-66L, 0xa8991563ec241b60p-67L,
    0x97418eca7ccdb7a2p-68L, 0x8e13098124891efbp-69L, 0x88cb68533ce236a7p-70L,
    0x859b57c31cb745f3p-71L, 0x839f3d816b570300p-72L, 0x825c674b772fc302p-73L,
    0x818c6f922ccaa238p-74L, 0x81052d9669820cddp-75L, 0x80ac9d08bbdeb063p-76L,
    0x80725795a70ab0f1p-77L, 0x804bde5f88df6855p-78L, 0x803266f5917879d0p-79L,
    0x8021839b4334069cp-80L, 0x80164ca9ba265c95p-81L, 0x800ed847cdd24f22p-82L,
    0x8009e2ca23374c44p-83L, 0x800695d59409093bp-84L, 0x80046336763be5d5p-85L,
    0x8002ec789c2c62d3p-86L, 0x8001f2cffef08fb5p-87L, 0x80014c752ab19918p-88L,
    0x8000dd98b666cc81p-89L, 0x800093b5c8422540p-90L, 0x8000627682d715cbp-91L,
    0x800041a300d43560p-92L, 0x80002bc15575f0abp-93L, 0x80001d2b38cdcb37p-94L,
    0x80001371fb227a6bp-95L, 0x80000cf692100970p-96L,
};

#define STIRLING (sizeof(stirling) / sizeof(*stirling))
#define ZETA     (sizeof(zeta_less_1) / sizeof(*zeta_less_1))

/* ln gamma(x) - (x - 1/2) ln x + x - ln sqrt(2 pi), x >= 20 */
static long double correction(long double x)
{
    long double inverse = 1 / (x * x);
    long double sum = 0;

    for (int i = STIRLING - 1; i >= 0; i--)
        sum = sum * inverse + stirling[i];
    return sum / x;
}

/* ln gamma(2 + z), |z| <= 1/2 */
static long double log_near_2(long double z)
{
    long double sum = 0;

    for (int k = ZETA + 1; k >= 2; k--)
        sum = (k & 1 ? -zeta_less_1[k - 2] : zeta_less_1[k - 2]) / k + z * sum;
    return z * (ONE_LESS_GAMMA + z * sum);
}

/* sin(pi x) by the distance to the nearest whole number */
static long double sin_pi(long double x)
{
    long double whole = roundl(x);
    long double sine = sinl(PI * (x - whole));

    return fmodl(whole, 2) != 0 ? -sine : sine;
}

/* x > 0 */
static long double log_gamma(long double x)
{
    long double product = 1;

    if (x >= LARGE)
        return (x - 0.5L) * (logl(x) - 1) + (LN_SQRT_2PI - 0.5L) +
               correction(x);
    if (x < 0.5L)
        return log_near_2(x) - log1pl(x) - logl(x);
    if (x < 1.5L)
        return log_near_2(x - 1) - log1pl(x - 1);
    while (x > 2.5L) {
        x -= 1;
        product *= x;
    }
    return log_near_2(x - 2) + (product != 1 ? logl(product) : 0);
}

long double lgammal(long double x)
{
    if (isnan(x))
        return x;
    if (isinf(x))
        return INFINITY;
    signgam = 1;
    if (x <= 0 && truncl(x) == x)
        return 1 / x87_abs(x - truncl(x));
    if (x > 0)
        return log_gamma(x);
    if (fmodl(floorl(x), 2) != 0)
        signgam = -1;
    if (x > -0x1p-70L)
        return -logl(-x);
    return logl(PI / x87_abs(x * sin_pi(x))) - log_gamma(-x);
}

/* x >= 20: the power in two halves, since it overflows before the result. */
static long double gamma_large(long double x)
{
    long double half = powl(x, (x - 0.5L) / 2);

    return half * (SQRT_2PI * expl(correction(x)) * expl(-x)) * half;
}

/* 0 < x < 20: from [1.5, 2.5] by multiplication or division. */
static long double gamma_small(long double x)
{
    long double product = 1;
    long double divisor = 1;

    while (x > 2.5L) {
        x -= 1;
        product *= x;
    }
    while (x < 1.5L) {
        divisor *= x;
        x += 1;
    }
    return product * expl(log_near_2(x - 2)) / divisor;
}

long double tgammal(long double x)
{
    long double rest;

    if (isnan(x) || x == INFINITY)
        return x;
    if (x == 0)
        return 1 / x;
    if (x < 0 && (isinf(x) || truncl(x) == x))
        return (x - x) / 0.0L;
    if (x >= 1800)
        return 0x1p16383L * x;
    if (x >= LARGE)
        return gamma_large(x);
    if (x > 0)
        return gamma_small(x);
    if (x < -1800)
        return fmodl(floorl(x), 2) != 0 ? -0x1p-16445L * 0.25L
                                        : 0x1p-16445L * 0.25L;
    if (x > -0x1p-70L)
        return 1 / x;
    rest = -x * sin_pi(x);
    if (-x < LARGE)
        return PI / (rest * gamma_small(-x));
    /* Divided in two steps: the gamma may overflow where the result does not. */
    return PI / rest / powl(-x, (-x - 0.5L) / 2) /
           (SQRT_2PI * expl(correction(-x)) * expl(x)) /
           powl(-x, (-x - 0.5L) / 2);
}
