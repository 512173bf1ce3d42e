/*
 * What a sanitised memory map must look like, said a second time and page by
 * page: for each page, look at all raw entries. Slow, and without any of the
 * cleverness that could be wrong in kernel/mm/memmap.c.
 */
#ifndef TESTS_HOST_MEMMAP_ORACLE_H
#define TESTS_HOST_MEMMAP_ORACLE_H

#include <stddef.h>
#include <stdint.h>

#include "mm/memmap.h"

struct raw_entry {
    uint64_t base;
    uint64_t length;
    uint32_t type;
};

/* The kind of the page that `pa` lies in. */
enum memmap_kind oracle_kind(const struct raw_entry *entries, size_t n,
                             uint64_t pa);

/*
 * Compares a finished map with its entries at every page where either could
 * change. With `exact` false, the map may also be stricter than the entries
 * say. Returns NULL, or what differs, in a static buffer.
 */
const char *oracle_compare(const struct memmap *map,
                           const struct raw_entry *entries, size_t n,
                           bool exact);

#endif
