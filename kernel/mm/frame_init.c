/* Page frames: setting up from the memory map. The drawing is in frame.c. */
#include <cairn/errno.h>

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/frame_private.h"

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

/* Add frames [first, end) as one region. */
static void add_region(uint64_t first, uint64_t end, enum frame_zone zone)
{
    struct region *region = &frame_regions[frame_nregions];

    if (first >= end)
        return;
    region->first_pfn = (uint32_t)first;
    region->nframes = (uint32_t)(end - first);
    region->first_index = (uint32_t)frame_ntotal;
    region->zone = zone;
    if (frame_zones[zone].recent == NULL)
        frame_zones[zone].recent = region;
    frame_nregions++;
    frame_ntotal += region->nframes;
}

/* Add a range of RAM, cut in two where the low frames end. */
static void add_ram(const struct memmap_range *range, paddr_t low_limit)
{
    uint64_t first = range->start >> PAGE_SHIFT;
    uint64_t end = range->end >> PAGE_SHIFT;
    uint64_t limit = low_limit >> PAGE_SHIFT;

    add_region(first, end < limit ? end : limit, FRAME_ZONE_LOW);
    add_region(first > limit ? first : limit, end, FRAME_ZONE_HIGH);
}

/* List frames [pfn, end) of a region as free, in blocks as large as can be. */
static void fill_free(const struct region *region, uint32_t pfn, uint32_t end)
{
    struct zone *zone = &frame_zones[region->zone];
    unsigned order;

    zone->nfree += end - pfn;
    while (pfn < end) {
        order = bits_log2_32(end - pfn);
        if (order > FRAME_MAX_ORDER)
            order = FRAME_MAX_ORDER;
        if (bits_lowest32(pfn) < order) /* no RAM lies at 0 */
            order = bits_lowest32(pfn);
        frame_list_push(zone, index_of(region, pfn), order);
        pfn += 1u << order;
    }
}

/* Mark frames [pfn, end) of a region as used, one by one. */
static void fill_used(const struct region *region, uint32_t pfn, uint32_t end,
                      enum frame_kind kind, enum state state)
{
    struct frame *frame = &frame_records[index_of(region, pfn)];

    frame_counts[kind] += end - pfn;
    for (; pfn < end; pfn++, frame++) {
        frame->kind = (uint8_t)kind;
        frame->state = (uint8_t)state;
        frame->refs = 1;
    }
}

/* Fill the records of a range, which may lie in two regions. */
static void fill_range(const struct memmap_range *range)
{
    uint32_t pfn = (uint32_t)(range->start >> PAGE_SHIFT);
    uint32_t end = (uint32_t)(range->end >> PAGE_SHIFT);
    const struct region *region;
    uint32_t to;

    for (; pfn < end; pfn = to) {
        region = frame_search_pfn(pfn);
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
    frame_records = NULL;
    frame_regions = NULL;
    frame_recent = &frame_no_region;
    frame_nregions = 0;
    frame_ntotal = 0;
    memset(frame_counts, 0, sizeof(frame_counts));
    memset(frame_zones, 0, sizeof(frame_zones));
    for (unsigned z = 0; z < FRAME_NZONES; z++) {
        frame_zones[z].cache = NONE;
        frame_zones[z].zeroed = NONE;
        for (unsigned order = 0; order < NORDERS; order++)
            frame_zones[z].heads[order] = NONE;
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
    frame_regions = metadata;
    frame_records = (struct frame *)(frame_regions + count_regions(map));
    for (cursor = 0; memmap_next_ram(map, &cursor, &range);)
        add_ram(&range, low_limit);
    memset(frame_records, 0, frame_ntotal * sizeof(*frame_records));
    for (cursor = 0; memmap_next(map, &cursor, &range);) {
        if (memmap_kind_is_ram(range.kind))
            fill_range(&range);
    }
    return 0;
}
