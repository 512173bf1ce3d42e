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
 *      ZEROED    the same, in the zone's stack of frames that are zero
 *                (frame_zeroed.c)
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

#include "lib/panic.h"
#include "mm/frame_private.h"

const struct region frame_no_region;
struct frame *frame_records;
struct region *frame_regions;
unsigned frame_nregions;
const struct region *frame_recent = &frame_no_region;
size_t frame_ntotal;
size_t frame_counts[FRAME_NKINDS];
struct zone frame_zones[FRAME_NZONES];

static const char *const state_names[] = {
    [TAIL] = "inside a block", [USED] = "in use", [PINNED] = "pinned",
    [LISTED] = "free",         [CACHED] = "free", [ZEROED] = "free",
};

/* ---- From addresses to records and back -------------------------------- */

/* The region that holds frame number `pfn`, or NULL. */
const struct region *frame_search_pfn(uint32_t pfn)
{
    unsigned low = 0;
    unsigned high = frame_nregions;
    unsigned middle;

    while (high - low > 1) {
        middle = (low + high) / 2;
        if (frame_regions[middle].first_pfn <= pfn)
            low = middle;
        else
            high = middle;
    }
    if (frame_nregions == 0 ||
        pfn - frame_regions[low].first_pfn >= frame_regions[low].nframes)
        return NULL;
    frame_recent = &frame_regions[low];
    return frame_recent;
}

const struct region *frame_search_index(uint32_t index)
{
    unsigned low = 0;
    unsigned high = frame_nregions;
    unsigned middle;

    while (high - low > 1) {
        middle = (low + high) / 2;
        if (frame_regions[middle].first_index <= index)
            low = middle;
        else
            high = middle;
    }
    return &frame_regions[low];
}

/* Stop with what was tried, where, and what the record says. */
static _Noreturn void misuse(const char *what, paddr_t pa)
{
    const struct region *region = region_of(pa);
    const struct frame *frame;

    if (region == NULL)
        panic("frame: 0x%llx %s: no RAM", (unsigned long long)pa, what);
    if (pa & PAGE_MASK)
        panic("frame: 0x%llx %s: not aligned", (unsigned long long)pa, what);
    frame = &frame_records[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))];
    panic("frame: 0x%llx %s: kind %s, %s, order %u, refs %u",
          (unsigned long long)pa, what, frame_kind_name(frame->kind),
          frame->state <= ZEROED ? state_names[frame->state] : "?",
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
    return &frame_records[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))];
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

void frame_list_push(struct zone *zone, uint32_t index, unsigned order)
{
    struct frame *frame = &frame_records[index];
    uint32_t head = zone->heads[order];

    frame->next = head;
    frame->prev = NONE;
    frame->order = (uint8_t)order;
    frame->state = LISTED;
    if (head != NONE)
        frame_records[head].prev = index;
    zone->heads[order] = index;
    zone->nonempty |= 1u << order;
    zone->nblocks[order]++;
}

/* Take a block off its list; it becomes a tail until its caller says else. */
static void list_drop(struct zone *zone, uint32_t index)
{
    struct frame *frame = &frame_records[index];
    unsigned order = frame->order;

    if (frame->prev != NONE)
        frame_records[frame->prev].next = frame->next;
    else
        zone->heads[order] = frame->next;
    if (frame->next != NONE)
        frame_records[frame->next].prev = frame->prev;
    if (zone->heads[order] == NONE)
        zone->nonempty &= ~(1u << order);
    zone->nblocks[order]--;
    frame->state = TAIL;
}

/*
 * The index of a block's buddy if that is free, listed and of the same order;
 * else NONE.
 */
uint32_t frame_listed_buddy(const struct region *region, uint32_t pfn,
                            unsigned order)
{
    uint32_t buddy = pfn ^ 1u << order;
    uint32_t index;

    if (buddy - region->first_pfn >= region->nframes)
        return NONE;
    index = index_of(region, buddy);
    if (frame_records[index].state != LISTED ||
        frame_records[index].order != order)
        return NONE;
    return index;
}

/* List a free block whose records are all tails, merged as far as it goes. */
static void list_merge(struct zone *zone, const struct region *region,
                       uint32_t index, unsigned order)
{
    uint32_t pfn = pfn_of(region, index);
    uint32_t buddy;

    for (; order < FRAME_MAX_ORDER; order++) {
        buddy = frame_listed_buddy(region, pfn, order);
        if (buddy == NONE)
            break;
        list_drop(zone, buddy);
        pfn &= ~(1u << order);
    }
    frame_list_push(zone, index_of(region, pfn), order);
}

/* Take a block of this order off the lists, splitting a larger one. */
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
        frame_list_push(zone, index + (1u << found), found);
    }
    return index;
}

void frame_list_single(struct zone *zone, uint32_t index)
{
    frame_records[index].state = TAIL;
    list_merge(zone, region_of_index(zone, index), index, 0);
}

/* ---- The cache of single frames ---------------------------------------- */

static inline void cache_push(struct zone *zone, uint32_t index)
{
    frame_records[index].next = zone->cache;
    frame_records[index].order = 0;
    frame_records[index].state = CACHED;
    zone->cache = index;
    zone->ncached++;
}

static inline uint32_t cache_pop(struct zone *zone)
{
    uint32_t index = zone->cache;

    zone->cache = frame_records[index].next;
    zone->ncached--;
    return index;
}

