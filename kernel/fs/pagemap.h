/*
 * Which frame holds which page of a file: a radix tree from page numbers to
 * frame numbers, 64 ways at each level, as tall as its largest page number
 * needs. A file of one page needs no node at all:
 *
 *      height 0:   root = the frame of page 0
 *      height 1:   root -> node of 64 frames             up to 256 KiB
 *      height 2:   root -> node of 64 nodes of height 1  up to 16 MiB, ...
 *
 * Holes take no room. A node knows how many frames are below it, so that those
 * of a range are counted without a look at each.
 *
 * Invariant: every node has at least one used slot, and
 * `npages` is the number of frames in the tree (pagemap_check).
 */
#ifndef FS_PAGEMAP_H
#define FS_PAGEMAP_H

#include "lib/types.h"

/* The largest page number plus one: files end at 2^44 bytes. */
#define PAGEMAP_LIMIT ((uint64_t)1 << 32)

struct pagemap {
    uintptr_t root; /* a frame number, a node, or 0 for an empty map */
    uint32_t height;
    uint32_t npages;
};

/* A zeroed struct is an empty map; this says so. */
void pagemap_init(struct pagemap *map);

/* The frame number of a page, or 0. */
uint32_t pagemap_get(const struct pagemap *map, uint64_t index);

/* Make room so that pagemap_set(index) cannot fail: 0 or -ENOMEM. */
int pagemap_reserve(struct pagemap *map, uint64_t index) must_check;

/* Undo a reserve that was not used: drop nodes that hold nothing. */
void pagemap_unreserve(struct pagemap *map, uint64_t index);

/* Store a frame number (not 0) for a reserved page that has none. */
void pagemap_set(struct pagemap *map, uint64_t index, uint32_t pfn);

/* Take a page out: its frame number, or 0 if there was none. */
uint32_t pagemap_take(struct pagemap *map, uint64_t index);

/* The first page >= *index that is there: true, and *index is its number. */
bool pagemap_next(const struct pagemap *map, uint64_t *index);

/* How many pages of [first, end) are there. */
uint32_t pagemap_count(const struct pagemap *map, uint64_t first, uint64_t end);

/* Claim the tree's nodes, see kmalloc_claim. */
void pagemap_claim(const struct pagemap *map);

/* Walk the tree: NULL, or what is broken. */
const char *pagemap_check(const struct pagemap *map);

#endif
