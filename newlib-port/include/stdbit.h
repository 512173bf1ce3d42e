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

/* A function for each type; in `value` the type is __typeof__(x). */
#define __BITS_FAMILY(R, name, value)                    \
    __BITS_FUNCTION(R, name##_uc, unsigned char, value)  \
    __BITS_FUNCTION(R, name##_us, unsigned short, value) \
    __BITS_FUNCTION(R, name##_ui, unsigned int, value)   \
    __BITS_FUNCTION(R, name##_ul, unsigned long, value)  \
    __BITS_FUNCTION(R, name##_ull, unsigned long long, value)

/* The same for functions whose result has the argument's type. */
#define __BITS_SAME_TYPE(name, value)                                 \
    __BITS_FUNCTION(unsigned char, name##_uc, unsigned char, value)   \
    __BITS_FUNCTION(unsigned short, name##_us, unsigned short, value) \
    __BITS_FUNCTION(unsigned int, name##_ui, unsigned int, value)     \
    __BITS_FUNCTION(unsigned long, name##_ul, unsigned long, value)   \
    __BITS_FUNCTION(unsigned long long, name##_ull, unsigned long long, value)

/* `x` with each bit the other way. */
#define __BITS_NOT(x) ((__typeof__(x))~(x))

__BITS_FAMILY(unsigned, stdc_leading_zeros, __bits_leading(x, w))
#define stdc_leading_zeros(x) __BITS_GENERIC(stdc_leading_zeros, x)

__BITS_FAMILY(unsigned, stdc_leading_ones, __bits_leading(__BITS_NOT(x), w))
#define stdc_leading_ones(x) __BITS_GENERIC(stdc_leading_ones, x)

__BITS_FAMILY(unsigned, stdc_trailing_zeros, __bits_trailing(x, w))
#define stdc_trailing_zeros(x) __BITS_GENERIC(stdc_trailing_zeros, x)

__BITS_FAMILY(unsigned, stdc_trailing_ones, __bits_trailing(__BITS_NOT(x), w))
#define stdc_trailing_ones(x) __BITS_GENERIC(stdc_trailing_ones, x)

__BITS_FAMILY(unsigned, stdc_first_leading_zero,
              __BITS_NOT(x) ? __bits_leading(__BITS_NOT(x), w) + 1 : 0)
#define stdc_first_leading_zero(x) __BITS_GENERIC(stdc_first_leading_zero, x)

__BITS_FAMILY(unsigned, stdc_first_leading_one,
              x ? __bits_leading(x, w) + 1 : 0)
#define stdc_first_leading_one(x) __BITS_GENERIC(stdc_first_leading_one, x)

__BITS_FAMILY(unsigned, stdc_first_trailing_zero,
              __BITS_NOT(x) ? __bits_trailing(__BITS_NOT(x), w) + 1 : 0)
#define stdc_first_trailing_zero(x) __BITS_GENERIC(stdc_first_trailing_zero, x)

__BITS_FAMILY(unsigned, stdc_first_trailing_one,
              x ? __bits_trailing(x, w) + 1 : 0)
#define stdc_first_trailing_one(x) __BITS_GENERIC(stdc_first_trailing_one, x)

__BITS_FAMILY(unsigned, stdc_count_zeros, w - (unsigned)__builtin_popcountll(x))
#define stdc_count_zeros(x) __BITS_GENERIC(stdc_count_zeros, x)

__BITS_FAMILY(unsigned, stdc_count_ones, (unsigned)__builtin_popcountll(x))
#define stdc_count_ones(x) __BITS_GENERIC(stdc_count_ones, x)

__BITS_FAMILY(_Bool, stdc_has_single_bit,
              x != 0 && (x & (__typeof__(x))(x - 1)) == 0)
#define stdc_has_single_bit(x) __BITS_GENERIC(stdc_has_single_bit, x)

__BITS_FAMILY(unsigned, stdc_bit_width, w - __bits_leading(x, w))
#define stdc_bit_width(x) __BITS_GENERIC(stdc_bit_width, x)

__BITS_SAME_TYPE(stdc_bit_floor,
                 (__typeof__(x))(x ? (__typeof__(x))1
                                         << (w - 1 - __bits_leading(x, w))
                                   : 0))
#define stdc_bit_floor(x) __BITS_GENERIC(stdc_bit_floor, x)

__BITS_SAME_TYPE(stdc_bit_ceil, __bits_ceil(x, w))
#define stdc_bit_ceil(x) __BITS_GENERIC(stdc_bit_ceil, x)

#endif
