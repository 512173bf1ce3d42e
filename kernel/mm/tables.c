/*
 * Page tables of a space: where they come from, and how a fork shares them.
 *
 * A fork copies no page table: parent and child hold the same ones, guarded
 * in both (arch/i386/pmap.h), each table's frame counting its holders. So a
 * fork costs what its tables cost, 2 MiB of memory each, and not its pages.
 * Pages of a guarded table have one reference, the table's.
 *
 *   parent pd --+                          parent pd ---> copy ----+--> frame
 *               +--> table ---> frame  =>                          |
 *   child pd  --+      (2)       (1)       child pd ----> table ---+    (2)
 *
 * Who must change an entry first makes the table its own: a copy that refers
 * to all frames once more, with nothing writable on either side, so that from
 * there on each page is copied on its first write like any other; or, if the
 * others are gone, the table itself. Who lets go of all that a guarded table
 * maps leaves it to the others.
 *
 * Every holder has charged for a table of its own from the start (need_low
 * counts slots, not tables), so making one never fails.
 */
#include "mm/area.h"
#include "mm/commit.h"

static void share_page(paddr_t pa)
{
    if (pa != space_zero_pa)
        frame_get(pa);
}

/* Make a guarded table this space's own. */
static void own(struct space *space, vaddr_t va)
{
    paddr_t table = pmap_table(&space->pmap, va);

    if (frame_refs(table) == 1) {
        pmap_unguard_table(&space->pmap, va);
        return;
    }
    pmap_own_table(&space->pmap, va, commit_take(FRAME_PAGETABLE), share_page);
    commit_give(table, FRAME_PAGETABLE);
}

/* Leave a guarded table that others hold too. */
static void leave(struct space *space, vaddr_t va, size_t nheld)
{
    paddr_t table = pmap_table(&space->pmap, va);

    pmap_leave_table(&space->pmap, va, nheld);
    commit_give(table, FRAME_PAGETABLE);
}

uint64_t *table_ready(struct space *space, vaddr_t va)
{
    if (pmap_is_guarded(&space->pmap, va))
        own(space, va);
    else if (pmap_needs_table(&space->pmap, va))
        pmap_add_table(&space->pmap, va, commit_take(FRAME_PAGETABLE));
    return pmap_entry(&space->pmap, va);
}

void tables_own(struct space *space, vaddr_t start, vaddr_t end)
{
    vaddr_t slot;

    if (space->pmap.nguarded == 0)
        return;
    for (slot = start >> SLOT_SHIFT; slot << SLOT_SHIFT < end; slot++)
        if (pmap_is_guarded(&space->pmap, slot << SLOT_SHIFT))
            own(space, slot << SLOT_SHIFT);
}

static size_t count_held(const struct space *space, vaddr_t start, vaddr_t end)
{
    size_t n = 0;
    vaddr_t va;
    paddr_t pa;
    unsigned prot;

    for (va = start; pmap_next(&space->pmap, &va, end, &pa, &prot);
         va += PAGE_SIZE)
        n++;
    return n;
}

void tables_leave(struct space *space, const struct area *area, vaddr_t start,
                  vaddr_t end)
{
    vaddr_t slot;

    for (slot = start >> SLOT_SHIFT; slot << SLOT_SHIFT < end; slot++) {
        vaddr_t from = slot << SLOT_SHIFT;
        vaddr_t to = from + PMAP_SPAN;

        if (!pmap_is_guarded(&space->pmap, from))
            continue;
        if (from < start || to > end ||
            frame_refs(pmap_table(&space->pmap, from)) == 1) {
            own(space, from);
            continue;
        }
        if (area_charges_late(area))
            space->need_user -= area_own_pages(space, from, to);
        leave(space, from, count_held(space, from, to));
    }
}

/* The slots of all areas, each once: for (slot = first; next_slot(...);). */
struct slot_walk {
    const struct space *space;
    const struct area *area;
    vaddr_t slot; /* the next one, if area has it */
};

static bool next_slot(struct slot_walk *walk, vaddr_t *va)
{
    if (walk->slot >= USER_END >> SLOT_SHIFT)
        return false;
    if (walk->area != NULL && walk->slot << SLOT_SHIFT >= walk->area->end) {
        walk->area = area_search(walk->space, walk->slot << SLOT_SHIFT);
        if (walk->area != NULL && walk->area->start >> SLOT_SHIFT > walk->slot)
            walk->slot = walk->area->start >> SLOT_SHIFT;
    }
    if (walk->area == NULL)
        return false;
    *va = walk->slot++ << SLOT_SHIFT;
    return true;
}

static struct slot_walk all_slots(const struct space *space)
{
    const struct area *first = space->first;

    return (struct slot_walk){space, first,
                              first != NULL ? first->start >> SLOT_SHIFT : 0};
}

void tables_leave_all(struct space *space)
{
    struct slot_walk walk = all_slots(space);
    vaddr_t va;

    if (space->pmap.nguarded == 0)
        return;
    while (next_slot(&walk, &va)) {
        if (!pmap_is_guarded(&space->pmap, va))
            continue;
        if (frame_refs(pmap_table(&space->pmap, va)) == 1)
            pmap_unguard_table(&space->pmap, va);
        else
            leave(space, va, 0);
    }
}

void tables_share(struct space *parent, struct space *child)
{
    struct slot_walk walk = all_slots(parent);
    vaddr_t va;

    while (next_slot(&walk, &va))
        if (pmap_share_table(&parent->pmap, &child->pmap, va))
            frame_get(pmap_table(&parent->pmap, va));
    child->pmap.nresident = parent->pmap.nresident;
    pmap_flush(&parent->pmap);
}
