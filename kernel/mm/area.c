/*
 * Areas: the sorted chain and the tree over it, the search for room, and how
 * areas are made, joined, split and counted. mm/area.h has the picture and
 * the rules; letting go of areas is in cut.c.
 *
 * Steps here never fail: whoever calls them has charged for what they need
 * and has laid area structs aside (area_reserve).
 */
#include <cairn/errno.h>

#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "mm/area.h"

#define MANY 512 /* structs made or freed between two chances for others */

static struct slab_cache area_cache =
    SLAB_CACHE("area", sizeof(struct area), sizeof(void *));

static struct area *area_of(const struct tree_node *node)
{
    return container_of(node, struct area, node);
}

/* Free room right below an area. */
static vaddr_t gap_below(const struct area *area)
{
    return area->start - (area->prev != NULL ? area->prev->end : USER_BASE);
}

static vaddr_t subtree_gap(const struct tree_node *node)
{
    return node != NULL ? area_of(node)->max_gap : 0;
}

static int compare(const struct tree_node *a, const struct tree_node *b)
{
    vaddr_t at = area_of(a)->start, bt = area_of(b)->start;

    return at < bt ? -1 : at > bt;
}

static bool update_gap(struct tree_node *node)
{
    struct area *area = area_of(node);
    vaddr_t left = subtree_gap(node->left);
    vaddr_t right = subtree_gap(node->right);
    vaddr_t max = gap_below(area);

    area->gap = max;
    if (left > max)
        max = left;
    if (right > max)
        max = right;
    if (area->max_gap == max)
        return false;
    area->max_gap = max;
    return true;
}

static const struct tree_ops area_tree_ops = {compare, update_gap};

void areas_init(struct space *space)
{
    tree_init(&space->areas, &area_tree_ops);
}

/*
 * Finding.
 */

struct area *area_search(const struct space *space, vaddr_t va)
{
    struct tree_node *node = space->areas.root;
    struct area *found = NULL;

    while (node != NULL) {
        struct area *area = area_of(node);

        if (va >= area->end) {
            node = node->right;
            continue;
        }
        found = area;
        if (va >= area->start)
            break;
        node = node->left;
    }
    /* The cache is no part of what a reader of the space may rely on. */
    if (found != NULL)
        ((struct space *)space)->recent = found;
    return found;
}

void area_neighbours(const struct space *space, vaddr_t va, struct area **prev,
                     struct area **next)
{
    struct area *area = area_find(space, va - 1);

    if (area_holds(area, va - 1)) {
        *prev = area;
        *next = area->next;
    } else {
        *prev = area != NULL ? area->prev : space->last;
        *next = area;
    }
}

/*
 * Structs laid aside, chained by `next`.
 */

int area_reserve(struct area **spares, unsigned n)
{
    struct area *first = *spares;

    while (n-- > 0) {
        struct area *area = slab_alloc(&area_cache);

        if (area == NULL)
            goto err_memory;
        area->next = *spares;
        *spares = area;
        if (unlikely(n % MANY == MANY - 1))
            checkpoint();
    }
    return 0;

err_memory:
    while (*spares != first) {
        struct area *area = *spares;

        *spares = area->next;
        slab_free(&area_cache, area);
    }
    return -ENOMEM;
}

void area_unreserve(struct area *spares)
{
    if (likely(spares == NULL))
        return;
    for (unsigned n = 1; spares != NULL; n++) {
        struct area *area = spares;

        spares = area->next;
        slab_free(&area_cache, area);
        if (unlikely(n % MANY == 0))
            checkpoint();
    }
}

static struct area *take_spare(struct area **spares)
{
    struct area *area = *spares;

    assert(area != NULL);
    *spares = area->next;
    return area;
}

/* Tell the object of an area that came (1) or goes (-1). */
static void count_area(const struct area *area, int by)
{
    if (area->obj->ops->count_area != NULL)
        area->obj->ops->count_area(area->obj, by);
    if ((area->flags & AREA_SHARED) && (area->may & PROT_WRITE) &&
        area->obj->ops->count_writer != NULL)
        area->obj->ops->count_writer(area->obj, by);
}

void area_destroy(struct area *area)
{
    if (area->obj != NULL) {
        list_remove(&area->obj_link);
        count_area(area, -1);
        mobject_put(area->obj);
    }
    slab_free(&area_cache, area);
}

/*
 * Counting.
 */

void area_count_in(struct space *space, const struct area *area, size_t npages)
{
    space->mapped += npages;
    space->data += data_pages(area->flags, area->prot, npages);
    if (area->flags & AREA_CHARGED)
        space->need_user += npages;
    if (area->flags & AREA_STACK)
        space->stack += npages;
}

