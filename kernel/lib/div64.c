/*
 * Division of 64-bit numbers. The compiler calls __udivdi3 and its kin for the
 * operators; those of its own library take all arguments from the stack, which
 * the kernel's functions do not (-mregparm=3), so the kernel brings its own.
 *
 * Source: Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D, for a
 * divisor of two words: the quotient of the upper words, with the divisor
 * shifted so that its top bit is set, is at most 1 too large for a quotient
 * that has lost its lowest bit.
 */
#include "lib/div64.h"

/* n / d for a quotient below 2^32; *rest becomes n % d. */
static uint32_t divide_word(uint64_t n, uint32_t d, uint32_t *rest)
{
    uint32_t quotient;

    __asm__("divl %4"
            : "=a"(quotient), "=d"(*rest)
            : "a"((uint32_t)n), "d"((uint32_t)(n >> 32)), "rm"(d)
            : "cc");
    return quotient;
}

static uint64_t divide_by_word(uint64_t n, uint32_t d, uint64_t *rest)
{
    uint32_t high = (uint32_t)(n >> 32), left = high % d;
    uint32_t low = divide_word((uint64_t)left << 32 | (uint32_t)n, d, &left);

    *rest = left;
    return (uint64_t)(high / d) << 32 | low;
}

uint64_t div64(uint64_t n, uint64_t d, uint64_t *rest)
{
    unsigned shift;
    uint32_t quotient, left;

    if (d >> 32 == 0)
        return divide_by_word(n, (uint32_t)d, rest);
    shift = (unsigned)__builtin_clz((uint32_t)(d >> 32));
    quotient = divide_word(n >> 1, (uint32_t)(d << shift >> 32), &left);
    quotient >>= 31 - shift;
    if (quotient > 0)
        quotient--;
    *rest = n - quotient * d;
    if (*rest >= d) {
        *rest -= d;
        quotient++;
    }
    return quotient;
}

#if !__STDC_HOSTED__ /* a test is linked with the compiler's */
uint64_t __udivdi3(uint64_t n, uint64_t d);
uint64_t __umoddi3(uint64_t n, uint64_t d);
uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest);
int64_t __divdi3(int64_t n, int64_t d);
int64_t __moddi3(int64_t n, int64_t d);
int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rest);

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

uint64_t __udivdi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    return div64(n, d, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t d)
{
    uint64_t rest;

    (void)div64(n, d, &rest);
    return rest;
}

uint64_t __udivmoddi4(uint64_t n, uint64_t d, uint64_t *rest)
{
    return div64(n, d, rest);
}

int64_t __divmoddi4(int64_t n, int64_t d, int64_t *rest)
{
    uint64_t left, quotient = div64(magnitude(n), magnitude(d), &left);

    *rest = (int64_t)(n < 0 ? -left : left);
    return (int64_t)((n < 0) != (d < 0) ? -quotient : quotient);
}

int64_t __divdi3(int64_t n, int64_t d)
{
    int64_t rest;

    return __divmoddi4(n, d, &rest);
}

int64_t __moddi3(int64_t n, int64_t d)
{
    int64_t rest;

    (void)__divmoddi4(n, d, &rest);
    return rest;
}
#endif
