/*
 * Faults: how a page comes into being, and how it stops being shared.
 *
 * A held page is one of four, and only the first may be writable in a
 * private area:
 *
 *   own      FRAME_USER, one reference: this area's alone
 *   cow      FRAME_USER, more references: shared with a fork's other side
 *   object   FRAME_FILE: the object's own, seen through the mapping
 *   zero     the frame of zeros that all spaces share; not counted. Only in
 *            areas that are not charged, and so have no page of their own to
 *            take: read-only ones and MAP_NORESERVE
 *
 * A write to cow, object or zero puts a copy in its place; a write to cow
 * when the others are gone makes it own. All but late charges were charged
 * when the area was made, and so none of this can fail but reading an object
 * and charging late.
 */
#include <cairn/errno.h>

#include "arch/i386/window.h"
#include "lib/panic.h"
#include "mm/area.h"
#include "mm/commit.h"

#define POPULATE_STEP (32 * PAGE_SIZE) /* between two chances for others */

paddr_t space_zero_pa;

/* Charge one page of an area that charges late. */
static int charge_late(struct space *space, const struct area *area)
{
    if (charge_reserve(space, 1, 0) != 0)
        return area->flags & AREA_NORESERVE ? -ENOBUFS : -ENOMEM;
    space->need_user++;
    return 0;
}

/* The reference a page table held is gone; the page is charged elsewhere. */
static void drop_replaced(void *context, paddr_t pa)
{
    (void)context;
    if (pa == space_zero_pa)
        return;
    if (frame_kind_of(pa) == FRAME_USER)
        commit_give(pa, FRAME_USER);
    else
        commit_put_file(pa);
}

/* A page of anonymous memory that was charged for and not touched yet. */
static int fault_fresh(struct space *space, const struct area *area,
                       uint64_t *entry)
{
    paddr_t pa = commit_take_zeroed(FRAME_USER);

    pmap_fill(&space->pmap, entry, pa, page_prot(area->prot));
    return 0;
}

/* The same where it is charged when it comes: zeros until it is written. */
static int never_inline fault_late(struct space *space, const struct area *area,
                                   uint64_t *entry, bool write)
{
    int error;

    if (write) {
        error = charge_late(space, area);
        if (error != 0)
            return error;
        return fault_fresh(space, area, entry);
    }
    pmap_fill(&space->pmap, entry, space_zero_pa,
              page_prot(area->prot) & ~PMAP_WRITE);
    return 0;
}

/* Put a copy of the held frame `old` in its place. */
static int copy_held(struct space *space, struct area *area, vaddr_t va,
                     paddr_t old, bool is_own)
{
    paddr_t pa;
    int error;

    if (!is_own && area_charges_late(area)) {
        error = charge_late(space, area);
        if (error != 0)
            return error;
    }
    if (old == space_zero_pa) {
        pa = commit_take_zeroed(FRAME_USER);
    } else {
        pa = commit_take(FRAME_USER);
        frame_copy(pa, old);
    }
    pmap_replace(&space->pmap, va, pa, page_prot(area->prot), drop_replaced,
                 NULL);
    return 0;
}

/* A write to a shared mapping's page that is held: tell the object. */
static int write_shared(struct space *space, struct area *area, vaddr_t va)
{
    struct mobject *obj = area->obj;

    if (obj->ops->written != NULL)
        obj->ops->written(obj);
    pmap_set_prot(&space->pmap, va, page_prot(area->prot));
    return 0;
}

/* The page is held, but what was tried needs more. */
static int never_inline fault_held(struct space *space, struct area *area,
                                   vaddr_t va, bool write)
{
    unsigned prot;
    paddr_t pa;
    bool is_own;

    pmap_lookup(&space->pmap, va, &pa, &prot);
    if (!write || (prot & PMAP_WRITE) != 0) {
        /* Another thread was faster, or the TLB remembered less. */
        pmap_set_prot(&space->pmap, va,
                      (page_prot(area->prot) & ~PMAP_WRITE) |
                          (prot & PMAP_WRITE));
        return FAULT_NOTHING;
    }
    if (area->flags & AREA_SHARED)
        return write_shared(space, area, va);
    is_own = pa != space_zero_pa && frame_kind_of(pa) == FRAME_USER;
    if (!is_own || frame_refs(pa) != 1)
        return copy_held(space, area, va, pa, is_own);
    pmap_set_prot(&space->pmap, va, page_prot(area->prot));
    return 0;
}

/*
 * Enter the object's frame `pa`, of which a reference is ours, or a copy of
 * it: the page is not held.
 */
