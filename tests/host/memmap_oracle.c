/* A second opinion on memory maps; see memmap_oracle.h. */
#include "memmap_oracle.h"

#include <stdio.h>

#define PAGE 4096u

/* The last byte of an entry; false if the entry says nothing. */
static bool entry_last(const struct raw_entry *entry, uint64_t *last)
{
    if (entry->length == 0)
        return false;
    *last = entry->base + (entry->length - 1);
    if (*last >= entry->base)
        return true;
    *last = UINT64_MAX;
    return entry->type != 1;
}

static enum memmap_kind kind_of_type(uint32_t type)
{
    return type == 1   ? MEMMAP_AVAILABLE
           : type == 3 ? MEMMAP_ACPI
           : type == 4 ? MEMMAP_NVS
           : type == 5 ? MEMMAP_BAD
                       : MEMMAP_RESERVED;
}

/* Whether available entries cover the page without a gap. */
static bool is_covered(const struct raw_entry *entries, size_t n, uint64_t page)
{
    uint64_t at = page; /* everything before it is covered */
    uint64_t last;
    bool found = true;

    while (found) {
        found = false;
        for (size_t i = 0; i < n; i++) {
            if (entries[i].type != 1 || !entry_last(&entries[i], &last) ||
                entries[i].base > at || last < at)
                continue;
            if (last >= page + PAGE - 1)
                return true;
            at = last + 1;
            found = true;
        }
    }
    return false;
}

enum memmap_kind oracle_kind(const struct raw_entry *entries, size_t n,
                             uint64_t pa)
{
    uint64_t page = pa / PAGE * PAGE;
    enum memmap_kind strictest = MEMMAP_HOLE;
    enum memmap_kind kind;
    uint64_t last;

    for (size_t i = 0; i < n; i++) {
        if (!entry_last(&entries[i], &last))
            continue;
        kind = kind_of_type(entries[i].type);
        if (entries[i].base <= page + PAGE - 1 && last >= page &&
            kind > strictest)
            strictest = kind;
    }
    if (strictest != MEMMAP_AVAILABLE)
        return strictest;
    if (!is_covered(entries, n, page))
        return MEMMAP_HOLE;
    return page < 0x100000 ? MEMMAP_LOW : MEMMAP_AVAILABLE;
}

static char message[200];

static bool differs(const struct memmap *map, const struct raw_entry *entries,
                    size_t n, uint64_t pa, bool exact)
{
    enum memmap_kind want;
    enum memmap_kind have;

    if (pa >= MEMMAP_TOP)
        return false;
    want = oracle_kind(entries, n, pa);
    have = memmap_kind_at(map, pa);
    if (have == want || (!exact && (have > want || have == MEMMAP_HOLE)))
        return false;
    snprintf(message, sizeof(message), "0x%llx is %s, not %s",
             (unsigned long long)pa, memmap_kind_name(have),
             memmap_kind_name(want));
    return true;
}

/* Looks at the pages around one address. */
static bool differs_near(const struct memmap *map,
                         const struct raw_entry *entries, size_t n, uint64_t pa,
                         bool exact)
{
    for (int d = -1; d <= 1; d++) {
        if (differs(map, entries, n, pa + (uint64_t)(int64_t)d * PAGE, exact))
            return true;
    }
    return false;
}

const char *oracle_compare(const struct memmap *map,
                           const struct raw_entry *entries, size_t n,
                           bool exact)
{
    struct memmap_range range;
    unsigned cursor = 0;
    uint64_t last;

    if (differs_near(map, entries, n, 0, exact) ||
        differs_near(map, entries, n, 0x100000, exact) ||
        differs_near(map, entries, n, MEMMAP_TOP - 1, exact))
        return message;
    for (size_t i = 0; i < n; i++) {
        if (differs_near(map, entries, n, entries[i].base, exact))
            return message;
        if (entry_last(&entries[i], &last) &&
            differs_near(map, entries, n, last, exact))
            return message;
    }
    while (memmap_next(map, &cursor, &range)) {
        if (differs_near(map, entries, n, range.start, exact) ||
            differs_near(map, entries, n, range.end, exact))
            return message;
    }
    return NULL;
}
