/*
 * Mapping, unmapping and protecting.
 *
 * Each call goes in four steps: check, reserve (area structs and charges, the
 * only things that can fail), change, settle.
 */
#include <cairn/errno.h>

#include "lib/panic.h"
#include "mm/area.h"
#include "mm/demand.h"
#include "mm/shmem.h"

/*
 * space_map.
 */

/* Round a length up to pages: -EINVAL for 0, -ENOMEM beyond all addresses. */
static int round_length(size_t *nbytes)
{
    if (*nbytes == 0)
        return -EINVAL;
    if (*nbytes > USER_END)
        return -ENOMEM;
    *nbytes = page_up(*nbytes);
    return 0;
}

/*
 * Find the address of a new mapping; *next is the first area that ends above
 * it, which with MAP_FIXED may lie in the way.
 */
static int place(const struct space *space, vaddr_t hint, size_t nbytes,
                 unsigned flags, vaddr_t *addr, struct area **next)
{
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if ((hint & PAGE_MASK) != 0)
            return -EINVAL;
        if (!is_user_range(hint, nbytes))
            return -ENOMEM;
        *addr = hint;
        *next = area_find(space, hint);
        if ((flags & MAP_FIXED_NOREPLACE) && *next != NULL &&
            (*next)->start < hint + nbytes)
            return -EEXIST;
        return 0;
    }
    hint = page_down(hint);
    if (hint != 0 && is_user_range(hint, nbytes)) {
        *addr = hint;
        *next = area_find(space, hint);
        if (area_leaves_gap(hint + nbytes, *next, 0))
            return 0;
    }
    return area_find_gap(space, nbytes, space->mmap_top, addr, next) ? 0
                                                                     : -ENOMEM;
}

/* The area that the arguments of space_map describe, without addresses. */
static int describe(struct area *what, unsigned prot, unsigned flags,
                    uint64_t page, unsigned may)
{
    unsigned type = flags & MAP_TYPE;

    if (type != MAP_PRIVATE && type != MAP_SHARED &&
        type != MAP_SHARED_VALIDATE)
        return -EINVAL;
    if (flags & (MAP_GROWSDOWN | MAP_HUGETLB))
        return -EINVAL;
    prot &= PROT_ALL;
    if ((prot & ~may) != 0)
        return -EACCES;
    what->prot = (uint8_t)prot;
    what->may = (uint8_t)(may & PROT_ALL);
    what->page = page;
    what->flags = flags & MAP_NORESERVE ? AREA_NORESERVE : 0;
    if (type != MAP_PRIVATE)
        what->flags |= AREA_SHARED;
    else if ((prot & PROT_WRITE) && !(flags & MAP_NORESERVE))
        what->flags |= AREA_CHARGED;
    return 0;
}

/* Make the area `what` on free addresses, right below `next`. */
static int map_free(struct space *space, const struct area *what,
                    struct area *next)
{
    struct area *prev = next != NULL ? next->prev : space->last;
    struct demand demand = demand_free(what->flags, what->prot, what->start,
                                       what->end, prev, next);
    struct area *spares = NULL;
    int error;

    if (!limits_allow(space, &demand))
        return -ENOMEM;
    if (!area_joins(what, prev, next) && area_reserve(&spares, 1) != 0)
        return -ENOMEM;
    error = demand_charge(space, &demand);
    if (error == 0)
        area_insert(space, what, prev, next, demand.low, &spares);
    area_unreserve(spares);
    return error;
}

/* Reserve what `what` needs beyond what it replaces. */
static int reserve_over(struct space *space, const struct area *what,
                        struct area **spares)
{
    struct demand demand = demand_over(space, what);

    if (!limits_allow(space, &demand))
        return -ENOMEM;
    if (area_reserve(spares, 2) != 0)
        return -ENOMEM;
    return demand_charge(space, &demand);
}

/* Make the area `what` in place of what lies there. */
static int map_over(struct space *space, const struct area *what)
{
    struct area *spares = NULL;
    struct area *prev, *next;
    int error;

    space->changing = true;
    error = reserve_over(space, what, &spares);
    if (error == 0) {
        area_remove(space, what->start, what->end, &spares);
        area_neighbours(space, what->start, &prev, &next);
        area_insert(space, what, prev, next,
                    area_slots(prev, next, what->start, what->end), &spares);
    }
    space_end_change(space);
    charge_settle(space);
    area_unreserve(spares);
    return error;
}

/* Make the area `what`; `next` is the first that ends above its start. */
static int map_area(struct space *space, const struct area *what,
                    struct area *next)
{
    if (next == NULL || what->end <= next->start)
        return map_free(space, what, next);
    return map_over(space, what);
}

/*
 * Make `*obj`, which the caller has not counted, the caller's to put: count it,
 * or make one for shared memory that has none.
 */
static int hold_object(const struct area *what, size_t nbytes, unsigned flags,
                       struct mobject **obj)
{
    if (*obj != NULL)
        mobject_get(*obj);
    else if (what->flags & AREA_SHARED)
        return shmem_create(nbytes >> PAGE_SHIFT, (flags & MAP_NORESERVE) != 0,
                            obj);
    return 0;
}

