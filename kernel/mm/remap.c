/*
 * mremap: growing, shrinking and moving a mapping. A move takes the page
 * table entries along and never touches a page's bytes. Where both places have
 * the same offset in their 2 MiB slots, it takes whole page tables along; a
 * place that the kernel chooses for a large mapping has, if there is room.
 *
 * While pages move, both places need their page tables; so a move charges
 * for the new ones before it lets go of the old ones.
 */
#include <cairn/errno.h>

#include "lib/panic.h"
#include "mm/area.h"
#include "mm/demand.h"

/* One call's arguments, lengths rounded up to pages. */
struct remap {
    vaddr_t addr;     /* the old place */
    size_t old_bytes; /* its length */
    size_t new_bytes; /* the length wanted */
    unsigned flags;   /* MREMAP_* */
    vaddr_t target;   /* the new place, if it moves */
};

/* Area structs a move may use: three cuts, and the new area. */
#define MOVE_SPARES 4

/*
 * Whether the new place takes in a part of the old one, which is at least the
 * page at `addr`: with an old length of 0 that page's mapping is used, too.
 */
static bool places_overlap(const struct remap *r)
{
    size_t old_bytes = r->old_bytes != 0 ? r->old_bytes : PAGE_SIZE;

    return r->addr < r->target + r->new_bytes &&
           r->target < r->addr + old_bytes;
}