static int enter_object(struct space *space, struct area *area, vaddr_t va,
                        paddr_t pa, bool write)
{
    bool shared = (area->flags & AREA_SHARED) != 0;
    bool writable = shared && (write || area->obj->ops->written == NULL);
    uint64_t *entry = table_ready(space, va);
    paddr_t own;
    int error;

    if (!write || shared) {
        pmap_fill(&space->pmap, entry, pa,
                  writable ? page_prot(area->prot)
                           : page_prot(area->prot) & ~PMAP_WRITE);
        return 0;
    }
    if (area_charges_late(area)) {
        error = charge_late(space, area);
        if (error != 0) {
            commit_put_file(pa);
            return error;
        }
    }
    own = commit_take(FRAME_USER);
    frame_copy(own, pa);
    commit_put_file(pa);
    pmap_enter(&space->pmap, va, own, page_prot(area->prot));
    return 0;
}

/* A page of an object that is not held yet. The object may sleep. */
static int never_inline fault_object(struct space *space, struct area *area,
                                     vaddr_t va, bool write)
{
    struct mobject *obj = mobject_get(area->obj);
    uint64_t page = area_page(area, va);
    bool for_write = write && (area->flags & AREA_SHARED) != 0;
    paddr_t pa;
    int error = obj->ops->page(obj, page, for_write, &pa);

    if (error != 0)
        goto out;
    area = area_find(space, va);
    if (!space->changing && area_holds(area, va) && area->obj == obj &&
        area_page(area, va) == page &&
        (!for_write || (area->flags & AREA_SHARED) != 0) &&
        !pmap_lookup(&space->pmap, va, NULL, NULL))
        error = enter_object(space, area, va, pa, write);
    else {
        commit_put_file(pa); /* it slept and things changed: look again */
        error = FAULT_NOTHING;
    }
out:
    mobject_put(obj);
    return error == -ENOMEM ? -ENOBUFS : error;
}

/* The page's table is ours again; that may have been all that was amiss. */
static int never_inline fault_guarded(struct space *space, struct area *area,
                                      vaddr_t va, bool write)
{
    int error = fault_held(space, area, va, write);

    return error == FAULT_NOTHING ? 0 : error;
}

int fault_page(struct space *space, struct area *area, vaddr_t va, bool write)
{
    uint64_t *entry = pmap_entry(&space->pmap, va);

    if (unlikely(entry == NULL)) {
        entry = table_ready(space, va);
        if (*entry != 0)
            return fault_guarded(space, area, va, write);
    }
    if (*entry != 0)
        return fault_held(space, area, va, write);
    if (area->obj != NULL)
        return fault_object(space, area, va, write);
    if (unlikely(!(area->flags & AREA_CHARGED)))
        return fault_late(space, area, entry, write);
    return fault_fresh(space, area, entry);
}

/* Whether an area lets user code do this. Any right lets x86 code read. */
static bool allows(const struct area *area, unsigned access)
{
    if (access == FAULT_WRITE)
        return (area->prot & PROT_WRITE) != 0;
    if (access == FAULT_EXEC)
        return (area->prot & PROT_EXEC) != 0;
    return area->prot != PROT_NONE;
}

int space_fault(struct space *space, vaddr_t va, unsigned access)
{
    struct area *area;
    int error;

    if (unlikely(va >= USER_END))
        return -EFAULT;
    space_wait(space);
    va = page_down(va);
    area = area_find(space, va);
    if (unlikely(!area_holds(area, va))) {
        error = stack_grow(space, area, va);
        if (error != 0)
            return error;
    }
    if (unlikely(!allows(area, access)))
        return -EACCES;
    return fault_page(space, area, va, access == FAULT_WRITE);
}

/* One page of it: false if there is no use in going on. */
static bool populate_page(struct space *space, vaddr_t va)
{
    struct area *area = area_find(space, va);
    bool write;

    if (!area_holds(area, va) || !allows(area, FAULT_READ))
        return false;
    write = (area->prot & PROT_WRITE) != 0;
    return fault_page(space, area, va, write) >= 0;
}

void fault_populate(struct space *space, vaddr_t start, vaddr_t end)
{
    vaddr_t va = start;

    while (va < end && populate_page(space, va)) {
        va += PAGE_SIZE;
        if ((va - start) % POPULATE_STEP == 0 && space_pause(space))
            return;
    }
}

void space_populate(struct space *space, vaddr_t addr, size_t nbytes)
{
    fault_populate(space, page_down(addr), addr + nbytes);
}
