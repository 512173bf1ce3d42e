/*
 * Address spaces: their life, their charges, fork, and what others may see of
 * them. mm/area.h says what is in the other files.
 */
#include <cairn/errno.h>

#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "mm/area.h"
#include "mm/commit.h"

static struct slab_cache space_cache =
    SLAB_CACHE("space", sizeof(struct space), 64);

#define MANY 256 /* areas copied between two chances for others */

static struct list all_spaces = LIST_INIT(all_spaces);
static struct space *active;

/*
 * Charges.
 */

int charge_reserve(struct space *space, size_t user, size_t low)
{
    if (user != 0 && commit_charge(user) != 0)
        return -ENOMEM;
    if (low != 0 && commit_charge_low(low) != 0) {
        commit_uncharge(user);
        return -ENOMEM;
    }
    space->held_user += user;
    space->held_low += low;
    return 0;
}

void charge_settle(struct space *space)
{
    if (space->held_user != space->need_user) {
        assert(space->held_user > space->need_user);
        commit_uncharge(space->held_user - space->need_user);
        space->held_user = space->need_user;
    }
    if (space->held_low != space->need_low) {
        assert(space->held_low > space->need_low);
        commit_uncharge_low(space->held_low - space->need_low);
        space->held_low = space->need_low;
    }
}

bool space_pause(struct space *space)
{
    bool before = space->changing;
    bool killed;

    space->changing = true;
    killed = checkpoint();
    if (!before)
        space_end_change(space);
    return killed;
}

void space_wait_slowly(struct space *space)
{
    space->nwaiting++;
    while (space->changing)
        pause_wait();
    space->nwaiting--;
}

void space_end_change(struct space *space)
{
    space->changing = false;
    if (unlikely(space->nwaiting != 0))
        pause_over();
}

/*
 * Life.
 */

/* The frame of zeros, made with the first space and kept for ever. */
static int zero_frame_set_up(void)
{
    if (space_zero_pa != 0)
        return 0;
    if (commit_charge(1) != 0)
        return -ENOMEM;
    space_zero_pa = commit_take(FRAME_USER);
    frame_set_kind(space_zero_pa, FRAME_KERNEL);
    frame_zero(space_zero_pa);
    return 0;
}

/* Directories for a space that holds the charge of them. */
static void take_directories(struct space *space)
{
    paddr_t dirs[PMAP_NDIRS];
    unsigned i;

    for (i = 0; i < PMAP_NDIRS; i++)
        dirs[i] = commit_take(FRAME_PAGETABLE);
    pmap_init(&space->pmap, dirs);
    space->need_low = PMAP_NDIRS;
}

int space_create(struct space **out)
{
    struct space *space;

    if (zero_frame_set_up() != 0)
        return -ENOMEM;
    space = slab_zalloc(&space_cache);
    if (space == NULL)
        return -ENOMEM;
    if (charge_reserve(space, 0, PMAP_NDIRS) != 0) {
        slab_free(&space_cache, space);
        return -ENOMEM;
    }
    take_directories(space);
    areas_init(space);
    space->refs = 1;
    space->heap = space->brk = USER_BASE;
    space->mmap_top = USER_END;
    space->limits.data = SPACE_UNLIMITED;
    space->limits.as = SPACE_UNLIMITED;
    space->limits.stack = SPACE_UNLIMITED;
    list_add_tail(&all_spaces, &space->link);
    *out = space;
    return 0;
}

struct space *space_get(struct space *space)
{
    space->refs++;
    return space;
}

static void drop_directory(void *context, paddr_t pa)
{
    (void)context;
    commit_give(pa, FRAME_PAGETABLE);
}

void space_put(struct space *space)
{
    assert(space->refs > 0);
    if (--space->refs != 0)
        return;
    if (space == active)
        space_activate(NULL);
    area_remove_all(space);
    pmap_fini(&space->pmap, drop_directory, NULL);
    space->need_low = 0;
    charge_settle(space);
    list_remove(&space->link);
    slab_free(&space_cache, space);
}

void space_activate(struct space *space)
{
    if (space == active && space != NULL)
        return;
    active = space;
    pmap_activate(space != NULL ? &space->pmap : NULL);
}

struct space *space_current(void)
{
    return active;
}

struct space_limits *space_limits(struct space *space)
{
    return &space->limits;
}

/*
 * Fork.
 */

/*
 * Give `child`, which is empty, what `parent` has; all is charged for. -EINTR:
 * the process is to be killed.
 */