int space_map(struct space *space, vaddr_t addr, size_t nbytes, unsigned prot,
              unsigned flags, struct mobject *obj, uint64_t page, unsigned may,
              vaddr_t *out)
{
    struct area *next;
    struct area what;
    int error;

    error = round_length(&nbytes);
    if (error == 0)
        error = describe(&what, prot, flags, page, may);
    if (error == 0)
        error = hold_object(&what, nbytes, flags, &obj);
    if (error != 0)
        return error;
    space_wait(space); /* nothing sleeps from here on until it is mapped */
    what.obj = obj;
    error = place(space, addr, nbytes, flags, &what.start, &next);
    if (error == 0) {
        what.end = what.start + nbytes;
        error = map_area(space, &what, next);
    }
    if (obj != NULL)
        mobject_put(obj);
    if (error != 0)
        return error;
    if (flags & (MAP_POPULATE | MAP_LOCKED))
        fault_populate(space, what.start, what.end);
    *out = what.start;
    return 0;
}

void space_set_mmap_top(struct space *space, vaddr_t top)
{
    space->mmap_top = page_down(top);
}

/*
 * space_unmap.
 */

int space_unmap(struct space *space, vaddr_t addr, size_t nbytes)
{
    struct area *spares = NULL;

    if (nbytes == 0 || range_check(addr, &nbytes) != 0)
        return -EINVAL;
    space_wait(space);
    if (area_cut_splits(space, addr, addr + nbytes) &&
        area_reserve(&spares, 1) != 0)
        return -ENOMEM;
    area_remove(space, addr, addr + nbytes, &spares);
    charge_settle(space);
    area_unreserve(spares);
    return 0;
}

/*
 * space_protect.
 */

/* Whether giving the area this protection makes its pages chargeable. */
static bool becomes_charged(const struct area *area, unsigned prot)
{
    return (prot & PROT_WRITE) != 0 && area_charges_late(area) &&
           (area->flags & AREA_NORESERVE) == 0;
}

/* What a change of protection takes. */
struct protect_plan {
    struct demand demand; /* pages to charge, and that become data */
    unsigned nsplits;     /* areas to be cut in two */
};

/* Check the whole range and add up what the change takes. */
static int plan_protect(struct space *space, vaddr_t start, vaddr_t end,
                        unsigned prot, struct protect_plan *plan)
{
    const struct area *area = area_find(space, start);
    vaddr_t at = start;
    unsigned work = 0;

    *plan = (struct protect_plan){.nsplits = 0};
    for (; at < end; area = area->next) {
        vaddr_t to;
        size_t npages;

        if (!area_holds(area, at))
            return -ENOMEM;
        if ((prot & ~area->may) != 0)
            return -EACCES;
        to = area->end < end ? area->end : end;
        npages = pages_of(at, to);
        if (area->prot != prot) {
            plan->nsplits += (area->start < at) + (area->end > to);
            if (prot & PROT_WRITE)
                plan->demand.data +=
                    data_pages(area->flags, prot, npages) -
                    data_pages(area->flags, area->prot, npages);
        }
        if (becomes_charged(area, prot))
            plan->demand.user += npages - area_own_pages(space, at, to);
        at = to;
        space_pace(space, &work, npages);
    }
    return 0;
}

/* Give one whole area a protection. */
static void set_prot(struct space *space, struct area *area, unsigned prot)
{
    size_t npages = pages_of(area->start, area->end);
    vaddr_t at, to;

    if (becomes_charged(area, prot)) {
        space->need_user -= area_own_pages(space, area->start, area->end);
        space->need_user += npages;
        area->flags |= AREA_CHARGED;
    }
    space->data -= data_pages(area->flags, area->prot, npages);
    space->data += data_pages(area->flags, prot, npages);
    area->prot = (uint8_t)prot;
    for (at = area->start; at < area->end; at = to) {
        to = piece_end(at, area->end);
        tables_own(space, at, to);
        pmap_protect(&space->pmap, at, to, page_prot(prot));
        if (unlikely(to < area->end))
            space_pause(space);
    }
}

/* Change a range that plan_protect has been through. */
static void protect_range(struct space *space, vaddr_t start, vaddr_t end,
                          unsigned prot, struct area **spares)
{
    struct area *area = area_find(space, start);
    unsigned work = 0;

    if (area->start < start && area->prot != prot)
        area = area_split(space, area, start, spares);
    for (;;) {
        size_t npages = pages_of(area->start, area->end);

        if (area->prot != prot) {
            if (area->end > end)
                area_split(space, area, end, spares);
            set_prot(space, area, prot);
        }
        if (area->prev != NULL && area_join_next(space, area->prev))
            area = space->recent;
        if (area->end >= end)
            break;
        area = area->next;
        space_pace(space, &work, npages);
    }
    area_join_next(space, area);
}

/* The three steps that follow the check of the arguments. */
static int protect(struct space *space, vaddr_t start, vaddr_t end,
                   unsigned prot)
{
    struct protect_plan plan;
    struct area *spares = NULL;
    int error;

    error = plan_protect(space, start, end, prot, &plan);
    if (error != 0)
        return error;
    if (!limits_allow(space, &plan.demand))
        return -ENOMEM;
    error = area_reserve(&spares, plan.nsplits);
    if (error != 0)
        return error;
    error = demand_charge(space, &plan.demand);
    if (error == 0)
        protect_range(space, start, end, prot, &spares);
    area_unreserve(spares);
    return error;
}

int space_protect(struct space *space, vaddr_t addr, size_t nbytes,
                  unsigned prot)
{
    int error;

    error = range_check(addr, &nbytes);
    if (error != 0)
        return error;
    if ((prot & ~PROT_ALL) != 0)
        return -EINVAL;
    if (nbytes == 0)
        return 0;
    space_wait(space);
    space->changing = true;
    error = protect(space, addr, addr + nbytes, prot);
    space_end_change(space);
    charge_settle(space);
    return error;
}
