/*
 * Names for the addresses of the kernel's code, for backtraces.
 */
#ifndef LIB_KSYM_H
#define LIB_KSYM_H

#include <stdint.h>

/*
 * The name of the function that `addr` lies in, and in *offset how far behind
 * its start: of the last function that starts at or before it. NULL, with
 * *offset the address, when none does. There is no upper bound: the caller
 * knows whether the address is code at all. The name lives forever. Any
 * context, and cheap in stack: a panic calls it.
 */
const char *ksym_lookup(uint32_t addr, uint32_t *offset);

#endif