static int copy_areas(struct space *parent, struct space *child,
                      struct area **spares)
{
    const struct area *area;
    unsigned n = 0;

    for (area = parent->first; area != NULL; area = area->next) {
        struct area *last = child->last;

        area_insert(child, area, last, NULL,
                    area_slots(last, NULL, area->start, area->end), spares);
        if (unlikely(++n % MANY == 0) && checkpoint())
            return -EINTR;
    }
    tables_share(parent, child);
    child->need_user = parent->need_user;
    child->heap = parent->heap;
    child->brk = parent->brk;
    child->stack_top = parent->stack_top;
    child->mmap_top = parent->mmap_top;
    child->limits = parent->limits;
    return 0;
}

/*
 * Reserve, and copy. What is reserved for the child is settled by the caller.
 */
static int fork_into(struct space *parent, struct space *child)
{
    struct area *spares = NULL;
    int error = area_reserve(&spares, (unsigned)parent->nareas);

    if (error != 0)
        return error;
    error =
        charge_reserve(child, parent->held_user, parent->held_low - PMAP_NDIRS);
    if (error == 0)
        error = copy_areas(parent, child, &spares);
    area_unreserve(spares);
    return error;
}

int space_fork(struct space *parent, struct space **out)
{
    struct space *child;
    int error;

    error = space_create(&child);
    if (error != 0)
        return error;
    space_wait(parent);
    parent->changing = child->changing = true;
    error = fork_into(parent, child);
    child->changing = false;
    space_end_change(parent);
    charge_settle(parent);
    charge_settle(child);
    if (error != 0)
        space_put(child);
    else
        *out = child;
    return error;
}

/*
 * What others may see.
 */

bool space_find(const struct space *space, vaddr_t va, struct area_info *info)
{
    const struct area *area = area_find(space, va);

    if (area == NULL)
        return false;
    info->start = area->start;
    info->end = area->end;
    info->prot = area->prot;
    info->flags = area->flags & AREA_SHARED ? MAP_SHARED : MAP_PRIVATE;
    if (area->flags & AREA_NORESERVE)
        info->flags |= MAP_NORESERVE;
    info->obj = area->obj;
    info->page = area->page;
    info->is_heap = (area->flags & AREA_HEAP) != 0;
    info->is_stack = (area->flags & AREA_STACK) != 0;
    return true;
}

void space_read_stats(const struct space *space, struct space_stats *stats)
{
    stats->nareas = space->nareas;
    stats->mapped = space->mapped;
    stats->data = space->data;
    stats->stack = space->stack;
    stats->resident = space->pmap.nresident;
    stats->peak = pmap_peak(&space->pmap);
    stats->charged = space->held_user;
    stats->charged_low = space->held_low;
}

/* The addresses of an area that show pages [first, end) of its object. */
static void range_in_area(const struct area *area, uint64_t first, uint64_t end,
                          vaddr_t *from, vaddr_t *to)
{
    uint64_t top = area->page + pages_of(area->start, area->end);

    if (first < area->page)
        first = area->page;
    if (end > top)
        end = top;
    if (first > end)
        first = end;
    *from = area->start + ((vaddr_t)(first - area->page) << PAGE_SHIFT);
    *to = area->start + ((vaddr_t)(end - area->page) << PAGE_SHIFT);
}

/* A walk over the areas of an object, in which others may run. */
struct forget {
    struct area marker;      /* in the object's list, before the next area */
    const struct area *area; /* the one being worked on, only compared */
    vaddr_t done;            /* up to here */
};

/* Let go of a piece of the area. True: there is more. */
static bool forget_piece(struct forget *walk, struct area *area, uint64_t first,
                         uint64_t end)
{
    struct space *space = area->space;
    vaddr_t from, to, next;

    range_in_area(area, first, end, &from, &to);
    if (area == walk->area && walk->done > from)
        from = walk->done < to ? walk->done : to;
    next = piece_end(from, to);
    if (from < to)
        area_drop_pages(space, area, from, next);
    if (!space->changing)
        charge_settle(space);
    walk->area = area;
    walk->done = next;
    return next < to;
}

/* The compiler need not fear for the marker: it leaves the list in time. */
static never_inline void move_marker(struct list *marker, struct list *after)
{
    list_remove(marker);
    list_add_after(after, marker);
}

/*
 * After a pause the area behind the marker may be another one, gone, or another
 * walk's marker, which has no space.
 */
