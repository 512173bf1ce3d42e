/*
 * The memory map as a step function.
 *
 * The map says for each address below MEMMAP_TOP what kind of memory is there.
 * It is kept as the places where the kind changes:
 *
 *      steps   0          0x9fc00     0xf0000    0x100000       ...  TOP
 *              available  |hole       |reserved  |available     ...  |
 *
 * Invariant: the first step starts at 0, starts ascend, all are below
 * MEMMAP_TOP, and two neighbours differ in kind. So the table is sorted and
 * disjoint by construction, and holes need no care. After memmap_finish all
 * starts are multiples of the page size, and nothing below 1 MiB is RAM to be
 * handed out.
 *
 * One operation does everything: `paint` cuts the table at the two ends of a
 * range and gives what lies between, if it is of certain kinds, a new one. An
 * entry paints over all that is less strict than itself, and so the order of
 * the entries does not matter. When there is no room to cut, a strict kind is
 * painted over the whole steps that it touches: more memory is lost than was
 * asked for, but nothing reserved ever looks available.
 *
 * Source: Multiboot 0.6.96 3.3 (mmap_*); ACPI 6.4 15.1 (types, and that what
 * is not listed must not be used).
 */
#include "mm/memmap.h"

#include <cairn/errno.h>

#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"

#define KIND_BIT(kind) (1u << (kind))
#define ALL_KINDS      (KIND_BIT(MEMMAP_NKINDS) - 1)
#define RAM_KINDS                                           \
    (KIND_BIT(MEMMAP_AVAILABLE) | KIND_BIT(MEMMAP_MODULE) | \
     KIND_BIT(MEMMAP_FRAMES) | KIND_BIT(MEMMAP_KERNEL))

static const char *const kind_names[MEMMAP_NKINDS] = {
    [MEMMAP_HOLE] = "hole",     [MEMMAP_AVAILABLE] = "available",
    [MEMMAP_MODULE] = "module", [MEMMAP_FRAMES] = "frame metadata",
    [MEMMAP_KERNEL] = "kernel", [MEMMAP_LOW] = "low memory",
    [MEMMAP_UNUSED] = "unused", [MEMMAP_ACPI] = "ACPI tables",
    [MEMMAP_NVS] = "ACPI NVS",  [MEMMAP_RESERVED] = "reserved",
    [MEMMAP_BAD] = "bad",
};

void memmap_init(struct memmap *map)
{
    map->nsteps = 1;
    map->nrounded = 0;
    map->finished = false;
    map->above = 0;
    map->steps[0].start = 0;
    map->steps[0].kind = MEMMAP_HOLE;
}

static uint64_t step_end(const struct memmap *map, unsigned i)
{
    return i + 1 < map->nsteps ? map->steps[i + 1].start : MEMMAP_TOP;
}

