/*
 * Division of 64-bit numbers, which 32-bit processors have no instruction for.
 */
#ifndef LIB_DIV64_H
#define LIB_DIV64_H

#include "lib/types.h"

/* Return n / d and set *rest to n % d; `d` is not 0. Pure. */
uint64_t div64(uint64_t n, uint64_t d, uint64_t *rest);

#endif
