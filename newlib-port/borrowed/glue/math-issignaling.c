/*
 * issignaling: whether a number is a NaN that raises the invalid exception. Its
 * first bit after the leading one is 0; a load into x87 would set it, so that
 * the argument's bits are looked at in memory, and a float or double that was
 * passed in registers of the caller's is already quiet.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <string.h>

int __issignalingf(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return (bits & 0x7fc00000) == 0x7f800000 && (bits & 0x3fffff) != 0;
}

int __issignaling(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return (bits & 0x7ff8000000000000) == 0x7ff0000000000000 &&
           (bits & 0x7ffffffffffff) != 0;
}

int __issignalingl(long double x)
{
    uint64_t mantissa;

    memcpy(&mantissa, &x, sizeof(mantissa));
    return isnan(x) && (mantissa & 0x4000000000000000) == 0;
}
