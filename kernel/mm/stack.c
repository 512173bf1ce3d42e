/*
 * The stack: one area below stack_top that a fault right below it may extend
 * downwards, as far as the stack's limit, and not nearer than SPACE_STACK_GAP
 * to what lies below. Its first 64 KiB are charged when it is made; beyond
 * them each growth is charged when it happens, and can be refused.
 */
#include <cairn/errno.h>

#include "lib/panic.h"
#include "mm/area.h"
#include "mm/demand.h"

#define STACK_FIRST 0x10000u /* bytes that are there from the start */

int space_map_stack(struct space *space, vaddr_t top, unsigned prot)
{
    struct area *spares = NULL;
    struct area *prev, *next;
    struct area what = {.start = top - STACK_FIRST,
                        .end = top,
                        .prot = (uint8_t)prot,
                        .may = PROT_READ | PROT_WRITE | PROT_EXEC,
                        .flags = AREA_STACK | AREA_CHARGED};
    struct demand demand;
    int error;

    if ((top & PAGE_MASK) != 0 || !is_user_range(what.start, STACK_FIRST))
        return -EINVAL;
    area_neighbours(space, what.start, &prev, &next);
    if ((prev != NULL && prev->end > what.start) ||
        (next != NULL && next->start < top))
        return -EEXIST;
    demand = demand_free(what.flags, prot, what.start, top, prev, next);
    if (!limits_allow(space, &demand))
        return -ENOMEM;
    error = area_reserve(&spares, 1);
    if (error != 0)
        return error;
    error = demand_charge(space, &demand);
    if (error != 0)
        goto out;
    area_insert(space, &what, prev, next, demand.low, &spares);
    charge_settle(space);
    space->stack_top = top;
out:
    area_unreserve(spares);
    return error;
}

int stack_grow(struct space *space, struct area *area, vaddr_t va)
{
    struct area *spares = NULL;
    struct demand demand;
    struct area what;

    if (area == NULL || (area->flags & AREA_STACK) == 0)
        return -EFAULT;
    what = *area;
    what.start = va;
    what.end = area->start;
    if (va < USER_BASE || space->stack_top - va > space->limits.stack)
        return -EFAULT;
    if (area->prev != NULL && !area_leaves_gap(area->prev->end, &what, 0))
        return -EFAULT;
    demand = demand_free(what.flags, what.prot, va, what.end, area->prev, area);
    if (!limits_allow(space, &demand) || demand_charge(space, &demand) != 0)
        return -ENOMEM;
    area_insert(space, &what, area->prev, area, demand.low, &spares);
    assert(area->start == va);
    return 0;
}
