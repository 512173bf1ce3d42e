/*
 * Bits of unsigned numbers (C23). Each function has a form for every type and a
 * macro that takes the argument's.
 */
#ifndef _STDBIT_H
#define _STDBIT_H

#include <limits.h>
#include <stdint.h>

#define __STDC_VERSION_STDBIT_H__ 202311L
#define __STDC_ENDIAN_LITTLE__    __ORDER_LITTLE_ENDIAN__
#define __STDC_ENDIAN_BIG__       __ORDER_BIG_ENDIAN__
#define __STDC_ENDIAN_NATIVE__    __BYTE_ORDER__

/* Zeros of a number of `w` bits before its first one, and after its last. */
static inline unsigned __bits_leading(unsigned long long x, unsigned w)
{
    return x ? (unsigned)__builtin_clzll(x) - (64 - w) : w;
}

static inline unsigned __bits_trailing(unsigned long long x, unsigned w)
{
    return x ? (unsigned)__builtin_ctzll(x) : w;
}

/* The power of two at or above x; 0 if it has more than `w` bits. */
static inline unsigned long long __bits_ceil(unsigned long long x, unsigned w)
{
    unsigned width = x <= 1 ? 0 : w - __bits_leading(x - 1, w);

    return width < w ? 1ull << width : 0;
}

#define __BITS_FUNCTION(R, name, T, value)       \
    static inline R name(T x)                    \
    {                                            \
        const unsigned w = sizeof(T) * CHAR_BIT; \
        (void)w;                                 \
        return (R)(value);                       \
    }
