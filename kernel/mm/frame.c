/*
 * Page frames: a buddy allocator with a front cache of single frames.
 *
 * Metadata. The RAM of the map is cut into regions: unbroken runs of frames
 * that lie wholly in one zone. Each frame has a record of 16 bytes; the records
 * of all regions follow each other in one array, and a record's number in it
 * is the frame's index. Holes between regions cost nothing.
 *
 *      regions   [ 1 MiB .. 768 MiB low ][ 768 MiB .. 3 GiB high ][ 4 GiB .. ]
 *      frames    | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | |
 *
 * Blocks. Every frame belongs to one block of 2^order frames, whose physical
 * address is a multiple of its size and which lies in one region. The first
 * frame speaks for the block; the others are tails and repeat only its kind.
 * A block's buddy is the one whose frame number differs in the bit `order`.
 *
 *      USED      refs >= 1; somebody's
 *      PINNED    the same, never to be freed: kernel image and metadata
 *      LISTED    free, on the zone's list of its order, never beside a free
 *                buddy of the same order that is LISTED too
 *      CACHED    free, a single frame in the zone's cache
 *
 * The cache is a stack of single frames: taking one and giving it back touches
 * one record and no list. It is filled 16 frames at a time, half emptied when
 * full, and emptied whenever a larger block cannot be found without it. So
 * merging is put off, but never missed.
 *
 * Invariant: for each kind, the records of that kind are as many as its
 * counter says; the sum is the total. The zones count the free ones.
 * frame_check() walks it all.
 */
#include "mm/frame.h"

#include <cairn/errno.h>

#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/memmap.h"

#define NONE         UINT32_MAX /* the index of no frame */
#define NORDERS      (FRAME_MAX_ORDER + 1)
#define CACHE_MAX    256u
#define REFILL_ORDER 4u
#define ZONE_BYTES   128 /* a power of two is quick to index */

/* TAIL is 0, and so is FRAME_FREE: a cleared record is a free block's tail. */
enum state { TAIL, USED, PINNED, LISTED, CACHED };

struct frame {
    uint32_t next; /* in the list or cache, if free */
    uint32_t prev; /* in the list */
    uint32_t refs; /* 0 if free or a tail */
    uint8_t kind;  /* enum frame_kind */
    uint8_t order; /* of the block; undefined in tails */
    uint8_t state; /* enum state */
    uint8_t unused;
};

_Static_assert(sizeof(struct frame) == 16, "DESIGN promises 16 bytes a frame");

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
    size_t nfree;                /* free frames, cached ones included */
    const struct region *recent; /* where the last index was found */
} __attribute__((aligned(ZONE_BYTES)));

/* A region with nothing in it, for where no other has been found yet. */
static const struct region no_region;

/*
 * All set by frame_init; the counters change with every call. Free frames are
 * counted in their zone and not in counts[].
 */
static struct frame *frames;
static struct region *regions; /* sorted by first_pfn and by first_index */
static unsigned nregions;
static const struct region *recent = &no_region; /* of the last address */
static size_t total;
static size_t counts[FRAME_NKINDS];
static struct zone zones[FRAME_NZONES];

static const char *const kind_names[FRAME_NKINDS] = {
    [FRAME_FREE] = "free",
    [FRAME_KERNEL] = "kernel",
    [FRAME_PAGETABLE] = "page table",
    [FRAME_USER] = "user",
    [FRAME_FILE] = "file",
};

static const char *const state_names[] = {
    [TAIL] = "inside a block", [USED] = "in use", [PINNED] = "pinned",
    [LISTED] = "free",         [CACHED] = "free",
};

/* ---- From addresses to records and back -------------------------------- */

/* The region that holds frame number `pfn`, or NULL. */
static const struct region *search_pfn(uint32_t pfn)
{
    unsigned low = 0;
    unsigned high = nregions;
    unsigned middle;

    while (high - low > 1) {
        middle = (low + high) / 2;
        if (regions[middle].first_pfn <= pfn)
            low = middle;
        else
            high = middle;
    }
    if (nregions == 0 || pfn - regions[low].first_pfn >= regions[low].nframes)
        return NULL;
    recent = &regions[low];
    return recent;
}

