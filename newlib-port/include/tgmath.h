/*
 * Type-generic mathematics (C17 7.25): each macro calls the function for the
 * widest of its arguments' types; an integer counts as a double.
 */
#ifndef _TGMATH_H_
#define _TGMATH_H_

#include <complex.h>
#include <math.h>

/* A zero of the type that an argument counts as. */
#define __tg_zero(x)                                              \
    _Generic((x), float : 0.0F, long double : 0.0L, float complex \
             : (float complex)0, double complex                   \
             : (double complex)0, long double complex             \
             : (long double complex)0, default : 0.0)

/* The function of real arguments for the type of a zero. */
#define __tg_real(zero, fn) \
    _Generic((zero), float : fn##f, long double : fn##l, default : fn)

/* The same with complex ones. */
#define __tg_both(zero, fn, cfn)        \
    _Generic((zero), float              \
             : fn##f, long double       \
             : fn##l, float complex     \
             : cfn##f, double complex   \
             : cfn, long double complex \
             : cfn##l, default          \
             : fn)

#define __tg_complex(x, fn)               \
    _Generic((x), float                   \
             : fn##f, long double         \
             : fn##l, float complex       \
             : fn##f, long double complex \
             : fn##l, default             \
             : fn)

#define __tg_1(f, x)    __tg_real(__tg_zero(x), f)(x)
#define __tg_2(f, x, y) __tg_real(__tg_zero(x) + __tg_zero(y), f)(x, y)

#define acos(x)   __tg_both(__tg_zero(x), acos, cacos)(x)
#define acosh(x)  __tg_both(__tg_zero(x), acosh, cacosh)(x)
#define asin(x)   __tg_both(__tg_zero(x), asin, casin)(x)
#define asinh(x)  __tg_both(__tg_zero(x), asinh, casinh)(x)
#define atan(x)   __tg_both(__tg_zero(x), atan, catan)(x)
#define atanh(x)  __tg_both(__tg_zero(x), atanh, catanh)(x)
#define cos(x)    __tg_both(__tg_zero(x), cos, ccos)(x)
#define cosh(x)   __tg_both(__tg_zero(x), cosh, ccosh)(x)
#define exp(x)    __tg_both(__tg_zero(x), exp, cexp)(x)
#define log(x)    __tg_both(__tg_zero(x), log, clog)(x)
#define sin(x)    __tg_both(__tg_zero(x), sin, csin)(x)
#define sinh(x)   __tg_both(__tg_zero(x), sinh, csinh)(x)
#define sqrt(x)   __tg_both(__tg_zero(x), sqrt, csqrt)(x)
#define tan(x)    __tg_both(__tg_zero(x), tan, ctan)(x)
#define tanh(x)   __tg_both(__tg_zero(x), tanh, ctanh)(x)
#define fabs(x)   __tg_both(__tg_zero(x), fabs, cabs)(x)
#define pow(x, y) __tg_both(__tg_zero(x) + __tg_zero(y), pow, cpow)(x, y)

#define cbrt(x)      __tg_1(cbrt, x)
#define ceil(x)      __tg_1(ceil, x)
#define erf(x)       __tg_1(erf, x)
#define erfc(x)      __tg_1(erfc, x)
#define exp2(x)      __tg_1(exp2, x)
#define expm1(x)     __tg_1(expm1, x)
#define floor(x)     __tg_1(floor, x)
#define lgamma(x)    __tg_1(lgamma, x)
#define llrint(x)    __tg_1(llrint, x)
#define llround(x)   __tg_1(llround, x)
#define log10(x)     __tg_1(log10, x)
#define log1p(x)     __tg_1(log1p, x)
#define log2(x)      __tg_1(log2, x)
#define logb(x)      __tg_1(logb, x)
#define lrint(x)     __tg_1(lrint, x)
#define lround(x)    __tg_1(lround, x)
#define nearbyint(x) __tg_1(nearbyint, x)
#define rint(x)      __tg_1(rint, x)
#define round(x)     __tg_1(round, x)
#define tgamma(x)    __tg_1(tgamma, x)
#define trunc(x)     __tg_1(trunc, x)
#define ilogb(x)     __tg_1(ilogb, x)

#define atan2(x, y)     __tg_2(atan2, x, y)
#define copysign(x, y)  __tg_2(copysign, x, y)
#define fdim(x, y)      __tg_2(fdim, x, y)
#define fmax(x, y)      __tg_2(fmax, x, y)
#define fmin(x, y)      __tg_2(fmin, x, y)
#define fmod(x, y)      __tg_2(fmod, x, y)
#define hypot(x, y)     __tg_2(hypot, x, y)
#define nextafter(x, y) __tg_2(nextafter, x, y)
#define remainder(x, y) __tg_2(remainder, x, y)

#define fma(x, y, z) \
    __tg_real(__tg_zero(x) + __tg_zero(y) + __tg_zero(z), fma)(x, y, z)
#define frexp(x, e)      __tg_real(__tg_zero(x), frexp)(x, e)
#define ldexp(x, n)      __tg_real(__tg_zero(x), ldexp)(x, n)
#define nexttoward(x, y) __tg_real(__tg_zero(x), nexttoward)(x, y)
#define remquo(x, y, q)  __tg_real(__tg_zero(x) + __tg_zero(y), remquo)(x, y, q)
#define scalbln(x, n)    __tg_real(__tg_zero(x), scalbln)(x, n)
#define scalbn(x, n)     __tg_real(__tg_zero(x), scalbn)(x, n)

#define carg(x)  __tg_complex(x, carg)(x)
#define cimag(x) __tg_complex(x, cimag)(x)
#define conj(x)  __tg_complex(x, conj)(x)
#define cproj(x) __tg_complex(x, cproj)(x)
#define creal(x) __tg_complex(x, creal)(x)

#endif
