/*
 * What an operation on areas asks for, checked and charged before it changes
 * anything:
 *
 *     demand_free    a new area where nothing is      map, brk, stack, mremap
 *     demand_over    an area in place of others       map, mremap
 *     demand_sum     what the areas of a range have   what unmapping gives back
 *     demand_less    take off what is given up        mremap's old place
 *
 * then limits_allow, area_reserve and demand_charge, all of which can fail;
 * then the change, which cannot. Only the files of mm/area.h include this.
 */
#ifndef MM_DEMAND_H
#define MM_DEMAND_H

#include "mm/area.h"

struct demand {
    size_t mapped; /* pages of areas, for the limit of addresses */
    size_t data;   /* pages of data, for the limit of data */
    size_t user;   /* pages to be charged */
    size_t low;    /* page tables to be charged */
};

/*
 * Return what an area [start, end) with AREA_* `flags` and protection `prot`
 * adds, on free addresses between its neighbours `prev` and `next` (or NULL).
 */
static inline struct demand demand_free(unsigned flags, unsigned prot,
                                        vaddr_t start, vaddr_t end,
                                        const struct area *prev,
                                        const struct area *next)
{
    size_t npages = pages_of(start, end);

    return (struct demand){
        .mapped = npages,
        .data = data_pages(flags, prot, npages),
        .user = flags & AREA_CHARGED ? npages : 0,
        .low = area_slots(prev, next, start, end),
    };
}

/*
 * Return what `what` adds beyond what it replaces, none less than 0. It may
 * pause, so another change must be held off.
 */
struct demand demand_over(struct space *space, const struct area *what);

/* Return what removing [start, end) gives back. It may pause. */
struct demand demand_sum(struct space *space, vaddr_t start, vaddr_t end);

/* Take off what `npages` of `area` count for, down to 0; tables stay. */
void demand_less(struct demand *demand, const struct area *area, size_t npages);

/* Return whether the limits of the space allow the demand. */
static inline bool limits_allow(const struct space *space,
                                const struct demand *demand)
{
    size_t as = space->limits.as >> PAGE_SHIFT;
    size_t data = space->limits.data >> PAGE_SHIFT;

    if (demand->mapped != 0 && space->mapped + demand->mapped > as)
        return false;
    return demand->data == 0 || space->data + demand->data <= data;
}

/* Charge for the demand: -ENOMEM with nothing changed. */
static inline must_check int demand_charge(struct space *space,
                                           const struct demand *demand)
{
    return charge_reserve(space, demand->user, demand->low);
}

#endif