void area_count_out(struct space *space, const struct area *area, size_t npages)
{
    space->mapped -= npages;
    space->data -= data_pages(area->flags, area->prot, npages);
    if (area->flags & AREA_CHARGED)
        space->need_user -= npages;
    if (area->flags & AREA_STACK)
        space->stack -= npages;
}

/*
 * The chain and the tree. These move no counts.
 */

/* Bring the tree up to date with the gap that changed last. */
static void gaps_settle(struct space *space)
{
    struct area *stale = space->stale;

    if (stale != NULL && stale->gap != gap_below(stale))
        tree_update(&space->areas, &stale->node);
    space->stale = NULL;
}

/* The gap below `area` (NULL: nobody's) is not what the tree thinks. */
static inline void gap_changed(struct space *space, struct area *area)
{
    if (area == NULL || area == space->stale)
        return;
    gaps_settle(space);
    space->stale = area;
}

/* Put an area between its neighbours, into the chain and the tree. */
static void link_area(struct space *space, struct area *area, struct area *prev,
                      struct area *next)
{
    struct tree_node **slot;
    struct tree_node *parent;

    area->prev = prev;
    area->next = next;
    *(prev != NULL ? &prev->next : &space->first) = area;
    *(next != NULL ? &next->prev : &space->last) = area;

    /* One of two neighbours in order has room on the side of the other. */
    if (prev != NULL && prev->node.right == NULL) {
        parent = &prev->node;
        slot = &parent->right;
    } else if (next != NULL) {
        parent = &next->node;
        slot = &parent->left;
    } else {
        parent = NULL;
        slot = &space->areas.root;
    }
    area->max_gap = 0;
    tree_insert_at(&space->areas, &area->node, parent, slot);
    gap_changed(space, next);
    space->nareas++;
    space->recent = area;
}

void area_unlink(struct space *space, struct area *area)
{
    struct area *prev = area->prev, *next = area->next;

    *(prev != NULL ? &prev->next : &space->first) = next;
    *(next != NULL ? &next->prev : &space->last) = prev;
    tree_remove(&space->areas, &area->node);
    if (space->stale == area)
        space->stale = NULL;
    gap_changed(space, next);
    space->nareas--;
    if (space->recent == area)
        space->recent = prev;
}

void area_set_end(struct space *space, struct area *area, vaddr_t end)
{
    area->end = end;
    gap_changed(space, area->next);
}

void area_set_start(struct space *space, struct area *area, vaddr_t start)
{
    if (area->obj != NULL)
        area->page += start > area->start
                          ? pages_of(area->start, start)
                          : -(uint64_t)pages_of(start, area->start);
    area->start = start;
    gap_changed(space, area);
}

/*
 * Joining and splitting.
 */

/* Whether `b`, which would follow `a`, could be part of the same area. */
static bool agree(const struct area *a, const struct area *b)
{
    return a->end == b->start && a->prot == b->prot && a->may == b->may &&
           a->flags == b->flags && a->obj == b->obj &&
           (a->obj == NULL || area_page(a, a->end) == b->page);
}

bool area_joins(const struct area *what, const struct area *prev,
                const struct area *next)
{
    return (prev != NULL && agree(prev, what)) ||
           (next != NULL && agree(what, next));
}

bool area_join_next(struct space *space, struct area *area)
{
    struct area *next = area->next;
    vaddr_t end;

    if (next == NULL || !agree(area, next))
        return false;
    end = next->end;
    area_unlink(space, next);
    area_destroy(next);
    area_set_end(space, area, end);
    space->recent = area;
    return true;
}

/* An area of its own for `what`. */
static struct area *insert_new(struct space *space, const struct area *what,
                               struct area *prev, struct area *next,
                               struct area **spares)
{
    struct area *area = take_spare(spares);

    area->start = what->start;
    area->end = what->end;
    area->prot = what->prot;
    area->may = what->may;
    area->flags = what->flags;
    area->obj = what->obj;
    area->page = 0;
    if (area->obj != NULL) {
        mobject_get(area->obj);
        area->page = what->page;
        area->space = space;
        list_add_tail(&area->obj->areas, &area->obj_link);
        count_area(area, 1);
    }
    link_area(space, area, prev, next);
    return area;
}

