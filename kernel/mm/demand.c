/*
 * What operations on areas ask for: the sums of mm/demand.h.
 *
 * What a range has is counted area by area; own pages of areas that are
 * charged late are counted in the page tables. A page table serves a slot of
 * 2 MiB, which several areas may share: it is given back if no area outside
 * the range has a part in it.
 */
#include "mm/demand.h"

static size_t own_pages(const struct space *space, vaddr_t start, vaddr_t end)
{
    size_t n = 0;
    vaddr_t va;
    paddr_t pa;
    unsigned prot;

    for (va = start; pmap_next(&space->pmap, &va, end, &pa, &prot);
         va += PAGE_SIZE)
        n += pa != space_zero_pa && frame_kind_of(pa) == FRAME_USER;
    return n;
}

size_t area_own_pages(struct space *space, vaddr_t start, vaddr_t end)
{
    size_t n = 0;
    vaddr_t to;

    for (; end - start > PMAP_SPAN; start = to) {
        to = piece_end(start, end);
        n += own_pages(space, start, to);
        space_pause(space);
    }
    return n + own_pages(space, start, end);
}

/*
 * Slots that are touched inside a range only: those of all pieces, counted
 * once each, but for the first and the last if an area outside has a part in
 * them too.
 */
struct slot_count {
    size_t n;      /* slots counted */
    vaddr_t first; /* the first of them */
    vaddr_t last;  /* the last of them */
};

static void slot_count_add(struct slot_count *count, vaddr_t start, vaddr_t end)
{
    vaddr_t lo = start >> SLOT_SHIFT;
    vaddr_t hi = (end - 1) >> SLOT_SHIFT;

    if (count->n == 0)
        count->first = lo;
    else if (count->last == lo)
        lo++;
    count->n += hi + 1 - lo;
    count->last = hi;
}

/* Take out the slots of the addresses right outside, if there are areas. */
static size_t slot_count_alone(const struct slot_count *count, bool has_below,
                               vaddr_t below, bool has_above, vaddr_t above)
{
    size_t n = count->n;
    bool shares_first = has_below && below >> SLOT_SHIFT == count->first;
    bool shares_last = has_above && above >> SLOT_SHIFT == count->last;

    if (n == 0)
        return 0;
    if (count->first == count->last)
        return n - (shares_first || shares_last);
    return n - shares_first - shares_last;
}

struct demand demand_sum(struct space *space, vaddr_t start, vaddr_t end)
{
    struct demand sum = {0, 0, 0, 0};
    struct area *area = area_find(space, start);
    const struct area *below = area != NULL ? area->prev : NULL;
    bool cuts_below = area != NULL && area->start < start;
    bool has_below = cuts_below || below != NULL;
    vaddr_t below_va = cuts_below      ? start - 1
                       : below != NULL ? below->end - 1
                                       : 0;
    struct slot_count slots = {0, 0, 0};
    unsigned work = 0;

    for (; area != NULL && area->start < end; area = area->next) {
        vaddr_t from = area->start > start ? area->start : start;
        vaddr_t to = area->end < end ? area->end : end;
        size_t npages = pages_of(from, to);

        sum.mapped += npages;
        sum.data += data_pages(area->flags, area->prot, npages);
        if (area->flags & AREA_CHARGED)
            sum.user += npages;
        else if (area_charges_late(area))
            sum.user += area_own_pages(space, from, to);
        slot_count_add(&slots, from, to);
        if (area->end > end)
            break;
        space_pace(space, &work, npages);
    }
    sum.low = slot_count_alone(&slots, has_below, below_va, area != NULL,
                               area == NULL        ? 0
                               : area->start > end ? area->start
                                                   : end);
    return sum;
}

/* Return how many more than `have` are wanted. */
static size_t excess(size_t wanted, size_t have)
{
    return wanted > have ? wanted - have : 0;
}

/*
 * Return how many page tables `what` needs once nothing is left where it goes.
 * The areas on both sides, parts of cut areas included, share theirs.
 */
static size_t slots_over(const struct space *space, const struct area *what)
{
    struct area edge_below = {.end = what->start};
    struct area edge_above = {.start = what->end};
    const struct area *below = area_find(space, what->start);
    const struct area *above = area_find(space, what->end);

    if (below != NULL && below->start < what->start)
        below = &edge_below;
    else
        below = below != NULL ? below->prev : space->last;
    if (above != NULL && above->start < what->end)
        above = &edge_above;
    return area_slots(below, above, what->start, what->end);
}

struct demand demand_over(struct space *space, const struct area *what)
{
    struct demand gone = demand_sum(space, what->start, what->end);
    struct demand want = demand_free(what->flags, what->prot, what->start,
                                     what->end, NULL, NULL);

    return (struct demand){
        .mapped = excess(want.mapped, gone.mapped),
        .data = excess(want.data, gone.data),
        .user = excess(want.user, gone.user),
        .low = excess(slots_over(space, what), gone.low),
    };
}

void demand_less(struct demand *demand, const struct area *area, size_t npages)
{
    demand->mapped = excess(demand->mapped, npages);
    demand->data =
        excess(demand->data, data_pages(area->flags, area->prot, npages));
    if (area->flags & AREA_CHARGED)
        demand->user = excess(demand->user, npages);
}
