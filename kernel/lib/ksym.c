/*
 * The kernel's own symbol table.
 *
 * tools/ksyms.sh makes it while linking, in the section .ksyms:
 *
 *     +0           n, the number of functions
 *     +4           n addresses of 4 bytes, ascending
 *     +4 + 4n      n names in the same order, each ended by a NUL
 *
 * Names have no index: they are counted off from the first one, which costs
 * nothing where it is used, on the way to a panic.
 */
#include "lib/ksym.h"

#include <stddef.h>

extern const uint32_t ksym_table[];

/* The index of the last function at or before `addr`, or -1. */
static int find_index(uint32_t addr)
{
    const uint32_t *addrs = ksym_table + 1;
    int low = 0, high = (int)ksym_table[0];

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (addrs[middle] <= addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

const char *ksym_lookup(uint32_t addr, uint32_t *offset)
{
    int index = find_index(addr);
    const char *name = (const char *)(ksym_table + 1 + ksym_table[0]);

    if (index < 0) {
        *offset = addr;
        return NULL;
    }
    *offset = addr - ksym_table[1 + index];
    while (index--)
        while (*name++)
            ;
    return name;
}