/* Move single frames to the lists until only `left` are in the cache. */
static void cache_drain(struct zone *zone, uint32_t left)
{
    uint32_t index;

    while (zone->ncached > left) {
        index = cache_pop(zone);
        frame_list_single(zone, index);
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

    if (index == NONE && zone->ncached + zone->nzeroed > 0) {
        cache_drain(zone, 0);
        frame_zeroed_drain(zone);
        index = list_take(zone, order);
    }
    return index;
}

uint32_t frame_take_dirty(struct zone *zone)
{
    if (zone->ncached == 0)
        cache_refill(zone);
    return zone->ncached > 0 ? cache_pop(zone) : NONE;
}

/* A zeroed frame is taken for its contents, or when there is no other. */
static never_inline uint32_t take_last(struct zone *zone)
{
    uint32_t index = frame_take_dirty(zone);

    if (index == NONE && zone->nzeroed > 0)
        index = frame_zeroed_pop(zone);
    return index;
}

static inline uint32_t take_single(struct zone *zone)
{
    return likely(zone->ncached > 0) ? cache_pop(zone) : take_last(zone);
}

/* Give the tails of a block the kind of its first frame. */
static void set_tail_kinds(struct frame *frame, unsigned order)
{
    for (uint32_t i = 1; i < 1u << order; i++)
        frame[i].kind = frame->kind;
}

static int alloc_block(unsigned order, unsigned flags, enum frame_kind kind,
                       paddr_t *pa)
{
    struct zone *zone = &frame_zones[FRAME_ZONE_HIGH];
    uint32_t index = NONE;

    if (order > FRAME_MAX_ORDER)
        return -ENOMEM;
    if (!(flags & FRAME_LOW))
        index = take_block(zone, order);
    if (index == NONE) {
        zone = &frame_zones[FRAME_ZONE_LOW];
        index = take_block(zone, order);
    }
    if (index == NONE)
        return -ENOMEM;
    *pa = hand_out(zone, index, order, kind);
    set_tail_kinds(&frame_records[index], order);
    return 0;
}

int frame_alloc(unsigned order, unsigned flags, enum frame_kind kind,
                paddr_t *pa)
{
    struct zone *zone = &frame_zones[FRAME_ZONE_HIGH];
    uint32_t index;

    assert(kind > FRAME_FREE && kind < FRAME_NKINDS);
    if (unlikely(order != 0))
        return alloc_block(order, flags, kind, pa);
    if ((flags & FRAME_LOW) || zone->nfree == 0)
        zone = &frame_zones[FRAME_ZONE_LOW];
    index = take_single(zone);
    if (unlikely(index == NONE))
        return -ENOMEM;
    *pa = hand_out(zone, index, 0, kind);
    return 0;
}

int frame_alloc_zeroed(unsigned flags, enum frame_kind kind, paddr_t *pa)
{
    struct zone *zone = &frame_zones[FRAME_ZONE_HIGH];
    bool is_zero;
    uint32_t index;

    assert(kind > FRAME_FREE && kind < FRAME_NKINDS);
    if ((flags & FRAME_LOW) || zone->nfree == 0)
        zone = &frame_zones[FRAME_ZONE_LOW];
    is_zero = zone->nzeroed > 0;
    index = is_zero ? frame_zeroed_pop(zone) : take_single(zone);
    if (unlikely(index == NONE))
        return -ENOMEM;
    *pa = hand_out(zone, index, 0, kind);
    return is_zero ? FRAME_ZEROED : FRAME_UNDEFINED;
}

/* Free a block of more than one frame. */
static void release_block(struct zone *zone, const struct region *region,
                          struct frame *frame)
{
    unsigned order = frame->order;

    frame->state = TAIL;
    set_tail_kinds(frame, order);
    list_merge(zone, region, (uint32_t)(frame - frame_records), order);
}

/* Free a used block whose last reference is gone. */
static inline void release(struct frame *frame)
{
    const struct region *region = frame_recent; /* frame_at has just set it */
    struct zone *zone = &frame_zones[region->zone];
    unsigned order = frame->order;

    frame_counts[frame->kind] -= (size_t)1 << order;
    zone->nfree += (size_t)1 << order;
    kasan_poison_frames(
        (paddr_t)pfn_of(region, (uint32_t)(frame - frame_records))
            << PAGE_SHIFT,
        (size_t)PAGE_SIZE << order);
    frame->refs = 0;
    frame->kind = FRAME_FREE;
    if (unlikely(order != 0)) {
        release_block(zone, region, frame);
        return;
    }
    if (unlikely(zone->ncached == CACHE_MAX))
        cache_drain(zone, CACHE_MAX / 2);
    cache_push(zone, (uint32_t)(frame - frame_records));
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
    return frame_records[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))].refs;
}

void frame_set_kind(paddr_t pa, enum frame_kind kind)
{
    struct frame *frame = used_block(pa, "given a kind");

    assert(kind > FRAME_FREE && kind < FRAME_NKINDS);
    frame_counts[frame->kind] -= (size_t)1 << frame->order;
    frame_counts[kind] += (size_t)1 << frame->order;
    frame->kind = (uint8_t)kind;
    set_tail_kinds(frame, frame->order);
}

enum frame_kind frame_kind_of(paddr_t pa)
{
    const struct region *region = region_of(pa);

    if (region == NULL)
        misuse("asked for its kind", pa);
    return frame_records[index_of(region, (uint32_t)(pa >> PAGE_SHIFT))].kind;
}

bool frame_is_ram(paddr_t pa)
{
    return region_of(pa) != NULL;
}
