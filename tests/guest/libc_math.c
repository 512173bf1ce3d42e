/*
 * libm: known values, edges, identities, rounding, and the long double
 * functions, which are the port's own.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <tgmath.h>
#undef fabs
#undef sin

#include "tap.h"

/* Units in the last place between two long doubles of one sign. */
static long double ulps(long double got, long double wanted)
{
    if (got == wanted)
        return 0;
    return fabsl(got - wanted) / ldexpl(1, ilogbl(wanted) - 63);
}

#define NEAR(got, wanted)                                         \
    do {                                                          \
        long double got_ = (got);                                 \
                                                                  \
        CHECK(ulps(got_, (wanted)) <= 2);                         \
        if (ulps(got_, (wanted)) > 2)                             \
            printf("# got %.21Lg, not %.21Lg\n", got_, (wanted)); \
    } while (0)

static void test_double(void)
{
    CHECK(sqrt(2.0) == 1.4142135623730951);
    CHECK(fabs(pow(2.0, 0.5) - 1.4142135623730951) < 1e-15);
    CHECK(fabs((sin)(1e22) + 0.8522008497671888) < 1e-15);
    CHECK(fabs(cos(1.0) - 0.5403023058681398) < 1e-15);
    CHECK(fabs(exp(1.0) - 2.718281828459045) < 1e-15);
    CHECK(fabs(log(10.0) - 2.302585092994046) < 1e-15);
    CHECK(atan2(0.0, -1.0) == 3.141592653589793);
    CHECK(floor(-0.5) == -1 && ceil(-0.5) == 0 && signbit(ceil(-0.5)));
    CHECK(round(2.5) == 3 && rint(2.5) == 2 && lround(-2.5) == -3);
    CHECK(fmod(-7.0, 3.0) == -1 && remainder(7.0, 4.0) == -1);
    CHECK(pow(0.0, 0.0) == 1 && pow(-8.0, 3.0) == -512);
    CHECK(isnan(pow(-1.0, 0.5)) && isinf(pow(0.0, -1.0)));
    CHECK(fabs(hypot(3e200, 4e200) / 5e200 - 1) < 3e-16);
    CHECK(ldexp(1.0, -1074) == 4.9406564584124654e-324);
    CHECK(nextafter(1.0, 2.0) == 1 + DBL_EPSILON);
    CHECK(fma(0x1p53, 1 + DBL_EPSILON, -0x1p53) == 2);
    CHECK(tgamma(5.0) == 24 && fabs(lgamma(0.5) - 0.5723649429247001) < 1e-15);
    CHECK(fabs(erf(1.0) - 0.8427007929497149) < 1e-15);
    CHECK(isnan(sqrt(-1.0)) && isinf(log(0.0)));
    CHECK(fpclassify(0x1p-1060) == FP_SUBNORMAL && !isnormal(0.0));
    CHECK(ilogb(8.0) == 3 && logb(0.75) == -1);
    CHECK(cbrt(27.0) == 3 && exp2(10.0) == 1024);
    CHECK(sinf(1.0f) == 0.84147098f && powf(2, 10) == 1024);
}