/* The step that `pa`, which is below MEMMAP_TOP, lies in. */
static unsigned step_at(const struct memmap *map, uint64_t pa)
{
    unsigned low = 0;
    unsigned high = map->nsteps;
    unsigned middle;

    while (high - low > 1) {
        middle = (low + high) / 2;
        if (map->steps[middle].start <= pa)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Whether a cut at `pa` would make a new step. */
static bool needs_cut(const struct memmap *map, uint64_t pa)
{
    return pa < MEMMAP_TOP && map->steps[step_at(map, pa)].start != pa;
}

/* Make a step start at `pa`; there must be room for it. */
static void cut(struct memmap *map, uint64_t pa)
{
    unsigned i;

    if (!needs_cut(map, pa))
        return;
    assert(map->nsteps < MEMMAP_STEPS);
    i = step_at(map, pa);
    memmove(&map->steps[i + 1], &map->steps[i],
            (map->nsteps - i) * sizeof(map->steps[0]));
    map->steps[i + 1].start = pa;
    map->nsteps++;
}

/* Join neighbours of one kind. */
static void join(struct memmap *map)
{
    unsigned n = 1;

    for (unsigned i = 1; i < map->nsteps; i++) {
        if (map->steps[i].kind != map->steps[n - 1].kind)
            map->steps[n++] = map->steps[i];
    }
    map->nsteps = n;
}

/*
 * Give what is of the kinds `over` in [start, end) the kind `kind`, and let
 * the table grow up to `max_steps`. Return 0, or -ENOSPC when it is full: see
 * memmap_add for what has happened then.
 */
static int paint(struct memmap *map, uint64_t start, uint64_t end,
                 unsigned over, enum memmap_kind kind, unsigned max_steps)
{
    unsigned ncuts = needs_cut(map, start) + needs_cut(map, end);
    bool fits = map->nsteps + ncuts <= max_steps;

    if (fits) {
        cut(map, start);
        cut(map, end);
    } else {
        map->nrounded++;
        if (kind == MEMMAP_AVAILABLE)
            return -ENOSPC;
    }
    for (unsigned i = step_at(map, start);
         i < map->nsteps && map->steps[i].start < end; i++) {
        if (over & KIND_BIT(map->steps[i].kind))
            map->steps[i].kind = kind;
    }
    join(map);
    return fits ? 0 : -ENOSPC;
}

static enum memmap_kind kind_of_type(uint32_t type)
{
    switch (type) {
    case MEMMAP_TYPE_AVAILABLE:
        return MEMMAP_AVAILABLE;
    case MEMMAP_TYPE_ACPI:
        return MEMMAP_ACPI;
    case MEMMAP_TYPE_NVS:
        return MEMMAP_NVS;
    case MEMMAP_TYPE_BAD:
        return MEMMAP_BAD;
    default:
        return MEMMAP_RESERVED;
    }
}

/* Count available memory that is out of reach, for the boot report. */
static void count_above(struct memmap *map, uint64_t base, uint64_t last)
{
    uint64_t first = base > MEMMAP_TOP ? base : MEMMAP_TOP;
    uint64_t nbytes;

    if (last < first)
        return;
    nbytes = last - first + 1;
    map->above =
        nbytes > UINT64_MAX - map->above ? UINT64_MAX : map->above + nbytes;
}

int memmap_add(struct memmap *map, uint64_t base, uint64_t length,
               uint32_t type)
{
    enum memmap_kind kind = kind_of_type(type);
    uint64_t last = base + length - 1;

    assert(!map->finished);
    if (length == 0)
        return 0;
    if (last < base) {
        if (kind == MEMMAP_AVAILABLE)
            return -EINVAL;
        last = UINT64_MAX;
    }
    if (kind == MEMMAP_AVAILABLE)
        count_above(map, base, last);
    if (base >= MEMMAP_TOP)
        return 0;
    if (last >= MEMMAP_TOP)
        last = MEMMAP_TOP - 1;
    return paint(map, base, last + 1, KIND_BIT(kind) - 1, kind,
                 MEMMAP_STEPS_FOR_ENTRIES);
}

/*
 * What a page is that begins in step i: the strictest kind in it, and no RAM
 * if any byte of it is a hole.
 */
static enum memmap_kind page_kind(const struct memmap *map, unsigned i,
                                  uint64_t page_end)
{
    enum memmap_kind strictest = map->steps[i].kind;
    bool has_hole = strictest == MEMMAP_HOLE;

    for (i++; i < map->nsteps && map->steps[i].start < page_end; i++) {
        if (map->steps[i].kind > strictest)
            strictest = map->steps[i].kind;
        if (map->steps[i].kind == MEMMAP_HOLE)
            has_hole = true;
    }
    if (strictest == MEMMAP_AVAILABLE && has_hole)
        return MEMMAP_HOLE;
    return strictest;
}

/*
 * Make the page that `pa` lies in a single kind. That takes one of the kinds
 * it had, and for two of them one of its two sides: the table does not grow.
 */
static void settle_page(struct memmap *map, uint64_t pa)
{
    uint64_t start = bits_align_down64(pa, PAGE_SIZE);
    uint64_t end = start + PAGE_SIZE;
    enum memmap_kind kind = page_kind(map, step_at(map, start), end);
    int result = paint(map, start, end, ALL_KINDS, kind, MEMMAP_STEPS);

    assert(result == 0);
}

void memmap_finish(struct memmap *map)
{
    unsigned i = 0;
    int result;

    assert(!map->finished);
    while (i < map->nsteps) {
        if (bits_is_aligned(map->steps[i].start, PAGE_SIZE)) {
            i++;
            continue;
        }
        settle_page(map, map->steps[i].start);
        /* The step before may have been joined with this page. */
        i = i > 1 ? i - 1 : 0;
    }
    result = paint(map, 0, MEMMAP_LOW_END, KIND_BIT(MEMMAP_AVAILABLE),
                   MEMMAP_LOW, MEMMAP_STEPS);
    assert(result == 0);
    map->finished = true;
}

int memmap_reserve(struct memmap *map, uint64_t start, uint64_t end,
                   enum memmap_kind kind)
{
    unsigned over = RAM_KINDS & (KIND_BIT(kind) - 1);

    assert(map->finished && kind > MEMMAP_AVAILABLE && kind <= MEMMAP_UNUSED &&
           kind != MEMMAP_LOW);
    if (start >= end)
        return -EINVAL;
    if (start >= MEMMAP_TOP)
        return 0;
    if (end > MEMMAP_TOP)
        end = MEMMAP_TOP;
    start = bits_align_down64(start, PAGE_SIZE);
    end = bits_round_up64(end, PAGE_SIZE);
    return paint(map, start, end, over, kind, MEMMAP_STEPS);
}

uint64_t memmap_limit(struct memmap *map, uint64_t top)
{
    uint64_t before = memmap_total(map, MEMMAP_AVAILABLE);
    int result;

    assert(map->finished);
    if (top >= MEMMAP_TOP)
        return 0;
    top = bits_align_down64(top, PAGE_SIZE);
    result = paint(map, top, MEMMAP_TOP, KIND_BIT(MEMMAP_AVAILABLE),
                   MEMMAP_UNUSED, MEMMAP_STEPS);
    (void)result; /* without room to cut, the step around `top` goes whole */
    return before - memmap_total(map, MEMMAP_AVAILABLE);
}

int memmap_find(const struct memmap *map, uint64_t nbytes, uint64_t align,
                uint64_t below, uint64_t *start)
{
    uint64_t from;
    uint64_t to;

    assert(map->finished && nbytes > 0 && bits_is_pow2(align));
    for (unsigned i = 0; i < map->nsteps; i++) {
        if (map->steps[i].kind != MEMMAP_AVAILABLE)
            continue;
        if (!bits_align_up64(map->steps[i].start, align, &from))
            return -ENOMEM;
        to = step_end(map, i) < below ? step_end(map, i) : below;
        if (from < to && to - from >= nbytes) {
            *start = from;
            return 0;
        }
    }
    return -ENOMEM;
}

bool memmap_next(const struct memmap *map, unsigned *cursor,
                 struct memmap_range *range)
{
    for (; *cursor < map->nsteps; (*cursor)++) {
        if (map->steps[*cursor].kind == MEMMAP_HOLE)
            continue;
        range->start = map->steps[*cursor].start;
        range->end = step_end(map, *cursor);
        range->kind = map->steps[*cursor].kind;
        (*cursor)++;
        return true;
    }
    return false;
}

bool memmap_kind_is_ram(enum memmap_kind kind)
{
    return kind >= MEMMAP_AVAILABLE && kind <= MEMMAP_KERNEL;
}

bool memmap_next_ram(const struct memmap *map, unsigned *cursor,
                     struct memmap_range *range)
{
    while (*cursor < map->nsteps &&
           !memmap_kind_is_ram(map->steps[*cursor].kind))
        (*cursor)++;
    if (*cursor == map->nsteps)
        return false;
    range->start = map->steps[*cursor].start;
    range->kind = MEMMAP_AVAILABLE;
    for (;
         *cursor < map->nsteps && memmap_kind_is_ram(map->steps[*cursor].kind);
         (*cursor)++)
        range->end = step_end(map, *cursor);
    return true;
}

enum memmap_kind memmap_kind_at(const struct memmap *map, uint64_t pa)
{
    return pa < MEMMAP_TOP ? map->steps[step_at(map, pa)].kind : MEMMAP_HOLE;
}

uint64_t memmap_total(const struct memmap *map, enum memmap_kind kind)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < map->nsteps; i++) {
        if (map->steps[i].kind == kind)
            total += step_end(map, i) - map->steps[i].start;
    }
    return total;
}

