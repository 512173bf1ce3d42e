/* The bit functions that borrowed mathematics takes from musl's atomic.h. */
#ifndef ATOMIC_H
#define ATOMIC_H

#include <stdint.h>

static inline int a_ctz_64(uint64_t x)
{
    return __builtin_ctzll(x);
}

static inline int a_clz_64(uint64_t x)
{
    return __builtin_clzll(x);
}

#endif
