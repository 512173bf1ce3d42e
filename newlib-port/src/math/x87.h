/*
 * x87.h - the instructions of the floating point unit that the long double
 * functions are made of, and sums and products of two numbers without error.
 *
 * A long double has 64 bits of precision; the unit's own functions are right
 * to within one unit in the last place on the ranges named here (Intel SDM 1,
 * 8.3.10).  What is added to them is the reduction of the argument to such a
 * range with more precision than that.
 */
#ifndef X87_H
#define X87_H

#include <stdint.h>

/* The parts of a long double in memory. */
union x87_bits {
    long double value;
    struct {
        uint64_t mantissa; /* with its leading one */
        uint16_t sign_exponent;
    } part;
};

/* A number as an unevaluated sum; low is below half a unit of high. */
struct x87_pair {
    long double high;
    long double low;
};

/* 2^x - 1, -1 <= x <= 1 */
static inline long double x87_exp2m1(long double x)
{
    __asm__("f2xm1" : "+t"(x));
    return x;
}

/* x * 2^n, n whole and within the range of an int */
static inline long double x87_scale(long double x, long double n)
{
    __asm__("fscale" : "+t"(x) : "u"(n));
    return x;
}

/* factor * log2(x), x > 0 */
static inline long double x87_log2(long double x, long double factor)
{
    __asm__("fyl2x" : "+t"(x) : "u"(factor) : "st(1)");
    return x;
}

/* factor * log2(1 + x), |x| < 1 - sqrt(1/2) */
static inline long double x87_log2p1(long double x, long double factor)
{
    __asm__("fyl2xp1" : "+t"(x) : "u"(factor) : "st(1)");
    return x;
}

/* The angle of the point (x, y), with C's rules for signs and infinities. */
static inline long double x87_atan2(long double y, long double x)
{
    __asm__("fpatan" : "+t"(x) : "u"(y) : "st(1)");
    return x;
}

static inline long double x87_sqrt(long double x)
{
    __asm__("fsqrt" : "+t"(x));
    return x;
}

static inline long double x87_abs(long double x)
{
    return __builtin_fabsl(x);
}

/* To a whole number, in the current rounding mode. */
static inline long double x87_round(long double x)
{
    __asm__("frndint" : "+t"(x));
    return x;
}

/* a + b, whatever their sizes (Knuth, TAOCP 2, 4.2.2, theorem B) */
static inline struct x87_pair x87_add(long double a, long double b)
{
    volatile long double sum = a + b;
    volatile long double from_b = sum - a;
    volatile long double from_a = sum - from_b;

    return (struct x87_pair){sum, (a - from_a) + (b - from_b)};
}

/* a * b (Dekker 1971): each factor in two halves of 32 bits. */
static inline struct x87_pair x87_multiply(long double a, long double b)
{
    volatile long double big_a = a * 4294967297.0L;
    volatile long double big_b = b * 4294967297.0L;
    volatile long double a_high = big_a - (big_a - a);
    volatile long double b_high = big_b - (big_b - b);
    long double a_low = a - a_high;
    long double b_low = b - b_high;
    long double product = a * b;

    return (struct x87_pair){product, ((a_high * b_high - product) +
                                       a_high * b_low + a_low * b_high) +
                                          a_low * b_low};
}

#define X87_LN2     0x1.62e42fefa39ef358p-1L
#define X87_LOG2E   0x1.71547652b82fe178p+0L
#define X87_LOG2_10 0x1.a934f0979a3715fcp+1L
#define X87_LOG10_2 0x1.34413509f79fef32p-2L

#endif
