/*
 * The stack: one area below stack_top that a fault right below it may extend
 * downwards, as far as the stack's limit, and not nearer than SPACE_STACK_GAP
 * to what lies below. Its first 64 KiB are charged when it is made; beyond
 * them each growth is charged when it happens, and can be refused.
 */
#include <cairn/errno.h>

#include "lib/panic.h"
#include "mm/area.h"

#define STACK_FIRST 0x10000u /* bytes that are there from the start */

int space_map_stack(struct space *space, vaddr_t top, unsigned prot)
{
    struct area *spares = NULL;
    struct area *prev, *next;
    struct area what = {.end = top, .start = top - STACK_FIRST};
    size_t nslots;
    int err;

    if ((top & PAGE_MASK) != 0 || !is_user_range(what.start, STACK_FIRST))
        return -EINVAL;
    area_neighbours(space, what.start, &prev, &next);
    if ((prev != NULL && prev->end > what.start) ||
        (next != NULL && next->start < top))
        return -EEXIST;
    if (!limits_allow(space, STACK_FIRST >> PAGE_SHIFT, 0))
        return -ENOMEM;
    err = area_reserve(&spares, 1);
    if (err != 0)
        return err;
    nslots = area_slots(prev, next, what.start, what.end);
    err = charge_reserve(space, STACK_FIRST >> PAGE_SHIFT, nslots);
    if (err != 0)
        goto out;
    what.prot = (uint8_t)prot;
    what.may = PROT_READ | PROT_WRITE | PROT_EXEC;
    what.flags = AREA_STACK | AREA_CHARGED;
    area_insert(space, &what, prev, next, nslots, &spares);
    charge_settle(space);
    space->stack_top = top;
out:
    area_unreserve(spares);
    return err;
}

int stack_grow(struct space *space, struct area *area, vaddr_t va)
{
    struct area *spares = NULL;
    struct area what;
    size_t npages, nslots;
    vaddr_t floor;

    if (area == NULL || (area->flags & AREA_STACK) == 0)
        return -EFAULT;
    floor = USER_BASE;
    if (area->prev != NULL)
        floor = area->prev->end + SPACE_STACK_GAP;
    if (va < floor || space->stack_top - va > space->limits.stack)
        return -EFAULT;
    what = *area;
    what.start = va;
    what.end = area->start;
    npages = pages_of(what.start, what.end);
    if (!limits_allow(space, npages, 0))
        return -ENOMEM;
    nslots = area_slots(area->prev, area, va, what.end);
    if (charge_reserve(space, area->flags & AREA_CHARGED ? npages : 0,
                       nslots) != 0)
        return -ENOMEM;
    area_insert(space, &what, area->prev, area, nslots, &spares);
    assert(area->start == va);
    return 0;
}
