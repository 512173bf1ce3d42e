/*
 * Wrappers that set errno for borrowed functions of <math.h>.
 *
 * The borrowed function has the prefix __musl_ and only raises floating-point
 * exceptions.  The wrapper has the public name and adds what C17 7.12.1 asks of
 * math_errhandling & MATH_ERRNO, read off the result:
 *
 *   a NaN from arguments that are not NaNs    domain error      EDOM
 *   an infinity from finite arguments         pole or overflow  ERANGE
 *   zero from finite arguments not zero       underflow         ERANGE
 *
 * The last line holds for the kinds with a `z`.  Kinds: 1 takes (T), 2 (T, T),
 * i (T, int), j (T, long), q (T, T, int *); the letter before is d for double,
 * f for float, l for long double.
 */
#ifndef GLUE_MATH_WRAP_H
#define GLUE_MATH_WRAP_H

#include <errno.h>
#include <math.h>

#define CHECK(r, nan, finite, underflow)             \
    do {                                             \
        if (__builtin_expect(!isfinite(r), 0)) {     \
            if (isnan(r)) {                          \
                if (!(nan))                          \
                    errno = EDOM;                    \
            } else if (finite) {                     \
                errno = ERANGE;                      \
            }                                        \
        } else if (__builtin_expect(underflow, 0)) { \
            errno = ERANGE;                          \
        }                                            \
    } while (0)

#define WRAP_1(T, name, z)                                          \
    T name(T x)                                                     \
    {                                                               \
        T r = __musl_##name(x);                                     \
                                                                    \
        CHECK(r, isnan(x), isfinite(x), z &&r == 0 && isfinite(x)); \
        return r;                                                   \
    }

#define WRAP_2(T, name, z)                                          \
    T name(T x, T y)                                                \
    {                                                               \
        T r = __musl_##name(x, y);                                  \
                                                                    \
        CHECK(r, isnan(x) || isnan(y), isfinite(x) && isfinite(y),  \
              z && r == 0 && x != 0 && isfinite(x) && isfinite(y)); \
        return r;                                                   \
    }

#define WRAP_N(T, name, N, z)                                  \
    T name(T x, N n)                                           \
    {                                                          \
        T r = __musl_##name(x, n);                             \
                                                               \
        CHECK(r, isnan(x), isfinite(x), z &&r == 0 && x != 0); \
        return r;                                              \
    }

#define WRAP_Q(T, name)                                                \
    T name(T x, T y, int *quotient)                                    \
    {                                                                  \
        T r = __musl_##name(x, y, quotient);                           \
                                                                       \
        CHECK(r, isnan(x) || isnan(y), isfinite(x) && isfinite(y), 0); \
        return r;                                                      \
    }

#define WRAP_d1(name)  WRAP_1(double, name, 0)
#define WRAP_f1(name)  WRAP_1(float, name, 0)
#define WRAP_l1(name)  WRAP_1(long double, name, 0)
#define WRAP_d1z(name) WRAP_1(double, name, 1)
#define WRAP_f1z(name) WRAP_1(float, name, 1)
#define WRAP_l1z(name) WRAP_1(long double, name, 1)
#define WRAP_d2(name)  WRAP_2(double, name, 0)
#define WRAP_f2(name)  WRAP_2(float, name, 0)
#define WRAP_l2(name)  WRAP_2(long double, name, 0)
#define WRAP_d2z(name) WRAP_2(double, name, 1)
#define WRAP_f2z(name) WRAP_2(float, name, 1)
#define WRAP_l2z(name) WRAP_2(long double, name, 1)
#define WRAP_diz(name) WRAP_N(double, name, int, 1)
#define WRAP_fiz(name) WRAP_N(float, name, int, 1)
#define WRAP_liz(name) WRAP_N(long double, name, int, 1)
#define WRAP_djz(name) WRAP_N(double, name, long, 1)
#define WRAP_fjz(name) WRAP_N(float, name, long, 1)
#define WRAP_ljz(name) WRAP_N(long double, name, long, 1)
#define WRAP_dq(name)  WRAP_Q(double, name)
#define WRAP_fq(name)  WRAP_Q(float, name)
#define WRAP_lq(name)  WRAP_Q(long double, name)

#endif