/* The region of an address, or NULL if it is no RAM. */
static inline const struct region *region_of(paddr_t pa)
{
    uint32_t pfn = (uint32_t)(pa >> PAGE_SHIFT);

    if (unlikely(pa >= MEMMAP_TOP))
        return NULL;
    if (likely(pfn - recent->first_pfn < recent->nframes))
        return recent;
    return search_pfn(pfn);
}

static const struct region *search_index(uint32_t index)
{
    unsigned low = 0;
    unsigned high = nregions;
    unsigned middle;

    while (high - low > 1) {
        middle = (low + high) / 2;
        if (regions[middle].first_index <= index)
            low = middle;
        else
            high = middle;
    }
    return &regions[low];
}

/* The region of a frame that is known to lie in this zone. */
static inline const struct region *region_of_index(struct zone *zone,
                                                   uint32_t index)
{
    const struct region *region = zone->recent;

    if (unlikely(index - region->first_index >= region->nframes)) {
        region = search_index(index);
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

/* Stops with what was tried, where, and what the record says. */
static _Noreturn void misuse(const char *what, paddr_t pa)
{
    const struct region *region = region_of(pa);
    const struct frame *frame;

    if (region == NULL)
        panic("frame: 0x%llx %s: no RAM", (unsigned long long)pa, what);
    if (pa & PAGE_MASK)
        panic("frame: 0x%llx %s: not aligned", (unsigned long long)pa, what);
    frame = &frames[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))];
    panic("frame: 0x%llx %s: kind %s, %s, order %u, refs %u",
          (unsigned long long)pa, what, frame_kind_name(frame->kind),
          frame->state <= CACHED ? state_names[frame->state] : "?",
          frame->order, frame->refs);
}

/* The same for an order that is not the block's. */
static _Noreturn void misuse_order(const char *what, paddr_t pa, unsigned order,
                                   const struct frame *frame)
{
    panic("frame: 0x%llx %s with order %u: its order is %u",
          (unsigned long long)pa, what, order, frame->order);
}

/* The record of the frame at `pa`, which must be RAM and page-aligned. */
static inline struct frame *frame_at(paddr_t pa, const char *what)
{
    const struct region *region = region_of(pa);

    if (unlikely(region == NULL || ((uint32_t)pa & PAGE_MASK) != 0))
        misuse(what, pa);
    return &frames[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))];
}

/* The record of the used block that starts at `pa`; anything else panics. */
static inline struct frame *used_block(paddr_t pa, const char *what)
{
    struct frame *frame = frame_at(pa, what);

    if (unlikely(frame->state != USED && frame->state != PINNED))
        misuse(what, pa);
    return frame;
}

/* ---- Lists of free blocks ---------------------------------------------- */

static void list_push(struct zone *zone, uint32_t index, unsigned order)
{
    struct frame *frame = &frames[index];
    uint32_t head = zone->heads[order];

    frame->next = head;
    frame->prev = NONE;
    frame->order = (uint8_t)order;
    frame->state = LISTED;
    if (head != NONE)
        frames[head].prev = index;
    zone->heads[order] = index;
    zone->nonempty |= 1u << order;
    zone->nblocks[order]++;
}

/* Takes a block off its list; it becomes a tail until somebody says else. */
static void list_drop(struct zone *zone, uint32_t index)
{
    struct frame *frame = &frames[index];
    unsigned order = frame->order;

    if (frame->prev != NONE)
        frames[frame->prev].next = frame->next;
    else
        zone->heads[order] = frame->next;
    if (frame->next != NONE)
        frames[frame->next].prev = frame->prev;
    if (zone->heads[order] == NONE)
        zone->nonempty &= ~(1u << order);
    zone->nblocks[order]--;
    frame->state = TAIL;
}

/*
 * The index of a block's buddy if that is free, listed and of the same order;
 * else NONE.
 */
static uint32_t listed_buddy(const struct region *region, uint32_t pfn,
                             unsigned order)
{
    uint32_t buddy = pfn ^ 1u << order;
    uint32_t index;

    if (buddy - region->first_pfn >= region->nframes)
        return NONE;
    index = index_of(region, buddy);
    if (frames[index].state != LISTED || frames[index].order != order)
        return NONE;
    return index;
}

