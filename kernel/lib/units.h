/*
 * Units of time and size. The signed constants stay signed beside a signed
 * number and become unsigned beside an unsigned one of 64 bits.
 */
#ifndef LIB_UNITS_H
#define LIB_UNITS_H

#define NS_PER_US 1000
#define NS_PER_MS 1000000ll
#define NS_PER_S  1000000000ll
#define US_PER_S  1000000

#define KIB (1u << 10)
#define MIB (1u << 20)

#endif
