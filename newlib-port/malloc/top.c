/*
 * What the heap gets from the system: segments, and the top of the newest.
 *
 * The heap grows by sbrk, and continues where it ended unless somebody else
 * moved the break in between: then the old segment is closed with an edge and a
 * new one begins.  Where sbrk refuses, a mapping becomes a segment.  Only the
 * top goes back, by sbrk; of what lies below, the pages' content may.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"

/* How long the top may be, beside a quarter of what is below: at most this. */
#define SLACK_MAX ((size_t)32 << 20)
/* The bin where holes of 16 pages begin; see bin_of() in bin.c. */
#define DROP_BIN (SMALL + 1 + (12 - 6) * 8)

/* The first granule at or after i that starts a page. */
static seldom size_t page_end(const struct heap *h, size_t i)
{
    uintptr_t at = (uintptr_t)grain_at(h, i);

    return i + ((-at & (PAGE - 1)) >> GRAIN_SHIFT);
}

static void set_top(struct heap *h, size_t top)
{
    h->top = top;
    bit_set(h->start, top);
}

internal void __top_move(struct heap *h, size_t top)
{
    size_t old = h->top;

    bit_clear(h->start, old);
    set_top(h, top);
    /* What a pass was about to look at is free now. */
    if (h->cursor > top && h->cursor <= old) {
        h->cursor = top;
        __pass_set_limit(h);
    }
}

static seldom void put_edge(struct heap *h, size_t i)
{
    bit_set(h->start, i);
    h->hint[i >> UNIT_SHIFT] = 0;
    hole_at(h, i)->next = EDGE;
}

/* What is left of the top becomes a hole and an edge. */
static seldom void close_segment(struct heap *h)
{
    size_t i = h->top, n = h->top_end - 1 - i;

    if (h->nsegments == 0)
        return;
    bit_clear(h->start, i);
    h->top = 0;
    put_edge(h, h->top_end - 1);
    if (n > 0)
        __bin_put(h, i, n);
}

static seldom void add_segment(struct heap *h, size_t first, size_t end,
                               bool is_mapped)
{
    unsigned k = h->nsegments++;

    for (; k > 0 && h->segment[k - 1].first > first; k--)
        h->segment[k] = h->segment[k - 1];
    h->newest = k;
    h->segment[k].first = first + 1;
    h->segment[k].fence = end - 1;
    h->segment[k].is_mapped = is_mapped;
}

/* Make [first, end), of which all is ours and zero, the newest segment. */
static seldom bool open_segment(struct heap *h, size_t first, size_t end,
                                bool is_mapped)
{
    size_t top = first + 1;

    if (h->nsegments == SEGMENTS || first >= end ||
        !__map_extend(h, &top, end, page_end(h, first)))
        return false;
    close_segment(h);
    add_segment(h, first, end, is_mapped);
    h->top_end = end;
    h->fresh = top == first + 1 ? first : top;
    /* One granule stays unused: no block touches what lies below. */
    put_edge(h, first);
    set_top(h, top);
    return true;
}

static seldom bool extend_top(struct heap *h, size_t end)
{
    size_t top = h->top, zero = page_end(h, h->top_end);
    bool is_ok;

    /* But for a page that the old end cuts, all from `fresh` on is zero. */
    if (zero == h->top_end || zero < h->fresh)
        zero = h->fresh;
    is_ok = __map_extend(h, &top, end, zero);
    if (top != h->top && h->fresh < top)
        h->fresh = top;
    set_top(h, top);
    if (!is_ok)
        return false;
    h->top_end = end;
    h->segment[h->newest].fence = end - 1;
    return true;
}

/* What lies below the first memory of all has the highest numbers. */
static seldom void set_base(struct heap *h, uintptr_t at)
{
    if (h->nsegments == 0)
        h->base = at & -PAGE;
}

/* By sbrk: continues the newest segment unless somebody else came between. */
static seldom bool grow_by_sbrk(struct heap *h, size_t nbytes)
{
    char *at = nbytes > PTRDIFF_MAX ? NULL : __os_sbrk(nbytes);
    size_t skip, first, end;
    bool is_ok;

    if (at == NULL)
        return false;
    set_base(h, (uintptr_t)at);
    skip = -(uintptr_t)at & (GRAIN - 1);
    first = grain_of(h, at + skip);
    end = first + ((nbytes - skip) >> GRAIN_SHIFT);
    if (h->nsegments > 0 && !h->segment[h->newest].is_mapped &&
        at == grain_at(h, h->top_end))
        is_ok = extend_top(h, end);
    else
        is_ok = open_segment(h, first, end, false);
    if (!is_ok) {
        __os_sbrk(-(intptr_t)nbytes);
        return false;
    }
    h->ngrains += nbytes >> GRAIN_SHIFT;
    /* Whoever had the break before may have written in the page it cuts. */
    first = page_end(h, first);
    if (((uintptr_t)at & (PAGE - 1)) != 0 && h->fresh < first)
        h->fresh = first;
    return true;
}

