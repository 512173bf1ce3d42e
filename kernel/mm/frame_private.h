/*
 * What the files of the frame allocator share: frame.c (taking and giving
 * back), frame_zeroed.c (free frames that are zero), frame_init.c (setting up)
 * and frame_check.c (looking and checking). The drawing is in frame.c.
 */
#ifndef MM_FRAME_PRIVATE_H
#define MM_FRAME_PRIVATE_H

#include "lib/bits.h"
#include "lib/kasan.h"
#include "mm/frame.h"
#include "mm/memmap.h"

#define NONE         UINT32_MAX /* the index of no frame */
#define NORDERS      (FRAME_MAX_ORDER + 1)
#define CACHE_MAX    256u
#define REFILL_ORDER 4u
#define ZONE_BYTES   128 /* a power of two is quick to index */

/* TAIL is 0, and so is FRAME_FREE: a cleared record is a free block's tail. */
enum state { TAIL, USED, PINNED, LISTED, CACHED, ZEROED };

struct frame {
    uint32_t next; /* in the list or cache, if free */
    uint32_t prev; /* in the list */
    uint32_t refs; /* 0 if free or a tail */
    uint8_t kind;  /* enum frame_kind */
    uint8_t order; /* of the block; undefined in tails */
    uint8_t state; /* enum state */
    uint8_t unused;
};

_Static_assert(sizeof(struct frame) == 16, "16 bytes of metadata a frame");

/* Frames first_pfn to first_pfn + nframes - 1 have these indices. */
struct region {
    uint32_t first_pfn;
    uint32_t nframes;
    uint32_t first_index;
    uint32_t zone; /* enum frame_zone */
};

struct zone {
    uint32_t heads[NORDERS];     /* of the lists of free blocks */
    uint32_t nblocks[NORDERS];   /* their lengths */
    uint32_t nonempty;           /* bit n: heads[n] is not NONE */
    uint32_t cache;              /* top of the stack of single frames */
    uint32_t ncached;            /* its height */
    uint32_t zeroed;             /* top of the stack of zeroed frames */
    uint32_t nzeroed;            /* its height */
    size_t nfree;                /* free frames, single ones included */
    const struct region *recent; /* where the last index was found */
} __attribute__((aligned(ZONE_BYTES)));

/*
 * All set by frame_init; the counters change with every call. Free frames are
 * counted in their zone and not in frame_counts[].
 */
extern struct frame *frame_records;
extern struct region *frame_regions; /* sorted by first_pfn and first_index */
extern unsigned frame_nregions;
extern const struct region *frame_recent; /* where the last address was found */
extern size_t frame_ntotal;
extern size_t frame_counts[FRAME_NKINDS];
extern struct zone frame_zones[FRAME_NZONES];

/* A region with nothing in it, for where no other has been found yet. */
extern const struct region frame_no_region;

/* The region that holds frame number `pfn`, or NULL; the one of an index. */
const struct region *frame_search_pfn(uint32_t pfn);
const struct region *frame_search_index(uint32_t index);

/* The region of an address, or NULL if it is no RAM. */
static inline const struct region *region_of(paddr_t pa)
{
    uint32_t pfn = (uint32_t)(pa >> PAGE_SHIFT);

    if (unlikely(pa >= MEMMAP_TOP))
        return NULL;
    if (likely(pfn - frame_recent->first_pfn < frame_recent->nframes))
        return frame_recent;
    return frame_search_pfn(pfn);
}

/* The region of a frame that is known to lie in this zone. */
static inline const struct region *region_of_index(struct zone *zone,
                                                   uint32_t index)
{
    const struct region *region = zone->recent;

    if (unlikely(index - region->first_index >= region->nframes)) {
        region = frame_search_index(index);
        zone->recent = region;
    }
    return region;
}

static inline uint32_t index_of(const struct region *region, uint32_t pfn)
{
    return pfn - region->first_pfn + region->first_index;
}

static inline uint32_t pfn_of(const struct region *region, uint32_t index)
{
    return index - region->first_index + region->first_pfn;
}

/* List a free block; its other records are tails. */
void frame_list_push(struct zone *zone, uint32_t index, unsigned order);

/*
 * The index of a block's buddy if that is free, listed and of the same order;
 * else NONE.
 */
uint32_t frame_listed_buddy(const struct region *region, uint32_t pfn,
                            unsigned order);

/* List a single free frame that was in a stack, merged as far as it goes. */
void frame_list_single(struct zone *zone, uint32_t index);

/* Take a single frame off a zone's cache or lists; NONE if there is none. */
uint32_t frame_take_dirty(struct zone *zone);

/* Hand out a free block that was just taken off its zone. */
static inline paddr_t hand_out(struct zone *zone, uint32_t index,
                               unsigned order, enum frame_kind kind)
{
    struct frame *frame = &frame_records[index];
    paddr_t pa;

    frame->refs = 1;
    frame->kind = (uint8_t)kind;
    frame->order = (uint8_t)order;
    frame->state = USED;
    zone->nfree -= (size_t)1 << order;
    frame_counts[kind] += (size_t)1 << order;
    pa = (paddr_t)pfn_of(region_of_index(zone, index), index) << PAGE_SHIFT;
    kasan_unpoison_frames(pa, (size_t)PAGE_SIZE << order);
    return pa;
}

/* Take a zeroed frame off its stack, which is not empty. */
static inline uint32_t frame_zeroed_pop(struct zone *zone)
{
    uint32_t index = zone->zeroed;

    zone->zeroed = frame_records[index].next;
    zone->nzeroed--;
    return index;
}

/* Move all zeroed frames of a zone to its lists. */
void frame_zeroed_drain(struct zone *zone);

#endif