/* Lists a free block whose records are all tails, merged as far as it goes. */
static void list_merge(struct zone *zone, const struct region *region,
                       uint32_t index, unsigned order)
{
    uint32_t pfn = pfn_of(region, index);
    uint32_t buddy;

    for (; order < FRAME_MAX_ORDER; order++) {
        buddy = listed_buddy(region, pfn, order);
        if (buddy == NONE)
            break;
        list_drop(zone, buddy);
        pfn &= ~(1u << order);
    }
    list_push(zone, index_of(region, pfn), order);
}

/* Takes a block of this order off the lists, splitting a larger one. */
static uint32_t list_take(struct zone *zone, unsigned order)
{
    uint32_t fitting = zone->nonempty >> order;
    unsigned found;
    uint32_t index;

    if (fitting == 0)
        return NONE;
    found = order + bits_lowest32(fitting);
    index = zone->heads[found];
    list_drop(zone, index);
    while (found > order) {
        found--;
        list_push(zone, index + (1u << found), found);
    }
    return index;
}

/* ---- The cache of single frames ---------------------------------------- */

static inline void cache_push(struct zone *zone, uint32_t index)
{
    frames[index].next = zone->cache;
    frames[index].order = 0;
    frames[index].state = CACHED;
    zone->cache = index;
    zone->ncached++;
}

static inline uint32_t cache_pop(struct zone *zone)
{
    uint32_t index = zone->cache;

    zone->cache = frames[index].next;
    zone->ncached--;
    return index;
}

/* Moves single frames to the lists until only `left` are in the cache. */
static void cache_drain(struct zone *zone, uint32_t left)
{
    uint32_t index;

    while (zone->ncached > left) {
        index = cache_pop(zone);
        frames[index].state = TAIL;
        list_merge(zone, region_of_index(zone, index), index, 0);
    }
}

/* Breaks the smallest free block, at most 16 frames of it, into the cache. */
static void cache_refill(struct zone *zone)
{
    unsigned order = REFILL_ORDER;
    uint32_t index;

    if (zone->nonempty == 0)
        return;
    if (bits_lowest32(zone->nonempty) < order)
        order = bits_lowest32(zone->nonempty);
    index = list_take(zone, order);
    for (uint32_t i = 1u << order; i-- > 0;)
        cache_push(zone, index + i);
}

/* ---- Taking and giving back -------------------------------------------- */

static uint32_t take_block(struct zone *zone, unsigned order)
{
    uint32_t index = list_take(zone, order);

    if (index == NONE && zone->ncached > 0) {
        cache_drain(zone, 0);
        index = list_take(zone, order);
    }
    return index;
}

static inline uint32_t take_single(struct zone *zone)
{
    if (unlikely(zone->ncached == 0)) {
        cache_refill(zone);
        if (zone->ncached == 0)
            return NONE;
    }
    return cache_pop(zone);
}

/* Gives the tails of a block the kind of its first frame. */
static void set_tail_kinds(struct frame *frame, unsigned order)
{
    for (uint32_t i = 1; i < 1u << order; i++)
        frame[i].kind = frame->kind;
}

/* Hands out a free block that was just taken off its zone. */
static inline paddr_t hand_out(struct zone *zone, uint32_t index,
                               unsigned order, enum frame_kind kind)
{
    struct frame *frame = &frames[index];

    frame->refs = 1;
    frame->kind = (uint8_t)kind;
    frame->order = (uint8_t)order;
    frame->state = USED;
    zone->nfree -= (size_t)1 << order;
    counts[kind] += (size_t)1 << order;
    return (paddr_t)pfn_of(region_of_index(zone, index), index) << PAGE_SHIFT;
}

static int alloc_block(unsigned order, unsigned flags, enum frame_kind kind,
                       paddr_t *pa)
{
    struct zone *zone = &zones[FRAME_ZONE_HIGH];
    uint32_t index = NONE;

    if (order > FRAME_MAX_ORDER)
        return -ENOMEM;
    if (!(flags & FRAME_LOW))
        index = take_block(zone, order);
    if (index == NONE) {
        zone = &zones[FRAME_ZONE_LOW];
        index = take_block(zone, order);
    }
    if (index == NONE)
        return -ENOMEM;
    *pa = hand_out(zone, index, order, kind);
    set_tail_kinds(&frames[index], order);
    return 0;
}

