/*
 * Letting go of a range: of pages, of areas and parts of areas, and of the
 * page tables that served nothing else.
 *
 *     |--[ a ]--[== b ==]---[ c ]--|      a range from the middle of a to
 *           [------------------)          the middle of c: a and c are
 *     |--[ ]--------------------]--|      trimmed, b goes
 */
#include "lib/panic.h"
#include "mm/area.h"
#include "mm/commit.h"

#define MANY 64 /* areas between two chances for others */

/*
 * Pages and page tables.
 */

/* The pages that one call has let go of. */
struct dropped {
    size_t nowned; /* own pages of the space */
    size_t nfreed; /* frames that had no other holder */
};

static void drop_anonymous_page(void *context, paddr_t pa)
{
    struct dropped *dropped = context;

    if (likely(pa != space_zero_pa))
        dropped->nfreed += frame_put(pa) == 0;
}

static void drop_page(void *context, paddr_t pa)
{
    struct dropped *dropped = context;

    if (pa == space_zero_pa)
        return;
    if (frame_kind_of(pa) == FRAME_USER) {
        dropped->nfreed += frame_put(pa) == 0;
        dropped->nowned++;
    } else {
        commit_put_file(pa);
    }
}

static void drop_table(void *context, paddr_t pa)
{
    (void)context;
    commit_give(pa, FRAME_PAGETABLE);
}

void area_drop_pages(struct space *space, struct area *area, vaddr_t start,
                     vaddr_t end)
{
    struct dropped dropped = {0, 0};

    if (space->pmap.nresident == 0)
        return;
    if (space->pmap.nguarded != 0)
        tables_leave(space, area, start, end);
    if (area->obj == NULL && !area_charges_late(area))
        pmap_remove(&space->pmap, start, end, drop_anonymous_page, &dropped);
    else
        pmap_remove(&space->pmap, start, end, drop_page, &dropped);
    commit_given(dropped.nfreed);
    if (area_charges_late(area))
        space->need_user -= dropped.nowned;
}

/* The page tables that only [start, end), just let go of, had use for. */
static void drop_tables(struct space *space, const struct area *prev,
                        const struct area *next, vaddr_t start, vaddr_t end)
{
    size_t nslots = area_slots(prev, next, start, end);
    vaddr_t lo = start >> SLOT_SHIFT;

    if (nslots == 0)
        return;
    space->need_low -= nslots;
    if (space->pmap.ntables == 0)
        return;
    lo += prev != NULL && (prev->end - 1) >> SLOT_SHIFT == lo;
    pmap_drop_tables(&space->pmap, lo << SLOT_SHIFT,
                     (lo + nslots) << SLOT_SHIFT, drop_table, NULL);
}

/*
 * Areas.
 */

/*
 * Free an area that was taken out. Its object may end with it, which sleeps: no
 * other thread may change the space meanwhile, for the caller goes on.
 */
static inline void destroy(struct space *space, struct area *area)
{
    bool before = space->changing;

    if (area->obj == NULL) {
        area_destroy(area);
        return;
    }
    space->changing = true;
    area_destroy(area);
    if (!before)
        space_end_change(space);
}

/* Let go of [start, end) of one area. Returns what follows it. */
static inline __attribute__((always_inline)) struct area *
cut(struct space *space, struct area *area, vaddr_t start, vaddr_t end,
    struct area **spares)
{
    struct area *prev = area->prev, *next = area->next, *gone = NULL;

    area_drop_pages(space, area, start, end);
    area_count_out(space, area, pages_of(start, end));
    if (start == area->start && end == area->end) {
        area_unlink(space, area);
        gone = area;
    } else if (start == area->start) {
        area_set_start(space, area, end);
        next = area;
    } else if (end == area->end) {
        area_set_end(space, area, start);
        prev = area;
    } else {
        next = area_split(space, area, end, spares);
        area_set_end(space, area, start);
        prev = area;
    }
    drop_tables(space, prev, next, start, end);
    if (gone != NULL)
        destroy(space, gone);
    return next;
}

bool area_cut_splits(const struct space *space, vaddr_t start, vaddr_t end)
{
    const struct area *area = area_find(space, start);

    return area != NULL && area->start < start && area->end > end;
}

static inline __attribute__((always_inline)) void
remove_piece(struct space *space, vaddr_t start, vaddr_t end,
             struct area **spares)
{
    struct area *area = start < end ? area_find(space, start) : NULL;
    unsigned n = 0;

    if (area == NULL || area->start >= end)
        return;
    for (;;) {
        vaddr_t from = area->start > start ? area->start : start;
        vaddr_t to = area->end < end ? area->end : end;

        area = cut(space, area, from, to, spares);
        if (likely(area == NULL || area->start >= end))
            return;
        if (++n % MANY == 0)
            space_pause(space);
    }
}

/*
 * Let go of what an area that begins below `start` has in the range: from the
 * top, so that only a hole in its middle splits it. Returns where that ends.
 */
static vaddr_t remove_top(struct space *space, vaddr_t start, vaddr_t end,
                          struct area **spares)
{
    const struct area *area = area_find(space, start);
    vaddr_t top, from;

    if (area == NULL || area->start >= start)
        return start;
    end = area->end < end ? area->end : end;
    for (top = end; top > start; top = from) {
        from = (top - 1) & ~(vaddr_t)(PMAP_SPAN - 1);
        from = from > start ? from : start;
        remove_piece(space, from, top, spares);
        space_pause(space);
    }
    return end;
}

static never_inline void remove_pieces(struct space *space, vaddr_t start,
                                       vaddr_t end, struct area **spares)
{
    vaddr_t to;

    for (start = remove_top(space, start, end, spares); start < end;
         start = to) {
        to = piece_end(start, end);
        remove_piece(space, start, to, spares);
        space_pause(space);
    }
}

void area_remove(struct space *space, vaddr_t start, vaddr_t end,
                 struct area **spares)
{
    if (unlikely(start < end && end - start > PMAP_SPAN))
        remove_pieces(space, start, end, spares);
    else
        remove_piece(space, start, end, spares);
}

void area_drop_range(struct space *space, struct area *area, vaddr_t start,
                     vaddr_t end)
{
    vaddr_t to;

    for (; end - start > PMAP_SPAN; start = to) {
        to = piece_end(start, end);
        if (pmap_needs_table(&space->pmap, start))
            continue; /* nothing is held there */
        area_drop_pages(space, area, start, to);
        space_pause(space);
    }
    area_drop_pages(space, area, start, end);
}

void area_remove_all(struct space *space)
{
    struct area *area, *next;
    unsigned work = 0;

    tables_leave_all(space);
    for (area = space->first; area != NULL; area = next) {
        size_t npages = pages_of(area->start, area->end);

        next = area->next;
        area_drop_range(space, area, area->start, area->end);
        area_count_out(space, area, npages);
        drop_tables(space, NULL, next, area->start, area->end);
        area_destroy(area);
        space->first = next;
        space_pace(space, &work, npages);
    }
    areas_init(space);
    space->first = space->last = space->recent = space->stale = NULL;
    space->nareas = 0;
    space->pmap.peak = pmap_peak(&space->pmap);
    space->pmap.nresident = 0;
    space->need_user = 0;
}
