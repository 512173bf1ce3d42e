/*
 * The memory map: what the loader said about physical memory, made safe.
 *
 * A loader's entries may be unsorted, overlapping, unaligned, empty, wrapping,
 * of unknown type, or far above what the machine can address. Out of them this
 * module makes a table that is sorted, disjoint and page-aligned, in three
 * phases:
 *
 *      memmap_init, memmap_add...      byte-exact, in any order
 *      memmap_finish                   page-aligned; memory below 1 MiB set
 *                                      aside
 *      memmap_reserve, memmap_find...  kernel, modules, frame metadata laid
 *                                      over what is available
 *
 * Pure: no allocation, no globals; the caller owns the struct.
 */
#ifndef MM_MEMMAP_H
#define MM_MEMMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

/*
 * Kinds, in the order of strictness: where two meet, the later one wins. RAM
 * with frame records is what lies from MEMMAP_AVAILABLE to MEMMAP_KERNEL.
 */
enum memmap_kind {
    MEMMAP_HOLE,      /* not listed: not RAM */
    MEMMAP_AVAILABLE, /* RAM, free to use */
    MEMMAP_MODULE,    /* RAM that holds a boot module, given back later */
    MEMMAP_FRAMES,    /* RAM that holds the frame metadata */
    MEMMAP_KERNEL,    /* RAM that holds the kernel image */
    MEMMAP_LOW,       /* RAM below 1 MiB, never handed out or written */
    MEMMAP_UNUSED,    /* RAM that had to be left out, see memmap_limit */
    MEMMAP_ACPI,      /* ACPI tables, reclaimable */
    MEMMAP_NVS,       /* ACPI non-volatile storage */
    MEMMAP_RESERVED,  /* firmware, devices, and every unknown type */
    MEMMAP_BAD,       /* defective RAM */
    MEMMAP_NKINDS
};

/* Entry types of Multiboot 0.6.96 3.3 and the firmware's E820 list. */
#define MEMMAP_TYPE_AVAILABLE 1
#define MEMMAP_TYPE_ACPI      3
#define MEMMAP_TYPE_NVS       4
#define MEMMAP_TYPE_BAD       5

/* Nothing at or above 64 GiB is used: 36 bits of physical address. */
#define MEMMAP_TOP ((uint64_t)1 << 36)

/* Nothing below 1 MiB is handed out. */
#define MEMMAP_LOW_END ((uint64_t)1 << 20)

/*
 * 128 entries have 256 ends and thus make at most 257 steps; 64 more are set
 * aside for memmap_finish and memmap_reserve.
 */
#define MEMMAP_STEPS_FOR_ENTRIES 257
#define MEMMAP_STEPS             (MEMMAP_STEPS_FOR_ENTRIES + 64)

/* From `start` up to the next step, memory is of this kind. */
struct memmap_step {
    uint64_t start;
    uint32_t kind;
};

struct memmap {
    unsigned nsteps;   /* in use; the last one reaches up to MEMMAP_TOP */
    unsigned nrounded; /* entries that found the table full, see memmap_add */
    bool finished;     /* memmap_finish has run */
    uint64_t above;    /* bytes listed as available at or above MEMMAP_TOP */
    struct memmap_step steps[MEMMAP_STEPS];
};

/* One row of the finished table: [start, end), never a hole. */
struct memmap_range {
    uint64_t start;
    uint64_t end;
    enum memmap_kind kind;
};

/* An empty map: one hole from 0 to MEMMAP_TOP. */
void memmap_init(struct memmap *map);

/*
 * Add one entry of the loader's list, of type 1 to 5; any other type counts
 * as reserved. An entry of length zero says nothing and is ignored. One that
 * runs past 2^64 is nonsense: if available it is ignored, else it reaches up
 * to the end of memory. What lies at or above MEMMAP_TOP is not kept.
 *
 * Return 0; -EINVAL for the available entry that wraps; or -ENOSPC when the
 * table is full: an available entry is then lost, any other is applied
 * rounded outwards to whole steps of the table, so that the result is
 * stricter than what was said, never looser. Not after memmap_finish.
 */
int memmap_add(struct memmap *map, uint64_t base, uint64_t length,
               uint32_t type);

/*
 * End the adding. Pages that are not available to their last byte are not
 * available at all; everything else grows outwards to whole pages; what is
 * available below 1 MiB becomes MEMMAP_LOW.
 */
void memmap_finish(struct memmap *map);

/*
 * Lay `kind` (MODULE, FRAMES, KERNEL, UNUSED) over what is RAM and less
 * strict in [start, end), grown outwards to whole pages. Memory that is not
 * RAM stays what it is. After memmap_finish.
 *
 * Return 0; -EINVAL if start >= end, with nothing changed; or -ENOSPC when
 * the table is full, and then more than was asked is taken, as memmap_add
 * says.
 */
int memmap_reserve(struct memmap *map, uint64_t start, uint64_t end,
                   enum memmap_kind kind) must_check;

/*
 * Leave out what is available at or above `top` (rounded down to a page): it
 * becomes MEMMAP_UNUSED. Return the bytes that this took. After
 * memmap_finish.
 */
uint64_t memmap_limit(struct memmap *map, uint64_t top);

/*
 * Find the lowest available place of `nbytes` (> 0) bytes, aligned to `align`
 * (a power of two, at least a page counts), that ends at or below `below`, and
 * store where it starts. It is not reserved by this. Return 0 or -ENOMEM.
 */
int memmap_find(const struct memmap *map, uint64_t nbytes, uint64_t align,
                uint64_t below, uint64_t *start) must_check;

/*
 * Walk the finished table: *cursor starts at 0. Return false at the end.
 *
 *      for (unsigned i = 0; memmap_next(map, &i, &range);)
 */
bool memmap_next(const struct memmap *map, unsigned *cursor,
                 struct memmap_range *range);

/*
 * The same for ranges of RAM that need frame records: neighbouring ranges of
 * kinds AVAILABLE, MODULE, FRAMES and KERNEL are joined; `kind` is AVAILABLE.
 */
bool memmap_next_ram(const struct memmap *map, unsigned *cursor,
                     struct memmap_range *range);

/* The kind of the byte at `pa`; MEMMAP_HOLE at or above MEMMAP_TOP. */
enum memmap_kind memmap_kind_at(const struct memmap *map, uint64_t pa);

/* Bytes of one kind, and of all RAM that has frame records. */
uint64_t memmap_total(const struct memmap *map, enum memmap_kind kind);
uint64_t memmap_total_ram(const struct memmap *map);

/* Whether ranges of this kind have frame records. */
bool memmap_kind_is_ram(enum memmap_kind kind);

/* A name to print: "available", "reserved", ... Any value may be given. */
const char *memmap_kind_name(enum memmap_kind kind);

/* NULL, or which invariant of the table is broken. */
const char *memmap_check(const struct memmap *map);

#endif
