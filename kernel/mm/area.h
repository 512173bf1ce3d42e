/*
 * Inside of address spaces: the areas, and the operations on them that the
 * files behind mm/space.h are made of. Nobody else includes this.
 *
 *     area.c    areas: finding, making, joining, splitting; room between them
 *     cut.c     letting go of ranges
 *     demand.c  what an operation asks for, to be checked and charged first
 *     tables.c  page tables, and how a fork shares them
 *     fault.c   how pages come
 *     space.c   life, charges, fork      access.c  reading and writing them
 *     map.c     mmap, munmap, mprotect   usage.c   measuring them
 *     remap.c   mremap                   brk.c     the heap
 *     advise.c  madvise, mincore, msync  stack.c   the stack
 *
 * Areas are disjoint, page-aligned and sorted. They are chained in order of
 * address, and a balanced tree finds one by address and the highest gap of a
 * size, both in O(log n):
 *
 *        gap              gap    gap
 *     |------[== a ==][= b =]--[= c =]--------|
 *     USER_BASE                        USER_END
 *
 * The gap of an area is the free room right below it; max_gap is the largest
 * gap of its subtree. The room above the last area belongs to nobody. Of at
 * most one area, `stale`, max_gap and what was made of it further up is out
 * of date: a heap that grows step by step changes the same gap again and
 * again, and only a search for room needs to know.
 *
 * Two neighbours that touch and agree in everything are one area: whoever
 * makes an area goes through area_insert, which joins.
 *
 * Charges. `need_*` is what the areas call for, kept up to date piece by
 * piece as areas come and go; `held_*` is what was charged to the system. An
 * operation first raises held by all it may need (charge_reserve, which can
 * fail), then changes areas (which cannot), then lowers held to need
 * (charge_settle). So between operations they are equal, and an operation
 * that fails has changed nothing.
 *
 * Long operations go piece by piece, and let others run in between
 * (space_pause), when areas, pages and needs agree. One thread at a time
 * changes the areas of a space; others meanwhile may only look, or make pages
 * of an object that is cut off be forgotten, which lowers needs. So pointers to
 * areas stay good over a pause, and what was reserved stays reserved.
 *
 *   need_user   a page for each page of an AREA_CHARGED area; in a private
 *               area that is not, one for each page of its own that it holds
 *   need_low    PMAP_NDIRS, and a page table for each 2 MiB slot that holds a
 *               part of any area
 */
#ifndef MM_AREA_H
#define MM_AREA_H

#include <cairn/errno.h>

#include "arch/i386/pmap.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/tree.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/object.h"
#include "mm/space.h"

#define AREA_SHARED    1u  /* writes go to the object, not to a copy */
#define AREA_CHARGED   2u  /* private, and each page is charged for */
#define AREA_NORESERVE 4u  /* private pages are charged when they come */
#define AREA_HEAP      8u  /* made by brk */
#define AREA_STACK     16u /* grows down on faults */

struct area {
    struct tree_node node; /* in space.areas, sorted by start */
    struct area *prev;     /* neighbour below, or NULL */
    struct area *next;     /* neighbour above, or NULL */
    vaddr_t start;         /* first address */
    vaddr_t end;           /* first address behind */
    vaddr_t gap;           /* room below it when max_gap was computed */
    vaddr_t max_gap;       /* largest gap of the subtree, in bytes */
    uint8_t prot;          /* PROT_*, which are also PMAP_* */
    uint8_t may;           /* what mprotect may allow */
    uint8_t flags;         /* AREA_* */
    struct mobject *obj;   /* holds a reference; NULL: anonymous */
    uint64_t page;         /* page of the object at start; 0 if anonymous */
    struct list obj_link;  /* in obj->areas, if there is an object */
    struct space *space;   /* the same: whose area it is */
};

_Static_assert(PROT_READ == PMAP_READ && PROT_WRITE == PMAP_WRITE &&
                   PROT_EXEC == PMAP_EXEC && PROT_NONE == PMAP_NONE,
               "an area's protection is used for its pages");