void space_forget_object(struct mobject *obj, uint64_t first, uint64_t end)
{
    struct forget walk = {.area = NULL};
    struct list *link, *marker = &walk.marker.obj_link;
    unsigned n = 0;

    list_init(marker);
    move_marker(marker, &obj->areas);
    while ((link = marker->next) != &obj->areas) {
        struct area *area = list_entry(link, struct area, obj_link);

        if (area->space == NULL || !forget_piece(&walk, area, first, end)) {
            move_marker(marker, link);
            walk.area = NULL;
        }
        if (++n % 8 == 0 || walk.area != NULL)
            checkpoint();
    }
    list_remove(marker);
}

void space_total_charges(size_t *user, size_t *low)
{
    const struct list *link;

    *user = space_zero_pa != 0;
    *low = 0;
    list_for_each(link, &all_spaces)
    {
        const struct space *space = list_entry(link, struct space, link);

        *user += space->held_user;
        *low += space->held_low;
    }
}

/*
 * The walk.
 */

/* Counts computed anew, to be compared with those that are kept. */
struct recount {
    size_t mapped, data, stack, user, low, resident;
};

static void recount_area(const struct space *space, const struct area *area,
                         struct recount *sum)
{
    size_t npages = pages_of(area->start, area->end);

    sum->mapped += npages;
    sum->data += data_pages(area->flags, area->prot, npages);
    if (area->flags & AREA_STACK)
        sum->stack += npages;
    if (area->flags & AREA_CHARGED)
        sum->user += npages;
    else if (area_charges_late(area))
        sum->user +=
            area_own_pages((struct space *)space, area->start, area->end);
    sum->low += area_slots(area->prev, NULL, area->start, area->end);
}

/* A held page against its area: NULL, or what is broken. */
static const char *check_page(const struct area *area, paddr_t pa,
                              unsigned prot)
{
    if (area->prot == PROT_NONE && prot != PMAP_NONE)
        return "space: a page of a PROT_NONE area is accessible";
    if ((prot & PMAP_WRITE) != 0 && (area->prot & PROT_WRITE) == 0)
        return "space: a page is writable, its area is not";
    if ((prot & PMAP_EXEC) != 0 && (area->prot & PROT_EXEC) == 0 && cpu.nx)
        return "space: a page is executable, its area is not";
    if ((prot & PMAP_WRITE) == 0 || (area->flags & AREA_SHARED) != 0)
        return NULL;
    if (pa == space_zero_pa)
        return "space: the zero page is writable";
    if (frame_kind_of(pa) != FRAME_USER)
        return "space: a private mapping can write to its object";
    if (frame_refs(pa) != 1)
        return "space: a shared page is writable";
    return NULL;
}

static const char *check_pages(const struct space *space, size_t *nheld)
{
    const struct area *area = space->first;
    const char *broken;
    vaddr_t va;
    paddr_t pa;
    unsigned prot;

    for (va = 0; pmap_next(&space->pmap, &va, USER_END, &pa, &prot);
         va += PAGE_SIZE) {
        while (area != NULL && area->end <= va)
            area = area->next;
        if (!area_holds(area, va))
            return "space: a page is mapped where no area is";
        broken = check_page(area, pa, prot);
        if (broken != NULL)
            return broken;
        ++*nheld;
    }
    return NULL;
}

static const char *check_counts(const struct space *space,
                                const struct recount *sum)
{
    if (sum->mapped != space->mapped || sum->data != space->data ||
        sum->stack != space->stack)
        return "space: pages are counted wrong";
    if (sum->user != space->need_user)
        return "space: user charges are counted wrong";
    if (sum->low != space->need_low)
        return "space: page tables are counted wrong";
    if (sum->resident != space->pmap.nresident)
        return "space: resident pages are counted wrong";
    if (space->held_user != space->need_user ||
        space->held_low != space->need_low)
        return "space: charged is not what is needed";
    if (space->pmap.ntables + PMAP_NDIRS > space->held_low)
        return "space: more page tables than charged for";
    return NULL;
}

const char *space_check(const struct space *space)
{
    struct recount sum = {.low = PMAP_NDIRS};
    const struct area *area;
    const char *broken = area_check(space);

    if (broken != NULL)
        return broken;
    for (area = space->first; area != NULL; area = area->next)
        recount_area(space, area, &sum);
    broken = check_pages(space, &sum.resident);
    if (broken != NULL)
        return broken;
    if (space->brk < space->heap)
        return "space: the break lies below the heap";
    return check_counts(space, &sum);
}
