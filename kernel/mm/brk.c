/*
 * The break: the end of the heap, to the byte. The heap's pages reach from
 * space->heap to the break rounded up, as one area as long as the program
 * leaves it alone; what it unmapped or protected in between stays as it is.
 */
#include <cairn/errno.h>

#include "mm/area.h"
#include "mm/demand.h"

void space_set_heap(struct space *space, vaddr_t start)
{
    space->heap = page_up(start);
    space->brk = space->heap;
}

vaddr_t space_break(const struct space *space)
{
    return space->brk;
}

/*
 * Return whether the heap may grow from `start` to `end`: all of it is free,
 * and a guard page stays free above it.
 */
static bool has_room(const struct area *prev, const struct area *next,
                     vaddr_t start, vaddr_t end)
{
    return (prev == NULL || prev->end <= start) &&
           area_leaves_gap(end, next, PAGE_SIZE);
}

/* What every area of the heap is made as. */
#define HEAP_FLAGS (AREA_HEAP | AREA_CHARGED)
#define HEAP_PROT  (PROT_READ | PROT_WRITE)

/* Whether `area` can become longer at `end` as the heap's last area. */
static bool is_heap_end(const struct area *area, vaddr_t end)
{
    return area != NULL && area->end == end && area->flags == HEAP_FLAGS &&
           area->prot == HEAP_PROT;
}

/* Add [start, end), charged for, to the heap as an area of its own. */
static never_inline int heap_add(struct space *space, vaddr_t start,
                                 vaddr_t end, struct area *prev,
                                 struct area *next, size_t nslots)
{
    struct area what = {.start = start,
                        .end = end,
                        .prot = HEAP_PROT,
                        .may = PROT_READ | PROT_WRITE | PROT_EXEC,
                        .flags = HEAP_FLAGS};
    struct area *spares = NULL;
    int error = area_reserve(&spares, 1);

    if (error != 0)
        return error;
    area_insert(space, &what, prev, next, nslots, &spares);
    area_unreserve(spares);
    return 0;
}

/* Add the pages of [start, end) to the heap. */
static inline __attribute__((always_inline)) int
heap_grow(struct space *space, vaddr_t start, vaddr_t end)
{
    struct area *prev, *next;
    struct demand demand;
    int error;

    area_neighbours(space, start, &prev, &next);
    if (!has_room(prev, next, start, end))
        return -ENOMEM;
    demand = demand_free(HEAP_FLAGS, HEAP_PROT, start, end, prev, next);
    if (!limits_allow(space, &demand))
        return -ENOMEM;
    error = demand_charge(space, &demand);
    if (error != 0)
        return error;
    if (likely(is_heap_end(prev, start)))
        area_extend(space, prev, end, demand.low);
    else
        error = heap_add(space, start, end, prev, next, demand.low);
    if (error != 0)
        charge_settle(space);
    return error;
}

/* Set the break when no other thread is in the midst of changing the space. */
static inline __attribute__((always_inline)) int set_break(struct space *space,
                                                           vaddr_t brk)
{
    vaddr_t old_end = page_up(space->brk), end;
    int error = 0;

    if (brk < space->heap || brk > USER_END)
        return -ENOMEM;
    end = page_up(brk);
    if (likely(end > old_end))
        error = heap_grow(space, old_end, end);
    else if (end < old_end)
        error = space_unmap(space, end, old_end - end);
    if (error == 0)
        space->brk = brk;
    return error;
}

int space_set_break(struct space *space, vaddr_t brk)
{
    space_wait(space);
    return set_break(space, brk);
}

int space_move_break(struct space *space, int32_t increment, vaddr_t *old)
{
    vaddr_t brk;
    int error;

    space_wait(space);
    brk = space->brk;
    if (increment >= 0 ? (uint32_t)increment > USER_END - brk
                       : -(uint32_t)increment > brk - space->heap)
        return -ENOMEM;
    error = set_break(space, brk + (vaddr_t)increment);
    if (error == 0)
        *old = brk;
    return error;
}