static void test_long_double(void)
{
    NEAR(sinl(1), 0.841470984807896506652502321630298999623L);
    CHECK(fabsl(sinl(1e4000L)) <= 1);
    NEAR(sinl(0x1p100L), -0.8721836054182673097807197782134705593924L);
    NEAR(cosl(1), 0.5403023058681397174009366074429766037323L);
    NEAR(tanl(1), 1.557407724654902230506974807458360173087L);
    NEAR(expl(1), 2.718281828459045235360287471352662497757L);
    NEAR(expm1l(1e-10L), 1.0000000000500000000016666666667e-10L);
    NEAR(logl(10), 2.302585092994045684017991454684364207601L);
    NEAR(log1pl(1e-10L), 9.999999999500000000033333333330833e-11L);
    NEAR(log2l(10), 3.321928094887362347870319429489390175865L);
    NEAR(powl(10, 0.5L), 3.162277660168379331998893544432718533720L);
    NEAR(powl(1.0000001L, 1e9L), powl(powl(1.0000001L, 5e8L), 2));
    NEAR(atanl(1), 0.7853981633974483096156608458198757210493L);
    NEAR(asinl(0.5L), 0.5235987755982988730771072305465838140329L);
    NEAR(sinhl(1), 1.175201193643801456882381850595600815156L);
    NEAR(coshl(1), 1.543080634815243778477905620757061682602L);
    NEAR(tanhl(1), 0.7615941559557648881194582826047935904128L);
    NEAR(cbrtl(2), 1.259921049894873164767210607278228350570L);
    NEAR(hypotl(1, 1), 1.414213562373095048801688724209698078570L);
    NEAR(tgammal(0.5L), 1.772453850905516027298167483341145182798L);
    NEAR(lgammal(3), 0.6931471805599453094172321214581765680755L);
    CHECK(tgammal(20) == 121645100408832000.0L);
    CHECK(ulps(erfl(1), 0.8427007929497148693412206350826092592961L) < 9);
    CHECK(ulps(erfcl(5), 1.537459794428034850188343485383378890118e-12L) < 9);
    CHECK(powl(-2, 63) == -0x1p63L && powl(0, -3) == INFINITY);
    CHECK(floorl(-0.5L) == -1 && truncl(-1.5L) == -1 && roundl(2.5L) == 3);
    CHECK(llroundl(0x1p62L + 1) == (1LL << 62) + 1);
    CHECK(fmodl(0x1p100L, 3) == 1 && remainderl(5, 3) == -1);
    CHECK(nextafterl(1, 2) == 1 + LDBL_EPSILON);
    CHECK(nextafterl(0, 1) == 0x1p-16445L);
    CHECK(fmal(1 + LDBL_EPSILON, 1 - LDBL_EPSILON, -1) == -0x1p-126L);
    CHECK(isnan(logl(-1)) && isinf(expl(12000)) && expl(-12000) == 0);
    CHECK(ilogbl(0x1p-16445L) == -16445 && ilogbl(0) == FP_ILOGB0);
}

static void test_rounding(void)
{
    static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD,
                                FE_TOWARDZERO};
    static const double wanted[] = {2, 2, 3, 2};
    volatile double x = 2.5, zero = 0;

    for (int i = 0; i < 4; i++) {
        CHECK(fesetround(modes[i]) == 0 && fegetround() == modes[i]);
        CHECK(rint(x) == wanted[i] && nearbyint(x) == wanted[i]);
    }
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    x = 1 / zero;
    CHECK(fetestexcept(FE_ALL_EXCEPT) & FE_DIVBYZERO);
    feclearexcept(FE_ALL_EXCEPT);
    EQUAL(fetestexcept(FE_ALL_EXCEPT), 0);
    feraiseexcept(FE_INVALID);
    CHECK(fetestexcept(FE_INVALID));
    feclearexcept(FE_ALL_EXCEPT);
}

static void test_complex(void)
{
    double complex z = 3 + 4 * I;
    long double complex w = cexpl(I * 3.14159265358979323846264338327950288L);

    CHECK(cabs(z) == 5 && creal(conj(z)) == 3 && cimag(conj(z)) == -4);
    CHECK(cabs(csqrt(z) - (2 + I)) < 1e-15);
    CHECK(cabs(z * z - (-7 + 24 * I)) < 1e-14);
    CHECK(fabsl(creall(w) + 1) < 1e-18L && fabsl(cimagl(w)) < 1e-18L);
    CHECK(sqrt(2.0L) == sqrtl(2) && sqrt(2.0f) == sqrtf(2));
}

int main(void)
{
    test_double();
    test_long_double();
    test_rounding();
    test_complex();
    return tap_done();
}
