/*
 * memset_explicit (C23): a memset that is not left out because what it wrote is
 * never read.
 */
#define _GNU_SOURCE
#include <string.h>

void *memset_explicit(void *to, int c, size_t nbytes)
{
    memset(to, c, nbytes);
    __asm__ volatile("" : : "r"(to) : "memory");
    return to;
}
