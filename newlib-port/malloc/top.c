/*
 * What the heap gets from the system: segments, and the top of the newest.
 *
 * The heap grows by sbrk, and continues where it ended unless somebody else
 * moved the break in between: then the old segment is closed with a fence and a
 * new one begins.  Where sbrk refuses, a mapping becomes a segment.  Only the
 * top goes back, by sbrk; of what lies below, the pages' content may.
 */
#include <errno.h>
#include "internal.h"

/* Granules that one page of a plane covers. */
#define COVER (PAGE * 8)
/* How long the top may be, beside a quarter of what is below: at most this. */
#define SLACK_MAX ((size_t)32 << 20)
/* The lists where runs of 4 and of 16 pages begin; see list_of() in run.c. */
#define DROP_LIST      (LONG + (10 - 6) * 8)
#define DROP_LIST_LONG (LONG + (12 - 6) * 8)

static void set_top(struct heap *h, size_t top)
{
    h->top = top;
    bit_set(h->start, top);
    bit_set(h->idle, top);
}

static void unset_top(struct heap *h)
{
    bit_clear(h->start, h->top);
    bit_clear(h->idle, h->top);
}

internal void __top_move(struct heap *h, size_t top)
{
    unset_top(h);
    set_top(h, top);
}

/*
 * Make the map of granules [from, to) writable: false if it cannot be had, or
 * if they lie above what the map covers.  Every block's addresses pass here
 * before it is handed out.
 */
internal seldom bool __map_commit(struct heap *h, size_t from, size_t to)
{
    size_t first = from / COVER * PAGE, end = (to + 64) / COVER * PAGE + PAGE;

    return to <= h->limit &&
           __os_commit((char *)h->start + first, end - first) &&
           __os_commit((char *)h->idle + first, end - first);
}

/* What is left of the top becomes an ordinary free block and the fence. */
static seldom void close_segment(struct heap *h)
{
    size_t n;

    if (h->nsegments == 0)
        return;
    n = h->top_end - 1 - h->top;
    unset_top(h);
    bit_set(h->start, h->top_end - 1);
    bit_set(h->idle, h->top_end - 1);
    if (n > 0)
        __heap_give(h, h->top, n);
}

/* Make [first, end), of which all is ours and zero, the newest segment. */
static seldom bool open_segment(struct heap *h, size_t first, size_t end,
                                bool mapped)
{
    if (h->nsegments == SEGMENTS || !__map_commit(h, first, end))
        return false;
    close_segment(h);
    h->segment[h->nsegments].first = first + 1;
    h->segment[h->nsegments].fence = end - 1;
    h->segment[h->nsegments++].is_mapped = mapped;
    h->top_end = end;
    h->fresh = first;
    h->committed = end;
    /* One granule stays unused: no block touches what lies below. */
    set_top(h, first + 1);
    return true;
}

static seldom bool extend_top(struct heap *h, size_t end)
{
    if (end > h->committed) {
        if (!__map_commit(h, h->committed, end))
            return false;
        h->committed = ((end + 64) / COVER + 1) * COVER - 64;
    }
    h->top_end = end;
    h->segment[h->nsegments - 1].fence = end - 1;
    return true;
}

/* The first granule at or after i that starts a page. */
static seldom size_t page_end(const struct heap *h, size_t i)
{
    uintptr_t at = (uintptr_t)grain_at(h, i);

    return i + ((-at & (PAGE - 1)) >> GRAIN_SHIFT);
}

/* By sbrk: continues the newest segment unless somebody else came between. */
static seldom bool grow_by_sbrk(struct heap *h, size_t nbytes)
{
    char *at = nbytes > PTRDIFF_MAX ? NULL : __os_sbrk(nbytes);
    size_t skip, first, end;
    bool is_ok;

    if (at == NULL)
        return false;
    if (h->nsegments > 0 && !h->segment[h->nsegments - 1].is_mapped &&
        at == grain_at(h, h->top_end)) {
        is_ok = extend_top(h, h->top_end + (nbytes >> GRAIN_SHIFT));
    } else {
        skip = -(uintptr_t)at & (GRAIN - 1);
        first = grain_of(h, at + skip);
        end = grain_of(h, at + nbytes);
        is_ok = open_segment(h, first, end, false);
    }
    if (!is_ok) {
        __os_sbrk(-(intptr_t)nbytes);
        return false;
    }
    h->ngrains += nbytes >> GRAIN_SHIFT;
    /* Whoever had the break before may have written in the page it cuts. */
    first = page_end(h, grain_of(h, at + GRAIN - 1));
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
    first = grain_of(h, at);
    if (!open_segment(h, first, first + (nbytes >> GRAIN_SHIFT), true)) {
        __os_unmap(at, nbytes);
        return false;
    }
    h->ngrains += nbytes >> GRAIN_SHIFT;
    if (first < h->mapped_low)
        h->mapped_low = first;
    return true;
}