struct space {
    struct pmap pmap;
    struct tree areas;   /* of area.node */
    struct area *first;  /* lowest area */
    struct area *last;   /* highest area */
    struct area *recent; /* found or made last, NULL at first */
    struct area *stale;  /* its gap changed since max_gap was computed */
    size_t nareas;
    size_t mapped;     /* pages of all areas */
    size_t data;       /* pages of private writable areas but the stack */
    size_t stack;      /* pages of the stack */
    size_t need_user;  /* see above */
    size_t need_low;   /* see above */
    size_t held_user;  /* see above */
    size_t held_low;   /* see above */
    vaddr_t heap;      /* where the heap starts, page-aligned */
    vaddr_t brk;       /* the break */
    vaddr_t stack_top; /* end of the stack area, 0 if there is none */
    vaddr_t mmap_top;  /* space_map searches below it */
    struct space_limits limits;
    uint32_t refs;
    bool changing;     /* an operation has reserved, and lets others run */
    unsigned nwaiting; /* threads that wait for the end of it */
    struct list link;  /* in the list of all spaces */
};

/* What an object-less page that was never written shows; see fault.c. */
extern paddr_t space_zero_pa;

static inline vaddr_t page_down(vaddr_t va)
{
    return va & ~(vaddr_t)PAGE_MASK;
}

/* For values of at most USER_END, so that it cannot wrap. */
static inline vaddr_t page_up(vaddr_t va)
{
    return (va + PAGE_MASK) & ~(vaddr_t)PAGE_MASK;
}

static inline size_t pages_of(vaddr_t start, vaddr_t end)
{
    return (end - start) >> PAGE_SHIFT;
}

/* Whether [addr, addr + nbytes) lies in user addresses. */
static inline bool is_user_range(vaddr_t addr, size_t nbytes)
{
    return addr >= USER_BASE && addr <= USER_END && nbytes <= USER_END - addr;
}

/*
 * The range of a call on what is mapped: rounded up to pages, or -EINVAL if
 * not aligned, -ENOMEM if not of user addresses.
 */
static inline int range_check(vaddr_t addr, size_t *nbytes)
{
    if ((addr & PAGE_MASK) != 0)
        return -EINVAL;
    if (addr > USER_END || *nbytes > USER_END - addr)
        return -ENOMEM;
    *nbytes = page_up(*nbytes);
    return 0;
}

static inline bool area_holds(const struct area *area, vaddr_t va)
{
    return area != NULL && area->start <= va && va < area->end;
}

/* The object's page that `va` of the area shows. */
static inline uint64_t area_page(const struct area *area, vaddr_t va)
{
    return area->page + pages_of(area->start, va);
}

/*
 * What pages of an area with this protection allow: on x86 whatever may be
 * written or executed may be read, also while a write is still held back.
 */
static inline unsigned page_prot(unsigned prot)
{
    return prot != PROT_NONE ? prot | PMAP_READ : PMAP_NONE;
}

/* Private and neither charged nor reserved: each own page is charged alone. */
static inline bool area_charges_late(const struct area *area)
{
    return (area->flags & (AREA_SHARED | AREA_CHARGED)) == 0;
}

#define SLOT_SHIFT 21

_Static_assert(PMAP_SPAN == 1u << SLOT_SHIFT, "a slot is one page table's");

/*
 * How many page tables [start, end) needs that its neighbours do not need
 * anyway.
 */
static inline size_t area_slots(const struct area *prev,
                                const struct area *next, vaddr_t start,
                                vaddr_t end)
{
    vaddr_t lo = start >> SLOT_SHIFT;
    vaddr_t hi = (end - 1) >> SLOT_SHIFT;

    lo += prev != NULL && (prev->end - 1) >> SLOT_SHIFT == lo;
    if (next != NULL && next->start >> SLOT_SHIFT == hi)
        return hi > lo ? hi - lo : 0;
    return hi + 1 - lo;
}

/*
 * Return whether an area may end at `end`, with `next` (or NULL) above it: it
 * leaves `guard` bytes free, and below a stack SPACE_STACK_GAP.
 */
