/*
 * Page frames: free single frames that are known to be zero.
 *
 * Each zone has a stack of them, filled by whoever has time (the idle thread)
 * and emptied first by those who want zeros. The frames are free like any
 * other: they are counted so, taken for other purposes when nothing else is
 * left, and merged into larger blocks before one of those is refused.
 *
 *      cache or lists --frame_zeroed_begin--> nobody's --frame_zeroed_end-->
 *      stack --frame_alloc_zeroed--> its owner
 */
#include "lib/panic.h"
#include "mm/frame_private.h"

/* Zeroed frames a zone keeps at most: 4 MiB. */
#define ZEROED_MAX 1024u

bool frame_zeroed_begin(paddr_t *pa)
{
    struct zone *zone = &frame_zones[FRAME_ZONE_HIGH];
    uint32_t index;

    if (zone->nfree == 0)
        zone = &frame_zones[FRAME_ZONE_LOW];
    if (zone->nzeroed >= ZEROED_MAX)
        return false;
    index = frame_take_dirty(zone);
    if (index == NONE)
        return false;
    *pa = (paddr_t)pfn_of(region_of_index(zone, index), index) << PAGE_SHIFT;
    return true;
}

void frame_zeroed_end(paddr_t pa)
{
    const struct region *region = region_of(pa);
    struct zone *zone = &frame_zones[region->zone];
    uint32_t index = index_of(region, (uint32_t)(pa >> PAGE_SHIFT));

    frame_records[index].next = zone->zeroed;
    frame_records[index].order = 0;
    frame_records[index].state = ZEROED;
    zone->zeroed = index;
    zone->nzeroed++;
}

void frame_zeroed_drain(struct zone *zone)
{
    while (zone->nzeroed > 0)
        frame_list_single(zone, frame_zeroed_pop(zone));
}

static bool each_of_zone(struct zone *zone, bool (*visit)(paddr_t pa))
{
    uint32_t index = zone->zeroed;

    for (; index != NONE; index = frame_records[index].next) {
        const struct region *region = region_of_index(zone, index);

        if (!visit((paddr_t)pfn_of(region, index) << PAGE_SHIFT))
            return false;
    }
    return true;
}

bool frame_zeroed_each(bool (*visit)(paddr_t pa))
{
    for (unsigned z = 0; z < FRAME_NZONES; z++)
        if (!each_of_zone(&frame_zones[z], visit))
            return false;
    return true;
}

size_t frame_zeroed(enum frame_zone zone)
{
    assert((unsigned)zone < FRAME_NZONES);
    return frame_zones[zone].nzeroed;
}
