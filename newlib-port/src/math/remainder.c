/*
 * fmodl, remainderl, remquol, modfl: the unit divides step by step, a step of
 * at most 63 bits of quotient; condition bit 2 says that there are more.
 */
#include "x87.h"
#include <math.h>

#define C0 0x0100
#define C1 0x0200
#define C2 0x0400
#define C3 0x4000

long double fmodl(long double x, long double y)
{
    uint16_t status;

    do
        __asm__ volatile("fprem\n\tfnstsw %1" : "+t"(x), "=a"(status) : "u"(y));
    while (status & C2);
    return x;
}

static long double divide(long double x, long double y, uint16_t *status)
{
    do
        __asm__ volatile("fprem1\n\tfnstsw %1"
                         : "+t"(x), "=a"(*status)
                         : "u"(y));
    while (*status & C2);
    return x;
}

long double remainderl(long double x, long double y)
{
    uint16_t status;

    return divide(x, y, &status);
}

long double remquol(long double x, long double y, int *quotient)
{
    uint16_t status;
    long double rest = divide(x, y, &status);
    int bits =
        (status & C1 ? 1 : 0) | (status & C3 ? 2 : 0) | (status & C0 ? 4 : 0);

    *quotient = signbit(x) != signbit(y) ? -bits : bits;
    return rest;
}

long double modfl(long double x, long double *whole)
{
    *whole = truncl(x);
    if (isinf(x))
        return copysignl(0, x);
    return copysignl(x - *whole, x);
}
