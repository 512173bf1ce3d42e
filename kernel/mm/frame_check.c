/*
 * Page frames: looking at them, and walking all of them to check the
 * invariant. The drawing is in frame.c.
 */
#include "lib/panic.h"
#include "mm/frame_private.h"

static const char *const kind_names[FRAME_NKINDS] = {
    [FRAME_FREE] = "free",
    [FRAME_KERNEL] = "kernel",
    [FRAME_PAGETABLE] = "page table",
    [FRAME_USER] = "user",
    [FRAME_FILE] = "file",
};

/* ---- Looking ----------------------------------------------------------- */

size_t frame_count(enum frame_kind kind)
{
    assert((unsigned)kind < FRAME_NKINDS);
    if (kind == FRAME_FREE)
        return frame_free_low() + frame_free_high();
    return frame_counts[kind];
}

size_t frame_total(void)
{
    return frame_ntotal;
}

size_t frame_free_low(void)
{
    return frame_zones[FRAME_ZONE_LOW].nfree;
}

size_t frame_free_high(void)
{
    return frame_zones[FRAME_ZONE_HIGH].nfree;
}

const char *frame_kind_name(enum frame_kind kind)
{
    return (unsigned)kind < FRAME_NKINDS ? kind_names[kind] : "?";
}

size_t frame_free_blocks(enum frame_zone zone, unsigned order)
{
    assert((unsigned)zone < FRAME_NZONES && order <= FRAME_MAX_ORDER);
    return frame_zones[zone].nblocks[order];
}

size_t frame_cached(enum frame_zone zone)
{
    assert((unsigned)zone < FRAME_NZONES);
    return frame_zones[zone].ncached;
}

/* The first frame at or above `pfn` of a region that starts a block. */
static bool next_in_region(const struct region *region, uint64_t *pfn)
{
    uint64_t end = (uint64_t)region->first_pfn + region->nframes;

    if (*pfn < region->first_pfn)
        *pfn = region->first_pfn;
    while (*pfn < end &&
           frame_records[index_of(region, (uint32_t)*pfn)].state == TAIL)
        (*pfn)++;
    return *pfn < end;
}

bool frame_next(paddr_t *cursor, struct frame_info *info)
{
    uint64_t pfn = (*cursor >> PAGE_SHIFT) + ((*cursor & PAGE_MASK) != 0);
    const struct frame *frame;

    for (unsigned i = 0; i < frame_nregions; i++) {
        if (!next_in_region(&frame_regions[i], &pfn))
            continue;
        frame = &frame_records[index_of(&frame_regions[i], (uint32_t)pfn)];
        info->pa = pfn << PAGE_SHIFT;
        info->order = frame->order;
        info->kind = frame->kind;
        info->zone = frame_regions[i].zone;
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
    size_t nzeroed[FRAME_NZONES];
    size_t nblocks[FRAME_NZONES][NORDERS];
};

static bool is_listed(uint32_t index, unsigned order)
{
    return index < frame_ntotal && frame_records[index].state == LISTED &&
           frame_records[index].order == order;
}

/* Check a listed block's neighbours on the list and in memory. */
static const char *check_listed(const struct region *region, uint32_t index)
{
    const struct frame *frame = &frame_records[index];
    unsigned order = frame->order;

    if (frame->prev == NONE) {
        if (frame_zones[region->zone].heads[order] != index)
            return "a free block is first on no list";
    } else if (!is_listed(frame->prev, order) ||
               frame_records[frame->prev].next != index) {
        return "a free block's list is broken before it";
    }
    if (frame->next != NONE && (!is_listed(frame->next, order) ||
                                frame_records[frame->next].prev != index))
        return "a free block's list is broken behind it";
    if (order < FRAME_MAX_ORDER &&
        frame_listed_buddy(region, pfn_of(region, index), order) != NONE)
        return "two free buddies were not merged";
    return NULL;
}

/* Check the fields of a block's first frame. */
static const char *check_head(const struct region *region, uint32_t index)
{
    const struct frame *frame = &frame_records[index];

    switch (frame->state) {
    case USED:
    case PINNED:
        if (frame->kind == FRAME_FREE || frame->kind >= FRAME_NKINDS)
            return "a used block's kind is wrong";
        return frame->refs == 0 ? "a used block has no references" : NULL;
    case LISTED:
    case CACHED:
    case ZEROED:
        if (frame->kind != FRAME_FREE || frame->refs != 0)
            return "a free block has another kind or references";
        if (frame->state == LISTED)
            return check_listed(region, index);
        return frame->order != 0 ? "a cached block is not single" : NULL;
    default:
        return "a frame belongs to no block";
    }
}

/* Check where a block lies, and its tails. */
static const char *check_extent(const struct region *region, uint32_t index)
{
    const struct frame *frame = &frame_records[index];
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
    if (frame->state == ZEROED)
        census->nzeroed[region->zone]++;
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
        count_block(census, region, &frame_records[index]);
        index += 1u << frame_records[index].order;
    }
    return NULL;
}

/* Walk a list whose members were found sound: no ring, none left out. */
static const char *check_list(const struct zone *zone, unsigned order)
{
    uint32_t index = zone->heads[order];

    for (uint32_t n = zone->nblocks[order]; n > 0; n--) {
        if (!is_listed(index, order))
            return "a list of free blocks is too short";
        index = frame_records[index].next;
    }
    return index != NONE ? "a list of free blocks is too long" : NULL;
}

/* Walk a stack of `height` single frames, which may be broken in any way. */
static const char *check_stack(uint32_t index, uint32_t height,
                               enum state state)
{
    for (; height > 0; height--) {
        if (index >= frame_ntotal || frame_records[index].state != state)
            return "a stack of single frames is broken";
        index = frame_records[index].next;
    }
    return index != NONE ? "a stack of single frames is too long" : NULL;
}

static const char *check_zone(const struct census *census, unsigned z)
{
    const struct zone *zone = &frame_zones[z];
    const char *broken;

    if (census->nfree[z] != zone->nfree)
        return "a zone's free frames are miscounted";
    if (census->ncached[z] != zone->ncached)
        return "a zone's cached frames are miscounted";
    if (census->nzeroed[z] != zone->nzeroed)
        return "a zone's zeroed frames are miscounted";
    for (unsigned order = 0; order < NORDERS; order++) {
        if (census->nblocks[z][order] != zone->nblocks[order])
            return "a zone's free blocks are miscounted";
        if ((zone->heads[order] != NONE) != (zone->nonempty >> order & 1))
            return "a zone's empty lists are misremembered";
        broken = check_list(zone, order);
        if (broken != NULL)
            return broken;
    }
    broken = check_stack(zone->cache, zone->ncached, CACHED);
    return broken ? broken : check_stack(zone->zeroed, zone->nzeroed, ZEROED);
}

const char *frame_check(void)
{
    struct census census = {0};
    const char *broken = NULL;
    size_t sum = 0;

    for (unsigned i = 0; i < frame_nregions && broken == NULL; i++)
        broken = check_region(&census, &frame_regions[i]);
    for (unsigned z = 0; z < FRAME_NZONES && broken == NULL; z++)
        broken = check_zone(&census, z);
    for (unsigned kind = 0; kind < FRAME_NKINDS && broken == NULL; kind++) {
        if (census.kinds[kind] != frame_count(kind))
            broken = "the frames of a kind are miscounted";
        sum += frame_count(kind);
    }
    if (broken == NULL && sum != frame_ntotal)
        broken = "the kinds do not add up to the total";
    return broken;
}