int frame_alloc(unsigned order, unsigned flags, enum frame_kind kind,
                paddr_t *pa)
{
    struct zone *zone = &zones[FRAME_ZONE_HIGH];
    uint32_t index;

    assert(kind > FRAME_FREE && kind < FRAME_NKINDS);
    if (unlikely(order != 0))
        return alloc_block(order, flags, kind, pa);
    if ((flags & FRAME_LOW) || zone->nfree == 0)
        zone = &zones[FRAME_ZONE_LOW];
    index = take_single(zone);
    if (unlikely(index == NONE))
        return -ENOMEM;
    *pa = hand_out(zone, index, 0, kind);
    return 0;
}

/* Frees a block of more than one frame. */
static void release_block(struct zone *zone, const struct region *region,
                          struct frame *frame)
{
    unsigned order = frame->order;

    frame->state = TAIL;
    set_tail_kinds(frame, order);
    list_merge(zone, region, (uint32_t)(frame - frames), order);
}

/* Frees a used block whose last reference is gone. */
static inline void release(struct frame *frame)
{
    const struct region *region = recent; /* frame_at has just set it */
    struct zone *zone = &zones[region->zone];
    unsigned order = frame->order;

    counts[frame->kind] -= (size_t)1 << order;
    zone->nfree += (size_t)1 << order;
    frame->refs = 0;
    frame->kind = FRAME_FREE;
    if (unlikely(order != 0)) {
        release_block(zone, region, frame);
        return;
    }
    if (unlikely(zone->ncached == CACHE_MAX))
        cache_drain(zone, CACHE_MAX / 2);
    cache_push(zone, (uint32_t)(frame - frames));
}

void frame_free(paddr_t pa, unsigned order)
{
    struct frame *frame = frame_at(pa, "freed");

    if (unlikely(frame->state == PINNED))
        misuse("freed for good", pa);
    if (unlikely(frame->state != USED))
        misuse("freed", pa);
    if (unlikely(frame->order != order))
        misuse_order("freed", pa, order, frame);
    if (unlikely(frame->refs != 1))
        misuse("freed while shared", pa);
    release(frame);
}

void frame_split(paddr_t pa, unsigned order)
{
    struct frame *frame = used_block(pa, "split");

    if (frame->order != order)
        misuse_order("split", pa, order, frame);
    if (frame->refs != 1)
        misuse("split while shared", pa);
    for (uint32_t i = 0; i < 1u << order; i++) {
        frame[i].state = USED;
        frame[i].order = 0;
        frame[i].refs = 1;
    }
}

uint32_t frame_get(paddr_t pa)
{
    struct frame *frame = used_block(pa, "referenced");

    if (unlikely(frame->refs == UINT32_MAX))
        misuse("referenced too often", pa);
    return ++frame->refs;
}

uint32_t frame_put(paddr_t pa)
{
    struct frame *frame = used_block(pa, "dropped");

    if (frame->refs > 1)
        return --frame->refs;
    if (unlikely(frame->state == PINNED))
        misuse("dropped for good", pa);
    release(frame);
    return 0;
}

uint32_t frame_refs(paddr_t pa)
{
    const struct region *region = region_of(pa);

    if (region == NULL)
        return 0;
    return frames[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))].refs;
}

void frame_set_kind(paddr_t pa, enum frame_kind kind)
{
    struct frame *frame = used_block(pa, "given a kind");

    assert(kind > FRAME_FREE && kind < FRAME_NKINDS);
    counts[frame->kind] -= (size_t)1 << frame->order;
    counts[kind] += (size_t)1 << frame->order;
    frame->kind = (uint8_t)kind;
    set_tail_kinds(frame, frame->order);
}

enum frame_kind frame_kind_of(paddr_t pa)
{
    const struct region *region = region_of(pa);

    if (region == NULL)
        misuse("asked for its kind", pa);
    return frames[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))].kind;
}

bool frame_is_ram(paddr_t pa)
{
    return region_of(pa) != NULL;
}

/* ---- Setting up -------------------------------------------------------- */

/* One more region than ranges: the low limit may cut one in two. */
static size_t count_regions(const struct memmap *map)
{
    struct memmap_range range;
    unsigned cursor = 0;
    size_t n = 1;

    while (memmap_next_ram(map, &cursor, &range))
        n++;
    return n;
}

