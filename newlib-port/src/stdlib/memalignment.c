/*
 * memalignment (C23): the largest power of two that divides an address; 0 for
 * NULL.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>

size_t memalignment(const void *p)
{
    return (uintptr_t)p & -(uintptr_t)p;
}
