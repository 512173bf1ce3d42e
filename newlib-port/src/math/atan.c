/*
 * atanl, atan2l, asinl, acosl: the unit's arctangent of two arguments.
 */
#include "x87.h"
#include <math.h>

long double atanl(long double x)
{
    return x87_atan2(x, 1);
}

long double atan2l(long double y, long double x)
{
    return x87_atan2(y, x);
}

/* The square root of a negative number is C's domain error. */
long double asinl(long double x)
{
    return x87_atan2(x, x87_sqrt((1 - x) * (1 + x)));
}

long double acosl(long double x)
{
    return 2 * x87_atan2(x87_sqrt(1 - x), x87_sqrt(1 + x));
}
