/*
 * ceill, floorl, truncl, roundl, nearbyintl, lroundl, llroundl: to whole
 * numbers.  The unit rounds by its control word, which is changed for the one
 * instruction; raising "inexact" is allowed to all but nearbyintl.
 */
#include "x87.h"
#include <limits.h>
#include <math.h>

#define TO_NEAREST 0x0000
#define DOWN       0x0400
#define UP         0x0800
#define TO_ZERO    0x0c00
#define DIRECTION  0x0c00

static long double round_by(long double x, unsigned direction)
{
    uint16_t saved, changed;

    __asm__ volatile("fnstcw %0" : "=m"(saved));
    changed = (uint16_t)((saved & ~DIRECTION) | direction);
    __asm__ volatile("fldcw %0" : : "m"(changed));
    __asm__ volatile("frndint" : "+t"(x));
    __asm__ volatile("fldcw %0" : : "m"(saved));
    return x;
}

long double ceill(long double x)
{
    return round_by(x, UP);
}

long double floorl(long double x)
{
    return round_by(x, DOWN);
}

long double truncl(long double x)
{
    return round_by(x, TO_ZERO);
}

/* Half way cases away from zero. */
long double roundl(long double x)
{
    long double whole = truncl(x);

    if (x87_abs(x - whole) >= 0.5L)
        whole += copysignl(1, x);
    return copysignl(whole, x);
}

/* The exceptions of before are put back: "inexact" is not raised. */
long double nearbyintl(long double x)
{
    uint16_t status;

    __asm__ volatile("fnstsw %0" : "=m"(status));
    __asm__ volatile("frndint" : "+t"(x));
    if (!(status & 0x20) && isfinite(x)) {
        uint32_t environment[7];

        __asm__ volatile("fnstenv %0" : "=m"(environment));
        environment[1] &= ~0x20u;
        __asm__ volatile("fldenv %0" : : "m"(environment));
    }
    return x;
}

long lroundl(long double x)
{
    return lrintl(roundl(x));
}

long long llroundl(long double x)
{
    return llrintl(roundl(x));
}