struct area *area_insert(struct space *space, const struct area *what,
                         struct area *prev, struct area *next, size_t nslots,
                         struct area **spares)
{
    space->need_low += nslots;
    area_count_in(space, what, pages_of(what->start, what->end));
    if (prev != NULL && agree(prev, what)) {
        area_set_end(space, prev, what->end);
        space->recent = prev;
        area_join_next(space, prev);
        return prev;
    }
    if (next != NULL && agree(what, next)) {
        area_set_start(space, next, what->start);
        space->recent = next;
        return next;
    }
    return insert_new(space, what, prev, next, spares);
}

void area_extend(struct space *space, struct area *area, vaddr_t end,
                 size_t nslots)
{
    space->need_low += nslots;
    area_count_in(space, area, pages_of(area->end, end));
    area_set_end(space, area, end);
}

struct area *area_split(struct space *space, struct area *area, vaddr_t at,
                        struct area **spares)
{
    struct area *next = area->next;
    struct area upper = *area;

    assert(area->start < at && at < area->end);
    upper.start = at;
    upper.page = area_page(area, at);
    area->end = at;
    return insert_new(space, &upper, area, next, spares);
}

/*
 * The search for room.
 */

/* The last area that starts below `top`, or NULL. */
static struct area *last_below(const struct space *space, vaddr_t top)
{
    struct tree_node *node = space->areas.root;
    struct area *found = NULL;

    while (node != NULL) {
        if (area_of(node)->start < top) {
            found = area_of(node);
            node = node->right;
        } else {
            node = node->left;
        }
    }
    return found;
}

/* The highest area of a subtree with such a gap; there must be one. */
static struct area *highest_in(struct tree_node *node, vaddr_t nbytes)
{
    for (;;) {
        if (subtree_gap(node->right) >= nbytes)
            node = node->right;
        else if (gap_below(area_of(node)) >= nbytes)
            return area_of(node);
        else
            node = node->left;
    }
}

/* The highest area, from `area` downwards, with such a gap; or NULL. */
static struct area *highest_from(struct area *area, vaddr_t nbytes)
{
    struct tree_node *node = &area->node;

    for (;;) {
        if (gap_below(area_of(node)) >= nbytes)
            return area_of(node);
        if (subtree_gap(node->left) >= nbytes)
            return highest_in(node->left, nbytes);
        while (node->parent != NULL && node->parent->left == node)
            node = node->parent;
        if (node->parent == NULL)
            return NULL;
        node = node->parent;
    }
}

bool area_find_gap(const struct space *space, size_t nbytes, vaddr_t top,
                   vaddr_t *addr, struct area **next)
{
    struct area *area = last_below(space, top);
    vaddr_t floor = area != NULL ? area->end : USER_BASE;

    if (floor <= top && nbytes <= top - floor) {
        *addr = top - nbytes;
        *next = area != NULL ? area->next : space->first;
        return true;
    }
    if (area == NULL)
        return false;
    gaps_settle((struct space *)space);
    area = highest_from(area, nbytes);
    if (area == NULL)
        return false;
    *addr = area->start - nbytes;
    *next = area;
    return true;
}

/*
 * The walk.
 */

static const char *check_area(const struct area *area)
{
    if (area->start < USER_BASE || area->start >= area->end ||
        area->end > USER_END)
        return "space: an area's bounds are wrong";
    if (((area->start | area->end) & PAGE_MASK) != 0)
        return "space: an area is not page-aligned";
    if (area->prev != NULL && area->prev->end > area->start)
        return "space: two areas overlap";
    if (area->prev != NULL && agree(area->prev, area))
        return "space: two areas should be one";
    if ((area->prot & ~area->may) != 0)
        return "space: an area allows more than it may";
    if ((area->flags & AREA_SHARED) != 0 &&
        (area->obj == NULL || (area->flags & AREA_CHARGED) != 0))
        return "space: a shared area without object, or charged";
    if ((area->prot & PROT_WRITE) != 0 && area_charges_late(area) &&
        (area->flags & AREA_NORESERVE) == 0)
        return "space: a private writable area is not charged";
    return NULL;
}

const char *area_check(const struct space *space)
{
    struct tree tree = space->areas;
    struct tree_node *node = tree_first(&tree);
    const struct area *prev = NULL;
    const struct area *area;
    const char *broken;
    size_t n = 0;

    gaps_settle((struct space *)space);
    broken = tree_check(&tree);
    if (broken != NULL)
        return broken;
    for (area = space->first; area != NULL; area = area->next) {
        if (node != &area->node || area->prev != prev)
            return "space: tree and chain differ";
        broken = check_area(area);
        if (broken != NULL)
            return broken;
        node = tree_next(node);
        prev = area;
        n++;
    }
    if (node != NULL || space->last != prev || n != space->nareas)
        return "space: the chain is cut short";
    return NULL;
}