size_t frame_metadata_bytes(const struct memmap *map)
{
    size_t nframes = (size_t)(memmap_total_ram(map) >> PAGE_SHIFT);
    size_t nbytes = count_regions(map) * sizeof(struct region) +
                    nframes * sizeof(struct frame);

    return (nbytes + PAGE_MASK) & ~(size_t)PAGE_MASK;
}

/* Adds frames [first, end) as one region. */
static void add_region(uint64_t first, uint64_t end, enum frame_zone zone)
{
    struct region *region = &regions[nregions];

    if (first >= end)
        return;
    region->first_pfn = (uint32_t)first;
    region->nframes = (uint32_t)(end - first);
    region->first_index = (uint32_t)total;
    region->zone = zone;
    if (zones[zone].recent == NULL)
        zones[zone].recent = region;
    nregions++;
    total += region->nframes;
}

/* Adds a range of RAM, cut in two where the low frames end. */
static void add_ram(const struct memmap_range *range, paddr_t low_limit)
{
    uint64_t first = range->start >> PAGE_SHIFT;
    uint64_t end = range->end >> PAGE_SHIFT;
    uint64_t limit = low_limit >> PAGE_SHIFT;

    add_region(first, end < limit ? end : limit, FRAME_ZONE_LOW);
    add_region(first > limit ? first : limit, end, FRAME_ZONE_HIGH);
}

/* Lists frames [pfn, end) of a region as free, in blocks as large as can be. */
static void fill_free(const struct region *region, uint32_t pfn, uint32_t end)
{
    struct zone *zone = &zones[region->zone];
    unsigned order;

    zone->nfree += end - pfn;
    while (pfn < end) {
        order = bits_log2_32(end - pfn);
        if (order > FRAME_MAX_ORDER)
            order = FRAME_MAX_ORDER;
        if (bits_lowest32(pfn) < order) /* no RAM lies at 0 */
            order = bits_lowest32(pfn);
        list_push(zone, index_of(region, pfn), order);
        pfn += 1u << order;
    }
}

/* Marks frames [pfn, end) of a region as used, one by one. */
static void fill_used(const struct region *region, uint32_t pfn, uint32_t end,
                      enum frame_kind kind, enum state state)
{
    struct frame *frame = &frames[index_of(region, pfn)];

    counts[kind] += end - pfn;
    for (; pfn < end; pfn++, frame++) {
        frame->kind = (uint8_t)kind;
        frame->state = (uint8_t)state;
        frame->refs = 1;
    }
}

/* Fills the records of a range, which may lie in two regions. */
static void fill_range(const struct memmap_range *range)
{
    uint32_t pfn = (uint32_t)(range->start >> PAGE_SHIFT);
    uint32_t end = (uint32_t)(range->end >> PAGE_SHIFT);
    const struct region *region;
    uint32_t to;

    for (; pfn < end; pfn = to) {
        region = search_pfn(pfn);
        to = region->first_pfn + region->nframes;
        to = to < end ? to : end;
        if (range->kind == MEMMAP_AVAILABLE)
            fill_free(region, pfn, to);
        else if (range->kind == MEMMAP_MODULE)
            fill_used(region, pfn, to, FRAME_FILE, USED);
        else
            fill_used(region, pfn, to, FRAME_KERNEL, PINNED);
    }
}

/* Forgets everything. */
static void reset(void)
{
    frames = NULL;
    regions = NULL;
    recent = &no_region;
    nregions = 0;
    total = 0;
    memset(counts, 0, sizeof(counts));
    memset(zones, 0, sizeof(zones));
    for (unsigned z = 0; z < FRAME_NZONES; z++) {
        zones[z].cache = NONE;
        for (unsigned order = 0; order < NORDERS; order++)
            zones[z].heads[order] = NONE;
    }
}

int frame_init(const struct memmap *map, void *metadata, size_t nbytes,
               paddr_t low_limit)
{
    struct memmap_range range;
    unsigned cursor;

    reset();
    if (!map->finished || memmap_total_ram(map) == 0)
        return -EINVAL;
    if (nbytes < frame_metadata_bytes(map))
        return -ENOMEM;
    assert(((uintptr_t)metadata & 7) == 0);
    regions = metadata;
    frames = (struct frame *)(regions + count_regions(map));
    for (cursor = 0; memmap_next_ram(map, &cursor, &range);)
        add_ram(&range, low_limit);
    memset(frames, 0, total * sizeof(*frames));
    for (cursor = 0; memmap_next(map, &cursor, &range);) {
        if (memmap_kind_is_ram(range.kind))
            fill_range(&range);
    }
    return 0;
}

