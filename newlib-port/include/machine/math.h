/*
 * The end of newlib's <math.h>: C17's long double functions, which newlib has
 * only where a long double is a double.
 */
#ifndef _MACHINE_MATH_H
#define _MACHINE_MATH_H

#include <sys/cdefs.h>

#endif