uint64_t memmap_total_ram(const struct memmap *map)
{
    struct memmap_range range;
    uint64_t total = 0;
    unsigned cursor = 0;

    while (memmap_next_ram(map, &cursor, &range))
        total += range.end - range.start;
    return total;
}

const char *memmap_kind_name(enum memmap_kind kind)
{
    return (unsigned)kind < MEMMAP_NKINDS ? kind_names[kind] : "?";
}

/* Check one step against the one before it. */
static const char *check_step(const struct memmap *map, unsigned i)
{
    const struct memmap_step *step = &map->steps[i];

    if (step->kind >= MEMMAP_NKINDS)
        return "a kind is unknown";
    if (step->start >= MEMMAP_TOP)
        return "a step starts above the top";
    if (i > 0 && step->start <= step[-1].start)
        return "two steps are out of order";
    if (i > 0 && step->kind == step[-1].kind)
        return "two neighbours are of one kind";
    if (!map->finished)
        return NULL;
    if (!bits_is_aligned(step->start, PAGE_SIZE))
        return "a step is not aligned to pages";
    if (step->start < MEMMAP_LOW_END && memmap_kind_is_ram(step->kind))
        return "memory below 1 MiB is available";
    return NULL;
}

const char *memmap_check(const struct memmap *map)
{
    const char *broken = NULL;

    if (map->nsteps == 0 || map->nsteps > MEMMAP_STEPS)
        return "the number of steps is impossible";
    if (map->steps[0].start != 0)
        return "the first step does not start at 0";
    for (unsigned i = 0; i < map->nsteps && broken == NULL; i++)
        broken = check_step(map, i);
    return broken;
}