static seldom bool grow_by_map(struct heap *h, size_t nbytes)
{
    void *at;
    size_t first;

    if (nbytes < 16 * PAGE)
        nbytes = 16 * PAGE;
    at = __os_map(nbytes);
    if (at == NULL)
        return false;
    set_base(h, (uintptr_t)at);
    first = grain_of(h, at);
    if (!open_segment(h, first, first + (nbytes >> GRAIN_SHIFT), true)) {
        __os_unmap(at, nbytes);
        return false;
    }
    h->ngrains += nbytes >> GRAIN_SHIFT;
    return true;
}

/* ---- giving back ----------------------------------------------------------*/

/* The whole pages of [from, to). */
static seldom bool drop_pages(uintptr_t from, uintptr_t to)
{
    int saved = errno;

    from = (from + PAGE - 1) & -PAGE;
    to &= -PAGE;
    if (from >= to)
        return false;
    __os_drop((void *)from, to - from);
    errno = saved;
    return true;
}

internal seldom void __top_drop_hole(struct heap *h, size_t i, size_t n)
{
    struct hole *hole = hole_at(h, i);

    if (hole->is_dropped)
        return;
    hole->is_dropped = true;
    drop_pages((uintptr_t)(hole + 1), (uintptr_t)grain_at(h, i + n));
}

/* The pages of a few long holes that did not serve. */
static seldom void drop_some(struct heap *h)
{
    unsigned k = DROP_BIN;

    for (int left = 4; left > 0 && (k = __bin_next(h, k)) < BINS; left--, k++)
        __top_drop_hole(h, h->bin[k], __map_length(h, h->bin[k]));
}

/*
 * Make the top longer than n granules.  The heap grows by an eighth, so that
 * few system calls are made; what is not touched costs no frame.
 */
internal seldom bool __top_grow(struct heap *h, size_t n)
{
    size_t have = h->top_end - h->top, wanted = n;
    size_t pad = (h->ngrains << GRAIN_SHIFT) / 8, need;
    int saved = errno;
    bool is_ok;

    drop_some(h);
    /* What was trimmed was wanted again: less eagerly the next time. */
    if (h->ngrains + n >= h->trimmed - h->trimmed / 4 && h->slack < SLACK_MAX) {
        h->slack *= 2;
        h->trimmed = SIZE_MAX;
    }
    pad = pad < PAGE ? PAGE : pad > MAP_MIN ? MAP_MIN : pad;
    /* A block that grew will grow again. */
    if (h->is_extending && pad < n * (GRAIN / 2))
        pad = n * (GRAIN / 2);
    n += __map_need(h, h->top_end + n + pad / GRAIN);
    need = (n + 3 - (have < n ? have : n)) << GRAIN_SHIFT;
    is_ok = grow_by_sbrk(h, (need + pad) & -PAGE) ||
            grow_by_sbrk(h, (need + PAGE - 1) & -PAGE);
    need = (n + 4) << GRAIN_SHIFT;
    is_ok = (is_ok && h->top_end - h->top > wanted) ||
            grow_by_sbrk(h, (need + PAGE - 1) & -PAGE) ||
            grow_by_map(h, (need + pad) & -PAGE) ||
            grow_by_map(h, (need + PAGE - 1) & -PAGE);
    errno = saved;
    if (h->ngrains > h->peak)
        h->peak = h->ngrains;
    __pass_raise_low(h);
    return is_ok && h->top_end - h->top > wanted;
}

/* By sbrk: the end of the top, but for so many bytes. */
internal seldom void __top_trim(struct heap *h, size_t keep)
{
    struct segment *s = &h->segment[h->newest];
    size_t nbytes, have = (h->top_end - h->top) << GRAIN_SHIFT;
    int saved = errno;
    char *end;

    if (h->nsegments == 0 || s->is_mapped || have < keep ||
        have - keep <= 2 * PAGE)
        return;
    nbytes = (have - keep - GRAIN) & -PAGE;
    end = __os_sbrk(0);
    if (end == grain_at(h, h->top_end) &&
        __os_sbrk(-(intptr_t)nbytes) != NULL) {
        h->top_end -= nbytes >> GRAIN_SHIFT;
        h->ngrains -= nbytes >> GRAIN_SHIFT;
        s->fence = h->top_end - 1;
        /* The rest of a page that the break cuts in two keeps its content. */
        if (h->fresh > page_end(h, h->top_end))
            h->fresh = page_end(h, h->top_end);
        if (h->newest == h->nsegments - 1)
            __map_drop(h, h->top_end);
    }
    errno = saved;
}

/* The content of the top, but for its first pages. */
internal seldom void __top_drop(struct heap *h)
{
    uintptr_t top = ((uintptr_t)grain_at(h, h->top) + 9 * PAGE - 1) & -PAGE;
    uintptr_t end = (uintptr_t)grain_at(h, h->fresh) + PAGE - 1;

    if ((end & -PAGE) <= (uintptr_t)grain_at(h, h->top_end) &&
        drop_pages(top, end))
        h->fresh = grain_of(h, (void *)top);
}