static inline bool area_leaves_gap(vaddr_t end, const struct area *next,
                                   vaddr_t guard)
{
    if (next == NULL)
        return end <= USER_END;
    if (next->flags & AREA_STACK)
        guard = SPACE_STACK_GAP;
    return end <= next->start && next->start - end >= guard;
}

/* --- area.c: finding, joining, splitting --- */

/* Set up the tree of a new space. */
void areas_init(struct space *space);

/* Look in the tree for the first area that ends above `va`, or NULL. */
struct area *area_search(const struct space *space, vaddr_t va);

/* The same, quick for the area that was found or made last. */
static inline struct area *area_find(const struct space *space, vaddr_t va)
{
    struct area *area = space->recent;

    if (likely(
            area != NULL && va < area->end &&
            (area->start <= va || area->prev == NULL || area->prev->end <= va)))
        return area;
    return area_search(space, va);
}

/* The areas below and above the free address `va`; either may be NULL. */
void area_neighbours(const struct space *space, vaddr_t va, struct area **prev,
                     struct area **next);

/*
 * Chain `n` fresh area structs into *spares, so that later steps need no
 * memory: 0, or -ENOMEM with nothing changed.
 */
int area_reserve(struct area **spares, unsigned n) must_check;

/* Give what is left of them back. */
void area_unreserve(struct area *spares);

/* Whether an area like `what` could be joined to a neighbour. */
bool area_joins(const struct area *what, const struct area *prev,
                const struct area *next);

/*
 * Make [what->start, what->end), which is free and lies between `prev` and
 * `next`, an area like `what`, joined to its neighbours if they agree; else
 * it uses one of the spares and takes a reference to what->obj. Counts and
 * needs are raised, that of page tables by `nslots` (area_slots); the caller
 * has charged. Returns the area it lies in.
 */
struct area *area_insert(struct space *space, const struct area *what,
                         struct area *prev, struct area *next, size_t nslots,
                         struct area **spares);

/* The same where it only makes `prev` longer and does not reach the next. */
void area_extend(struct space *space, struct area *area, vaddr_t end,
                 size_t nslots);

/*
 * Cut the area at `at`, which lies inside it, in two. Uses one spare. Returns
 * the upper one; `area` is the lower.
 */
struct area *area_split(struct space *space, struct area *area, vaddr_t at,
                        struct area **spares);

/*
 * Join the area with the one above it, which is then gone, if they agree:
 * true, and space->recent is the area. Else false.
 */
bool area_join_next(struct space *space, struct area *area);

/* Count a part of an area in (or out) of mapped, data, stack, need_user. */
void area_count_in(struct space *space, const struct area *area, size_t npages);
void area_count_out(struct space *space, const struct area *area,
                    size_t npages);

/*
 * The highest address in [USER_BASE, top - nbytes] with nbytes free above it:
 * true with *addr set, and *next to the first area above it, if any.
 */
bool area_find_gap(const struct space *space, size_t nbytes, vaddr_t top,
                   vaddr_t *addr, struct area **next);

/* The tree against list, sort, joins and gaps: NULL, or what is broken. */
const char *area_check(const struct space *space);

/* For cut.c: change an area's bounds, take it out of its space, free it. */
void area_set_start(struct space *space, struct area *area, vaddr_t start);
void area_set_end(struct space *space, struct area *area, vaddr_t end);
void area_unlink(struct space *space, struct area *area);
void area_destroy(struct area *area);

/* --- cut.c: letting go --- */

/*
 * Whether removing [start, end) would leave parts of one area on both sides:
 * then area_remove uses a spare.
 */
bool area_cut_splits(const struct space *space, vaddr_t start, vaddr_t end);

/* Let go of all areas and parts of areas in the range, and their pages. */
void area_remove(struct space *space, vaddr_t start, vaddr_t end,
                 struct area **spares);

/* Let go of all areas; faster than area_remove. */
void area_remove_all(struct space *space);