static int check(struct remap *r)
{
    const unsigned all = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

    if ((r->flags & ~all) != 0 || (r->addr & PAGE_MASK) != 0)
        return -EINVAL;
    if ((r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 &&
        (r->flags & MREMAP_MAYMOVE) == 0)
        return -EINVAL;
    if (r->new_bytes == 0)
        return -EINVAL;
    if (r->addr > USER_END || r->old_bytes > USER_END - r->addr)
        return -EFAULT;
    r->old_bytes = page_up(r->old_bytes);
    if (r->new_bytes > USER_END)
        return r->flags & MREMAP_FIXED ? -EINVAL : -ENOMEM;
    r->new_bytes = page_up(r->new_bytes);
    if ((r->flags & MREMAP_DONTUNMAP) && r->old_bytes != r->new_bytes)
        return -EINVAL;
    if (!(r->flags & MREMAP_FIXED))
        return 0;
    if ((r->target & PAGE_MASK) != 0 || !is_user_range(r->target, r->new_bytes))
        return -EINVAL;
    return places_overlap(r) ? -EINVAL : 0;
}

/*
 * Growing where it is.
 */

static bool can_grow_here(const struct area *area, const struct remap *r)
{
    return area->end == r->addr + r->old_bytes &&
           r->new_bytes <= USER_END - r->addr &&
           area_leaves_gap(r->addr + r->new_bytes, area->next, 0);
}

static int grow_here(struct space *space, struct area *area, size_t nbytes)
{
    struct area *spares = NULL;
    struct area what = *area;
    struct demand demand;
    int error;

    what.start = area->end;
    what.end = area->end + nbytes;
    what.page = area_page(area, area->end);
    demand = demand_free(what.flags, what.prot, what.start, what.end, area,
                         area->next);
    if (!limits_allow(space, &demand))
        return -ENOMEM;
    error = demand_charge(space, &demand);
    if (error == 0)
        area_insert(space, &what, area, area->next, demand.low, &spares);
    return error;
}

/*
 * Moving.
 */

/* Return what `area` becomes at its new place. */
static struct area moved(const struct area *area, const struct remap *r)
{
    struct area what = *area;

    what.start = r->target;
    what.end = r->target + r->new_bytes;
    what.page = area_page(area, r->addr);
    what.flags &= (uint8_t) ~(AREA_HEAP | AREA_STACK);
    return what;
}

/* Check limits, reserve structs and charges for a move. */
static int reserve_move(struct space *space, const struct area *area,
                        const struct remap *r, struct area **spares)
{
    struct area what = moved(area, r);
    struct demand demand = demand_over(space, &what);

    if (!(r->flags & MREMAP_DONTUNMAP))
        demand_less(&demand, area, r->old_bytes >> PAGE_SHIFT);
    if (!limits_allow(space, &demand))
        return -ENOMEM;
    if (area_reserve(spares, MOVE_SPARES) != 0)
        return -ENOMEM;
    return demand_charge(space, &demand);
}

static void make_tables(struct space *space, vaddr_t start, vaddr_t end)
{
    vaddr_t slot;

    for (slot = start >> SLOT_SHIFT; slot << SLOT_SHIFT < end; slot++)
        table_ready(space, slot << SLOT_SHIFT);
}

/* Move the entries of pages of one slot. */
static void move_piece(struct space *space, vaddr_t from, vaddr_t to,
                       size_t nbytes)
{
    if (pmap_needs_table(&space->pmap, from))
        return;
    if (nbytes == PMAP_SPAN && (to & (PMAP_SPAN - 1)) == 0) {
        pmap_move_table(&space->pmap, from, to);
        return;
    }
    tables_own(space, from, from + nbytes);
    make_tables(space, to, to + nbytes);
    pmap_move(&space->pmap, from, to, nbytes);
}

/* Move the entries of all pages from one area to another, both being there. */
static void move_pages(struct space *space, vaddr_t from, vaddr_t to,
                       size_t nbytes)
{
    vaddr_t end = from + nbytes, next;

    for (; from < end; to += next - from, from = next) {
        next = piece_end(from, end);
        move_piece(space, from, to, next - from);
        space_pause(space);
    }
}

static void move(struct space *space, const struct remap *r,
                 struct area **spares)
{
    size_t nbytes = r->old_bytes < r->new_bytes ? r->old_bytes : r->new_bytes;
    struct area *area, *prev, *next;
    struct area what;

    area_remove(space, r->target, r->target + r->new_bytes, spares);
    area_remove(space, r->addr + nbytes, r->addr + r->old_bytes, spares);
    area = area_find(space, r->addr);
    what = moved(area, r);
    if (what.obj != NULL)
        mobject_get(what.obj);
    area_neighbours(space, what.start, &prev, &next);
    area_insert(space, &what, prev, next,
                area_slots(prev, next, what.start, what.end), spares);
    if (space->pmap.nresident != 0)
        move_pages(space, r->addr, r->target, nbytes);
    if (!(r->flags & MREMAP_DONTUNMAP))
        area_remove(space, r->addr, r->addr + nbytes, spares);
    if (what.obj != NULL)
        mobject_put(what.obj);
}

/*
 * Choose a new place: one with the old place's offset in its slot, if the
 * mapping has whole slots and there is such room.
 */
static bool find_place(const struct space *space, struct remap *r)
{
    struct area *next;
    vaddr_t found;

    if (r->old_bytes >= 2 * PMAP_SPAN &&
        area_find_gap(space, r->new_bytes + PMAP_SPAN - PAGE_SIZE,
                      space->mmap_top, &found, &next)) {
        r->target = found + ((r->addr - found) & (PMAP_SPAN - 1));
        return true;
    }
    return area_find_gap(space, r->new_bytes, space->mmap_top, &r->target,
                         &next);
}

static int remap_move(struct space *space, const struct area *area,
                      struct remap *r)
{
    struct area *spares = NULL;
    int error;

    if (area->end - r->addr < r->old_bytes)
        return -EFAULT;
    if (!(r->flags & MREMAP_FIXED) && !find_place(space, r))
        return -ENOMEM;
    space->changing = true;
    error = reserve_move(space, area, r, &spares);
    if (error == 0)
        move(space, r, &spares);
    space_end_change(space);
    charge_settle(space);
    area_unreserve(spares);
    return error;
}

/* Length 0: another view of a shared mapping, as old programs want it. */
static int remap_again(struct space *space, const struct area *area,
                       const struct remap *r, vaddr_t *out)
{
    unsigned flags = MAP_SHARED;

    if (!(area->flags & AREA_SHARED))
        return -EINVAL;
    if (!(r->flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    if (r->flags & MREMAP_FIXED)
        flags |= MAP_FIXED;
    return space_map(space, flags & MAP_FIXED ? r->target : 0, r->new_bytes,
                     area->prot, flags, area->obj, area_page(area, r->addr),
                     area->may, out);
}

int space_remap(struct space *space, vaddr_t addr, size_t old_nbytes,
                size_t new_nbytes, unsigned flags, vaddr_t new_addr,
                vaddr_t *out)
{
    struct remap r = {addr, old_nbytes, new_nbytes, flags, new_addr};
    struct area *area;
    int error = check(&r);

    if (error != 0)
        return error;
    space_wait(space);
    area = area_find(space, addr);
    if (!area_holds(area, addr))
        return -EFAULT;
    if (r.old_bytes == 0)
        return remap_again(space, area, &r, out);

    *out = addr;
    if (!(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))) {
        if (r.new_bytes == r.old_bytes)
            return 0;
        if (r.new_bytes < r.old_bytes)
            return space_unmap(space, addr + r.new_bytes,
                               r.old_bytes - r.new_bytes);
        if (area->end - addr < r.old_bytes)
            return -EFAULT;
        if (can_grow_here(area, &r))
            return grow_here(space, area, r.new_bytes - r.old_bytes);
        if (!(flags & MREMAP_MAYMOVE))
            return -ENOMEM;
    }
    error = remap_move(space, area, &r);
    if (error == 0)
        *out = r.target;
    return error;
}