/* ---- Looking ----------------------------------------------------------- */

size_t frame_count(enum frame_kind kind)
{
    assert((unsigned)kind < FRAME_NKINDS);
    if (kind == FRAME_FREE)
        return frame_free_low() + frame_free_high();
    return counts[kind];
}

size_t frame_total(void)
{
    return total;
}

size_t frame_free_low(void)
{
    return zones[FRAME_ZONE_LOW].nfree;
}

size_t frame_free_high(void)
{
    return zones[FRAME_ZONE_HIGH].nfree;
}

const char *frame_kind_name(enum frame_kind kind)
{
    return (unsigned)kind < FRAME_NKINDS ? kind_names[kind] : "?";
}

size_t frame_free_blocks(enum frame_zone zone, unsigned order)
{
    assert((unsigned)zone < FRAME_NZONES && order <= FRAME_MAX_ORDER);
    return zones[zone].nblocks[order];
}

size_t frame_cached(enum frame_zone zone)
{
    assert((unsigned)zone < FRAME_NZONES);
    return zones[zone].ncached;
}

/* The first frame at or above `pfn` of a region that starts a block. */
static bool next_in_region(const struct region *region, uint64_t *pfn)
{
    uint64_t end = (uint64_t)region->first_pfn + region->nframes;

    if (*pfn < region->first_pfn)
        *pfn = region->first_pfn;
    while (*pfn < end && frames[index_of(region, (uint32_t)*pfn)].state == TAIL)
        (*pfn)++;
    return *pfn < end;
}

bool frame_next(paddr_t *cursor, struct frame_info *info)
{
    uint64_t pfn = (*cursor >> PAGE_SHIFT) + ((*cursor & PAGE_MASK) != 0);
    const struct frame *frame;

    for (unsigned i = 0; i < nregions; i++) {
        if (!next_in_region(&regions[i], &pfn))
            continue;
        frame = &frames[index_of(&regions[i], (uint32_t)pfn)];
        info->pa = pfn << PAGE_SHIFT;
        info->order = frame->order;
        info->kind = frame->kind;
        info->zone = regions[i].zone;
        info->refs = frame->refs;
        *cursor = (pfn + (1u << frame->order)) << PAGE_SHIFT;
        return true;
    }
    return false;
}

/* ---- Checking ---------------------------------------------------------- */

/* What a walk over the records counts, to be compared with the counters. */
struct census {
    size_t kinds[FRAME_NKINDS];
    size_t nfree[FRAME_NZONES];
    size_t ncached[FRAME_NZONES];
    size_t nblocks[FRAME_NZONES][NORDERS];
};

static bool is_listed(uint32_t index, unsigned order)
{
    return index < total && frames[index].state == LISTED &&
           frames[index].order == order;
}

/* Checks a listed block's neighbours on the list and in memory. */
static const char *check_listed(const struct region *region, uint32_t index)
{
    const struct frame *frame = &frames[index];
    unsigned order = frame->order;

    if (frame->prev == NONE) {
        if (zones[region->zone].heads[order] != index)
            return "a free block is first on no list";
    } else if (!is_listed(frame->prev, order) ||
               frames[frame->prev].next != index) {
        return "a free block's list is broken before it";
    }
    if (frame->next != NONE &&
        (!is_listed(frame->next, order) || frames[frame->next].prev != index))
        return "a free block's list is broken behind it";
    if (order < FRAME_MAX_ORDER &&
        listed_buddy(region, pfn_of(region, index), order) != NONE)
        return "two free buddies were not merged";
    return NULL;
}