#define __BITS_GENERIC(name, x)              \
    _Generic((x), unsigned char              \
             : name##_uc, unsigned short     \
             : name##_us, unsigned int       \
             : name##_ui, unsigned long      \
             : name##_ul, unsigned long long \
             : name##_ull)(x)

__BITS_FUNCTION(unsigned, stdc_leading_zeros_uc, unsigned char,
                __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_leading_zeros_us, unsigned short,
                __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_leading_zeros_ui, unsigned int,
                __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_leading_zeros_ul, unsigned long,
                __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_leading_zeros_ull, unsigned long long,
                __bits_leading(x, w))
#define stdc_leading_zeros(x) __BITS_GENERIC(stdc_leading_zeros, x)

__BITS_FUNCTION(unsigned, stdc_leading_ones_uc, unsigned char,
                __bits_leading((unsigned char)~x, w))
__BITS_FUNCTION(unsigned, stdc_leading_ones_us, unsigned short,
                __bits_leading((unsigned short)~x, w))
__BITS_FUNCTION(unsigned, stdc_leading_ones_ui, unsigned int,
                __bits_leading((unsigned int)~x, w))
__BITS_FUNCTION(unsigned, stdc_leading_ones_ul, unsigned long,
                __bits_leading((unsigned long)~x, w))
__BITS_FUNCTION(unsigned, stdc_leading_ones_ull, unsigned long long,
                __bits_leading((unsigned long long)~x, w))
#define stdc_leading_ones(x) __BITS_GENERIC(stdc_leading_ones, x)

__BITS_FUNCTION(unsigned, stdc_trailing_zeros_uc, unsigned char,
                __bits_trailing(x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_zeros_us, unsigned short,
                __bits_trailing(x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_zeros_ui, unsigned int,
                __bits_trailing(x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_zeros_ul, unsigned long,
                __bits_trailing(x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_zeros_ull, unsigned long long,
                __bits_trailing(x, w))
#define stdc_trailing_zeros(x) __BITS_GENERIC(stdc_trailing_zeros, x)

__BITS_FUNCTION(unsigned, stdc_trailing_ones_uc, unsigned char,
                __bits_trailing((unsigned char)~x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_ones_us, unsigned short,
                __bits_trailing((unsigned short)~x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_ones_ui, unsigned int,
                __bits_trailing((unsigned int)~x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_ones_ul, unsigned long,
                __bits_trailing((unsigned long)~x, w))
__BITS_FUNCTION(unsigned, stdc_trailing_ones_ull, unsigned long long,
                __bits_trailing((unsigned long long)~x, w))
#define stdc_trailing_ones(x) __BITS_GENERIC(stdc_trailing_ones, x)

__BITS_FUNCTION(unsigned, stdc_first_leading_zero_uc, unsigned char,
                (unsigned char)~x ? __bits_leading((unsigned char)~x, w) + 1
                                  : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_zero_us, unsigned short,
                (unsigned short)~x ? __bits_leading((unsigned short)~x, w) + 1
                                   : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_zero_ui, unsigned int,
                (unsigned int)~x ? __bits_leading((unsigned int)~x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_zero_ul, unsigned long,
                (unsigned long)~x ? __bits_leading((unsigned long)~x, w) + 1
                                  : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_zero_ull, unsigned long long,
                (unsigned long long)~x
                    ? __bits_leading((unsigned long long)~x, w) + 1
                    : 0)
#define stdc_first_leading_zero(x) __BITS_GENERIC(stdc_first_leading_zero, x)

__BITS_FUNCTION(unsigned, stdc_first_leading_one_uc, unsigned char,
                x ? __bits_leading(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_one_us, unsigned short,
                x ? __bits_leading(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_one_ui, unsigned int,
                x ? __bits_leading(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_one_ul, unsigned long,
                x ? __bits_leading(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_leading_one_ull, unsigned long long,
                x ? __bits_leading(x, w) + 1 : 0)
#define stdc_first_leading_one(x) __BITS_GENERIC(stdc_first_leading_one, x)

__BITS_FUNCTION(unsigned, stdc_first_trailing_zero_uc, unsigned char,
                (unsigned char)~x ? __bits_trailing((unsigned char)~x, w) + 1
                                  : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_zero_us, unsigned short,
                (unsigned short)~x ? __bits_trailing((unsigned short)~x, w) + 1
                                   : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_zero_ui, unsigned int,
                (unsigned int)~x ? __bits_trailing((unsigned int)~x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_zero_ul, unsigned long,
                (unsigned long)~x ? __bits_trailing((unsigned long)~x, w) + 1
                                  : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_zero_ull, unsigned long long,
                (unsigned long long)~x
                    ? __bits_trailing((unsigned long long)~x, w) + 1
                    : 0)
#define stdc_first_trailing_zero(x) __BITS_GENERIC(stdc_first_trailing_zero, x)

__BITS_FUNCTION(unsigned, stdc_first_trailing_one_uc, unsigned char,
                x ? __bits_trailing(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_one_us, unsigned short,
                x ? __bits_trailing(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_one_ui, unsigned int,
                x ? __bits_trailing(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_one_ul, unsigned long,
                x ? __bits_trailing(x, w) + 1 : 0)
__BITS_FUNCTION(unsigned, stdc_first_trailing_one_ull, unsigned long long,
                x ? __bits_trailing(x, w) + 1 : 0)
#define stdc_first_trailing_one(x) __BITS_GENERIC(stdc_first_trailing_one, x)

__BITS_FUNCTION(unsigned, stdc_count_zeros_uc, unsigned char,
                w - (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_zeros_us, unsigned short,
                w - (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_zeros_ui, unsigned int,
                w - (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_zeros_ul, unsigned long,
                w - (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_zeros_ull, unsigned long long,
                w - (unsigned)__builtin_popcountll(x))
#define stdc_count_zeros(x) __BITS_GENERIC(stdc_count_zeros, x)

__BITS_FUNCTION(unsigned, stdc_count_ones_uc, unsigned char,
                (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_ones_us, unsigned short,
                (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_ones_ui, unsigned int,
                (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_ones_ul, unsigned long,
                (unsigned)__builtin_popcountll(x))
__BITS_FUNCTION(unsigned, stdc_count_ones_ull, unsigned long long,
                (unsigned)__builtin_popcountll(x))
#define stdc_count_ones(x) __BITS_GENERIC(stdc_count_ones, x)

__BITS_FUNCTION(_Bool, stdc_has_single_bit_uc, unsigned char,
                x != 0 && (x & (unsigned char)(x - 1)) == 0)
__BITS_FUNCTION(_Bool, stdc_has_single_bit_us, unsigned short,
                x != 0 && (x & (unsigned short)(x - 1)) == 0)
__BITS_FUNCTION(_Bool, stdc_has_single_bit_ui, unsigned int,
                x != 0 && (x & (unsigned int)(x - 1)) == 0)
__BITS_FUNCTION(_Bool, stdc_has_single_bit_ul, unsigned long,
                x != 0 && (x & (unsigned long)(x - 1)) == 0)
__BITS_FUNCTION(_Bool, stdc_has_single_bit_ull, unsigned long long,
                x != 0 && (x & (unsigned long long)(x - 1)) == 0)
#define stdc_has_single_bit(x) __BITS_GENERIC(stdc_has_single_bit, x)

__BITS_FUNCTION(unsigned, stdc_bit_width_uc, unsigned char,
                w - __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_bit_width_us, unsigned short,
                w - __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_bit_width_ui, unsigned int,
                w - __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_bit_width_ul, unsigned long,
                w - __bits_leading(x, w))
__BITS_FUNCTION(unsigned, stdc_bit_width_ull, unsigned long long,
                w - __bits_leading(x, w))
#define stdc_bit_width(x) __BITS_GENERIC(stdc_bit_width, x)

__BITS_FUNCTION(unsigned char, stdc_bit_floor_uc, unsigned char,
                (unsigned char)(x ? (unsigned char)1
                                        << (w - 1 - __bits_leading(x, w))
                                  : 0))
__BITS_FUNCTION(unsigned short, stdc_bit_floor_us, unsigned short,
                (unsigned short)(x ? (unsigned short)1
                                         << (w - 1 - __bits_leading(x, w))
                                   : 0))
__BITS_FUNCTION(unsigned int, stdc_bit_floor_ui, unsigned int,
                (unsigned int)(x ? (unsigned int)1
                                       << (w - 1 - __bits_leading(x, w))
                                 : 0))
__BITS_FUNCTION(unsigned long, stdc_bit_floor_ul, unsigned long,
                (unsigned long)(x ? (unsigned long)1
                                        << (w - 1 - __bits_leading(x, w))
                                  : 0))
__BITS_FUNCTION(unsigned long long, stdc_bit_floor_ull, unsigned long long,
                (unsigned long long)(x ? (unsigned long long)1
                                             << (w - 1 - __bits_leading(x, w))
                                       : 0))
#define stdc_bit_floor(x) __BITS_GENERIC(stdc_bit_floor, x)

__BITS_FUNCTION(unsigned char, stdc_bit_ceil_uc, unsigned char,
                __bits_ceil(x, w))
__BITS_FUNCTION(unsigned short, stdc_bit_ceil_us, unsigned short,
                __bits_ceil(x, w))
__BITS_FUNCTION(unsigned int, stdc_bit_ceil_ui, unsigned int, __bits_ceil(x, w))
__BITS_FUNCTION(unsigned long, stdc_bit_ceil_ul, unsigned long,
                __bits_ceil(x, w))
__BITS_FUNCTION(unsigned long long, stdc_bit_ceil_ull, unsigned long long,
                __bits_ceil(x, w))
#define stdc_bit_ceil(x) __BITS_GENERIC(stdc_bit_ceil, x)

#endif