/* Let go of the pages of a part of one area; the area stays. */
void area_drop_pages(struct space *space, struct area *area, vaddr_t start,
                     vaddr_t end);

/* The same for any length, with pauses. */
void area_drop_range(struct space *space, struct area *area, vaddr_t start,
                     vaddr_t end);

/* --- demand.c: what operations ask for, see mm/demand.h --- */

/* Return how many pages of its own a part of the space holds. It may pause. */
size_t area_own_pages(struct space *space, vaddr_t start, vaddr_t end);

/* --- space.c: charges --- */

/* Raise what is held; -ENOMEM with nothing changed. */
int charge_reserve(struct space *space, size_t user, size_t low) must_check;

/* Give back what is held beyond the need. */
void charge_settle(struct space *space);

void space_wait_slowly(struct space *space);

/* Let others run, see above: true if the process is to be killed. */
bool space_pause(struct space *space);

/*
 * Pace a walk over areas: count one of `npages` that has been worked on in
 * *work, which begins at 0, and pause after 64 areas or 512 pages. A table's
 * pages are the most between two pauses within an area.
 */
#define PACE_AREAS 64u
static inline void space_pace(struct space *space, unsigned *work,
                              size_t npages)
{
    *work += 1 + (npages < 512 ? npages : 512) / (512 / PACE_AREAS);
    if (unlikely(*work >= PACE_AREAS)) {
        *work = 0;
        space_pause(space);
    }
}

/*
 * Wait until no other thread is in the midst of changing the space. Every
 * operation, and every fault, begins with it: what they then do without a
 * pause, or with `changing` set, is theirs alone.
 */
static inline void space_wait(struct space *space)
{
    if (unlikely(space->changing))
        space_wait_slowly(space);
}

/* The change is over: `changing` is false, and those that wait go on. */
void space_end_change(struct space *space);

/* The end of the piece, at most a slot, that a long operation does first. */
static inline vaddr_t piece_end(vaddr_t start, vaddr_t end)
{
    vaddr_t next = (start | (PMAP_SPAN - 1)) + 1;

    return next < end ? next : end;
}

/* Data pages that `npages` of an area with this protection count as. */
static inline size_t data_pages(unsigned flags, unsigned prot, size_t npages)
{
    bool is_data = (flags & (AREA_SHARED | AREA_STACK)) == 0;

    return is_data && (prot & PROT_WRITE) != 0 ? npages : 0;
}

/* --- tables.c: page tables, and sharing them --- */

/*
 * Make sure that the table for `va`, which lies in an area, is there and may
 * be changed. Returns the entry of the page.
 */
uint64_t *table_ready(struct space *space, vaddr_t va);

/* Make the tables of a range, as far as they are there, this space's own. */
void tables_own(struct space *space, vaddr_t start, vaddr_t end);

/*
 * Before the pages of a part of one area are let go of: leave guarded tables
 * that serve nothing else, and own those that do.
 */
void tables_leave(struct space *space, const struct area *area, vaddr_t start,
                  vaddr_t end);

/*
 * The space ends: leave all guarded tables. Counts of late charges and of
 * resident pages are not kept up to date any more.
 */
void tables_leave_all(struct space *space);

/* Let `child`, which has the same areas and no tables, share all tables. */
void tables_share(struct space *parent, struct space *child);

/* --- stack.c --- */

/*
 * If `area`, the first that ends above `va`, is a stack that may grow down to
 * `va`, grow it: 0, -EFAULT, or -ENOMEM for the charge.
 */
int stack_grow(struct space *space, struct area *area, vaddr_t va) must_check;

/* --- fault.c --- */

/*
 * Make sure the page of `va`, which lies in `area`, is held, and with `write`
 * that it is one that may be written without anyone else seeing it who should
 * not; protection is not looked at. 0, FAULT_NOTHING or an error, as
 * space_fault has them.
 */
int fault_page(struct space *space, struct area *area, vaddr_t va,
               bool write) must_check;

/* Bring in whatever can be of a range that was just mapped; errors are left. */
void fault_populate(struct space *space, vaddr_t start, vaddr_t end);

#endif
