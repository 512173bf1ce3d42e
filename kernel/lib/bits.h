/*
 * Rounding, powers of two and single bits. Alignments are powers of two.
 */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include <stdbool.h>
#include <stdint.h>

static inline bool bits_is_pow2(uint64_t x)
{
    return x != 0 && (x & (x - 1)) == 0;
}

static inline bool bits_is_aligned(uint64_t x, uint64_t align)
{
    return (x & (align - 1)) == 0;
}

/* The next multiple of `align` at or below x. */
static inline uint32_t bits_align_down32(uint32_t x, uint32_t align)
{
    return x & ~(align - 1);
}

static inline uint64_t bits_align_down64(uint64_t x, uint64_t align)
{
    return x & ~(align - 1);
}

/*
 * Store the next multiple of `align` at or above x and return true; return
 * false, and store nothing, if it does not fit the type.
 */
static inline bool bits_align_up32(uint32_t x, uint32_t align, uint32_t *up)
{
    if (x > UINT32_MAX - (align - 1) && (x & (align - 1)) != 0)
        return false;
    *up = (x + (align - 1)) & ~(align - 1);
    return true;
}

static inline bool bits_align_up64(uint64_t x, uint64_t align, uint64_t *up)
{
    if (x > UINT64_MAX - (align - 1) && (x & (align - 1)) != 0)
        return false;
    *up = (x + (align - 1)) & ~(align - 1);
    return true;
}

/*
 * The same for values known to be far from the end of the type; they wrap to
 * 0 there.
 */
static inline uint32_t bits_round_up32(uint32_t x, uint32_t align)
{
    return (x + (align - 1)) & ~(align - 1);
}

static inline uint64_t bits_round_up64(uint64_t x, uint64_t align)
{
    return (x + (align - 1)) & ~(align - 1);
}

/* How many times `unit` goes into x, a begun one counted; unit > 0. */
static inline uint32_t bits_div_up32(uint32_t x, uint32_t unit)
{
    return x / unit + (x % unit != 0);
}

/* The number of the highest set bit; x must not be 0. */
static inline unsigned bits_log2_32(uint32_t x)
{
    return 31 - (unsigned)__builtin_clz(x);
}

static inline unsigned bits_log2_64(uint64_t x)
{
    return 63 - (unsigned)__builtin_clzll(x);
}

/* The smallest n with 2^n >= x; 0 for x of 0 and 1. */
static inline unsigned bits_log2_up32(uint32_t x)
{
    return x <= 1 ? 0 : bits_log2_32(x - 1) + 1;
}

/* The number of the lowest set bit; x must not be 0. */
static inline unsigned bits_lowest32(uint32_t x)
{
    return (unsigned)__builtin_ctz(x);
}

/* The number of the lowest set bit plus one, and 0 for x = 0, as POSIX ffs. */
static inline unsigned bits_ffs32(uint32_t x)
{
    return (unsigned)__builtin_ffs((int)x);
}

#endif
