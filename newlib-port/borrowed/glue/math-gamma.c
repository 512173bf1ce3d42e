/*
 * lgamma_r, lgammaf_r, tgamma, tgammaf: the long double functions, rounded.
 *
 * The narrow ones that could be borrowed are wrong by many units near the zeros
 * of lgamma.  Errors as C17 7.12.8.3 and 7.12.8.4 have them: ERANGE at a pole
 * and on overflow, EDOM for tgamma of a negative integer.
 */
#include <errno.h>
#include <math.h>

long double __lgammal_r(long double x, int *sign);
long double tgammal(long double x);
double __lgamma_r(double x, int *sign);
float __lgammaf_r(float x, int *sign);

double __lgamma_r(double x, int *sign)
{
    return (double)__lgammal_r(x, sign);
}

float __lgammaf_r(float x, int *sign)
{
    return (float)__lgammal_r(x, sign);
}

double lgamma_r(double, int *) __attribute__((weak, alias("__lgamma_r")));
float lgammaf_r(float, int *) __attribute__((weak, alias("__lgammaf_r")));

double tgamma(double x)
{
    double result = (double)tgammal(x);

    if ((isinf(result) || result == 0) && isfinite(x))
        errno = ERANGE;
    return result;
}

float tgammaf(float x)
{
    float result = (float)tgammal(x);

    if ((isinf(result) || result == 0) && isfinite(x))
        errno = ERANGE;
    return result;
}