/* Checks the fields of a block's first frame. */
static const char *check_head(const struct region *region, uint32_t index)
{
    const struct frame *frame = &frames[index];

    switch (frame->state) {
    case USED:
    case PINNED:
        if (frame->kind == FRAME_FREE || frame->kind >= FRAME_NKINDS)
            return "a used block's kind is wrong";
        return frame->refs == 0 ? "a used block has no references" : NULL;
    case LISTED:
    case CACHED:
        if (frame->kind != FRAME_FREE || frame->refs != 0)
            return "a free block has another kind or references";
        if (frame->state == LISTED)
            return check_listed(region, index);
        return frame->order != 0 ? "a cached block is not single" : NULL;
    default:
        return "a frame belongs to no block";
    }
}

/* Checks where a block lies, and its tails. */
static const char *check_extent(const struct region *region, uint32_t index)
{
    const struct frame *frame = &frames[index];
    uint32_t nframes = 1u << frame->order;

    if (frame->order > FRAME_MAX_ORDER)
        return "an order is too large";
    if (pfn_of(region, index) & (nframes - 1))
        return "a block is not aligned to its size";
    if (index - region->first_index + nframes > region->nframes)
        return "a block leaves its region";
    for (uint32_t i = 1; i < nframes; i++) {
        if (frame[i].state != TAIL || frame[i].kind != frame->kind ||
            frame[i].refs != 0)
            return "a tail is not like its block";
    }
    return NULL;
}

static void count_block(struct census *census, const struct region *region,
                        const struct frame *frame)
{
    size_t nframes = (size_t)1 << frame->order;

    census->kinds[frame->kind] += nframes;
    if (frame->kind == FRAME_FREE)
        census->nfree[region->zone] += nframes;
    if (frame->state == CACHED)
        census->ncached[region->zone]++;
    if (frame->state == LISTED)
        census->nblocks[region->zone][frame->order]++;
}

static const char *check_region(struct census *census,
                                const struct region *region)
{
    const char *broken;
    uint32_t index = region->first_index;
    uint32_t end = index + region->nframes;

    while (index < end) {
        broken = check_head(region, index);
        if (broken == NULL)
            broken = check_extent(region, index);
        if (broken != NULL)
            return broken;
        count_block(census, region, &frames[index]);
        index += 1u << frames[index].order;
    }
    return NULL;
}

/* Walks a list whose members were found sound: no ring, none left out. */
static const char *check_list(const struct zone *zone, unsigned order)
{
    uint32_t index = zone->heads[order];

    for (uint32_t n = zone->nblocks[order]; n > 0; n--) {
        if (!is_listed(index, order))
            return "a list of free blocks is too short";
        index = frames[index].next;
    }
    return index != NONE ? "a list of free blocks is too long" : NULL;
}

/* Walks the cache, which may be broken in any way. */
static const char *check_cache(const struct zone *zone)
{
    uint32_t index = zone->cache;

    for (uint32_t n = zone->ncached; n > 0; n--) {
        if (index >= total || frames[index].state != CACHED)
            return "the cache of single frames is broken";
        index = frames[index].next;
    }
    return index != NONE ? "the cache of single frames is too long" : NULL;
}

static const char *check_zone(const struct census *census, unsigned z)
{
    const struct zone *zone = &zones[z];
    const char *broken;

    if (census->nfree[z] != zone->nfree)
        return "a zone's free frames are miscounted";
    if (census->ncached[z] != zone->ncached)
        return "a zone's cached frames are miscounted";
    for (unsigned order = 0; order < NORDERS; order++) {
        if (census->nblocks[z][order] != zone->nblocks[order])
            return "a zone's free blocks are miscounted";
        if ((zone->heads[order] != NONE) != (zone->nonempty >> order & 1))
            return "a zone's empty lists are misremembered";
        broken = check_list(zone, order);
        if (broken != NULL)
            return broken;
    }
    return check_cache(zone);
}

const char *frame_check(void)
{
    struct census census = {0};
    const char *broken = NULL;
    size_t sum = 0;

    for (unsigned i = 0; i < nregions && broken == NULL; i++)
        broken = check_region(&census, &regions[i]);
    for (unsigned z = 0; z < FRAME_NZONES && broken == NULL; z++)
        broken = check_zone(&census, z);
    for (unsigned kind = 0; kind < FRAME_NKINDS && broken == NULL; kind++) {
        if (census.kinds[kind] != frame_count(kind))
            broken = "the frames of a kind are miscounted";
        sum += frame_count(kind);
    }
    if (broken == NULL && sum != total)
        broken = "the kinds do not add up to the total";
    return broken;
}