/* ---- giving back ----------------------------------------------------------*/

/* The whole pages of [from, to). */
static seldom bool drop_pages(uintptr_t from, uintptr_t to)
{
    from = (from + PAGE - 1) & -PAGE;
    to &= -PAGE;
    if (from >= to)
        return false;
    __os_drop((void *)from, to - from);
    return true;
}

/* The pages of runs in list k and above, once each. */
static seldom void drop_runs(struct heap *h, unsigned k)
{
    for (; k < FREE_LISTS; k++)
        for (struct run *r = h->list[k]; r != NULL; r = r->next)
            if (!r->is_dropped) {
                r->is_dropped = true;
                drop_pages((uintptr_t)(r + 1),
                           (uintptr_t)r + r->n * GRAIN - GRAIN);
            }
}

/*
 * Make the top longer than n granules.  The heap grows by an eighth, so that
 * few system calls are made; what is not touched costs no frame.
 */
internal seldom bool __top_grow(struct heap *h, size_t n)
{
    size_t have = h->top_end - h->top;
    size_t need = (n + 3 - (have < n ? have : n)) << GRAIN_SHIFT;
    size_t pad = (h->ngrains << GRAIN_SHIFT) / 8;
    int saved = errno;
    bool is_ok;

    /* What did not serve is not kept beside what comes. */
    if (h->any >> (DROP_LIST_LONG / 32) != 0)
        drop_runs(h, DROP_LIST_LONG);
    /* What was trimmed was wanted again: less eagerly the next time. */
    if (h->ngrains + n >= h->trimmed - h->trimmed / 4 && h->slack < SLACK_MAX) {
        h->slack *= 2;
        h->trimmed = SIZE_MAX;
    }
    pad = pad < PAGE ? PAGE : pad > MAP_MIN ? MAP_MIN : pad;
    is_ok = grow_by_sbrk(h, (need + pad) & -PAGE) ||
            grow_by_sbrk(h, (need + PAGE - 1) & -PAGE);
    need = (n + 4) << GRAIN_SHIFT;
    is_ok = (is_ok && h->top_end - h->top > n) ||
            grow_by_sbrk(h, (need + PAGE - 1) & -PAGE) ||
            grow_by_map(h, (need + pad) & -PAGE) ||
            grow_by_map(h, (need + PAGE - 1) & -PAGE);
    errno = saved;
    if (h->ngrains > h->peak)
        h->peak = h->ngrains;
    __heap_raise_low(h);
    return is_ok && h->top_end - h->top > n;
}

/*
 * The pages of the planes that lie wholly above the top.  They say nothing, for
 * all there was ours, unless a mapping got an address so low.
 */
static seldom void drop_map(struct heap *h)
{
    size_t from = ((h->top_end + 64) / COVER + 1) * PAGE;
    size_t to = (h->committed + 64) / COVER * PAGE;

    if (to <= from || h->committed > h->mapped_low - 128)
        return;
    __os_drop((char *)h->start + from, to - from);
    __os_drop((char *)h->idle + from, to - from);
}

/* By sbrk: the end of the top, but for so many bytes. */
internal seldom void __top_trim(struct heap *h, size_t keep)
{
    struct segment *s = &h->segment[h->nsegments - 1];
    size_t nbytes, have = (h->top_end - h->top) << GRAIN_SHIFT;
    int saved = errno;
    char *end;

    if (s->is_mapped || have < keep || have - keep <= 2 * PAGE)
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
        drop_map(h);
    }
    errno = saved;
}

/* The content of what is free, but for the first pages of the top. */
internal seldom void __heap_drop(struct heap *h)
{
    uintptr_t top = ((uintptr_t)grain_at(h, h->top) + 9 * PAGE - 1) & -PAGE;
    uintptr_t end = (uintptr_t)grain_at(h, h->fresh) + PAGE - 1;
    int saved = errno;

    if ((end & -PAGE) <= (uintptr_t)grain_at(h, h->top_end) &&
        drop_pages(top, end))
        h->fresh = grain_of(h, (void *)top);
    drop_runs(h, DROP_LIST);
    errno = saved;
}
