/*
 * The heap behind the fast paths: allocation, free and resizing.
 *
 * A request of up to LONG granules is served from the bin of its length.  An
 * empty bin is refilled by a batch cut from one run, or from the top; freed
 * blocks go to the bin as they are.  Longer blocks are cut from a run, or from
 * the top, and joined with their neighbours when freed.  Before the heap grows,
 * a sweep may join what waits in bins.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"

/* What stands for the map before there is one: nothing in it is idle. */
static uint32_t no_map[2];

struct heap __heap = {
    .start = no_map,
    .idle = no_map,
    .misfit = ~(uintptr_t)0,
    .mapped_low = SIZE_MAX,
    .slack = (size_t)256 << 10,
    .trimmed = SIZE_MAX,
    .bin = {[0 ... LONG] = NOTHING},
    .hidden = {[0 ... LONG] = NOTHING},
    .bins = __heap.bin,
};

/* ---- taking granules ------------------------------------------------------*/

/* Cut n granules off the top, which is longer.  *is_zero: never written. */
static size_t cut_top(struct heap *h, size_t n, bool *is_zero)
{
    size_t i = h->top;

    __top_move(h, i + n);
    *is_zero = h->fresh <= i;
    if (h->fresh < i + n)
        h->fresh = i + n;
    return i;
}

/* Whether so much waits in bins that a sweep is worth its cost. */
static bool is_sweep_due(const struct heap *h)
{
    long waiting = h->nblocks - live_count(h) - h->lone;

    return h->ngrains > SMALL_HEAP && waiting > (long)(h->ngrains >> 9) &&
           waiting > h->nblocks / 16;
}

/*
 * n granules or, from a run, more: *length.  They are not marked.  0 when there
 * is no memory.
 */
static size_t take(struct heap *h, size_t n, size_t *length, bool *is_zero)
{
    size_t i = __run_take(h, n, length);

    *is_zero = false;
    if (i != 0)
        return i;
    if (h->top_end - h->top <= n && is_sweep_due(h)) {
        __heap_sweep(h, SIZE_MAX);
        i = __run_take(h, n, length);
        if (i != 0)
            return i;
    }
    if (h->top_end - h->top <= n && !__top_grow(h, n)) {
        /* The last resort. */
        __heap_sweep(h, SIZE_MAX);
        i = __run_take(h, n, length);
        if (i != 0 || h->top_end - h->top <= n)
            return i;
    }
    *length = n;
    return cut_top(h, n, is_zero);
}

static void give_to_top(struct heap *h, size_t i)
{
    size_t top = (h->top_end - i) << GRAIN_SHIFT;
    size_t rest = (h->ngrains << GRAIN_SHIFT) - top;

    __top_move(h, i);
    if (top <= rest / 4 + h->slack)
        return;
    h->trimmed = h->ngrains;
    __top_trim(h, rest / 8 + 8 * PAGE);
}

/* Make n unmarked granules free, joined with the runs around them. */
internal void __heap_give(struct heap *h, size_t i, size_t n)
{
    size_t more = __heap_run_before(h, i);

    if (more != 0) {
        i -= more;
        n += more;
        __run_remove(h, i, more);
    }
    if (i + n == h->top) {
        give_to_top(h, i);
        return;
    }
    if (__heap_is_run(h, i + n, &more)) {
        __run_remove(h, i + n, more);
        n += more;
    }
    if (n > 1) {
        __run_insert(h, i, n);
        return;
    }
    /* A run has two ends, so a single granule is a block in its bin. */
    bit_set(h->start, i);
    bit_set(h->idle, i);
    push(h, &h->bins[1], grain_at(h, i));
    h->nblocks++;
}

/* ---- malloc ---------------------------------------------------------------*/

/* Where a batch stops to grow, in granules: in a small heap, and in others. */
#define BATCH_SMALL 32
#define BATCH       64
#define BATCH_HEAP  16384

/* Cut n granules at a time off [i, i + count * n) and keep them in their bin. */
static void cut(struct heap *h, size_t i, size_t n, size_t count)
{
    uintptr_t key = h->key, link = (uintptr_t)h->bins[n] ^ key;
    size_t step = n << GRAIN_SHIFT;
    char *c;

    h->nblocks += count;
    i += count * n;
    c = grain_at(h, i);
    /* From the last to the first, which is then the next to be used. */
    do {
        i -= n;
        c -= step;
        bit_set(h->start, i);
        bit_set(h->idle, i);
        ((struct cached *)c)->link = link;
        link = (uintptr_t)c ^ key;
    } while (--count > 0);
    h->bins[n] = (struct cached *)c;
}

/*
 * A live block of n granules, and some more for its bin: more at a time the
 * more are wanted.
 */
static void *refill(struct heap *h, size_t n)
{
    size_t want = h->batch[n] | 1, i, have, count;
    bool is_zero;

    if (want * n < (h->ngrains < BATCH_HEAP ? BATCH_SMALL : BATCH))
        h->batch[n] = (uint8_t)(want * 2);
    i = take(h, n, &have, &is_zero);
    if (i == 0)
        return NULL;
    if (i + have == h->top) {
        /* From the top: as many as wanted and there. */
        count = (h->top_end - h->top - 1) / n + 1;
        count = count < want ? count : want;
        if (count > 1)
            cut_top(h, (count - 1) * n, &is_zero);
        have = count * n;
    } else {
        count = have / n;
        if (count > want && have > LONG)
            count = want;
    }
    if (have > count * n)
        __heap_give(h, i + count * n, have - count * n);
    bit_set(h->start, i);
    h->nblocks++;
    h->spare++;
    if (count > 1)
        cut(h, i + n, n, count - 1);
    return grain_at(h, i);
}

static void *alloc_cached(struct heap *h, size_t n)
{
    struct cached *c = h->bins[n];

    if (c == NOTHING)
        return refill(h, n);
    /* The link must lead to another free block, whoever wrote into it. */
    if (!is_covered(h, c) || !is_idle(h, grain_of(h, c)))
        __heap_die("corrupted free list", c);
    h->bins[n] = (struct cached *)(c->link ^ h->key);
    bit_clear(h->idle, grain_of(h, c));
    h->spare++;
    return c;
}

static seldom void *alloc_mapped(struct heap *h, size_t nbytes)
{
    size_t room = (nbytes + PAGE - 1) & -PAGE, i;
    int saved = errno;
    void *p = __os_map(room);

    errno = saved;
    if (p == NULL)
        return NULL;
    i = grain_of(h, p);
    if (!__map_commit(h, i, i + 2 * LONG)) {
        __os_unmap(p, room);
        return NULL;
    }
    __heap_mark(h, i, room >> GRAIN_SHIFT);
    if (i < h->mapped_low)
        h->mapped_low = i;
    h->nmapped++;
    h->mapped_bytes += room;
    h->nblocks++;
    h->spare++;
    return p;
}

/* n granules that are marked as one live block; what is over goes back. */
static size_t alloc_exact(struct heap *h, size_t n, bool *is_zero)
{
    size_t have, i = take(h, n, &have, is_zero);

    if (i == 0)
        return 0;
    __heap_mark(h, i, n);
    if (have > n)
        __heap_give(h, i + n, have - n);
    h->nblocks++;
    h->spare++;
    __heap_raise_low(h);
    return i;
}

/* Whether there is a fast way follows from what is asked of the heap. */
internal seldom void __heap_modes(struct heap *h)
{
    bool is_fast = h->is_ready && !h->is_checking && !h->is_tracing &&
                   !h->is_locking && h->limit >= MAP_WHOLE;
    struct cached **bins = is_fast ? h->bin : h->hidden;

    h->misfit = is_fast ? GRAIN - 1 : ~(uintptr_t)0;
    if (bins == h->bins)
        return;
    for (unsigned n = 0; h->nsegments > 0 && n <= LONG; n++) {
        bins[n] = h->bins[n];
        h->bins[n] = NOTHING;
    }
    h->bins = bins;
}

internal seldom bool __heap_ready(struct heap *h)
{
    int saved = errno;

    if (!h->is_ready) {
        h->low = -(1L << 30);
        h->spare = -h->low - 1;
        h->key = __os_random();
        h->is_ready = __os_reserve(h);
    }
    errno = saved;
    return h->is_ready;
}

/* *is_zero: whether the block is known to be all zeros. */
internal void *__heap_alloc(struct heap *h, size_t nbytes, bool *is_zero)
{
    size_t n = grains_for(nbytes), i;
    void *p;

    *is_zero = false;
    if (nbytes > REQUEST_MAX)
        return NULL;
    if (n <= LONG)
        return alloc_cached(h, n);
    if (nbytes >= (h->is_checking ? MAP_MIN / 2 : MAP_MIN)) {
        p = alloc_mapped(h, nbytes);
        *is_zero = p != NULL;
        if (p != NULL)
            return p;
    }
    i = alloc_exact(h, n, is_zero);
    return i == 0 ? NULL : grain_at(h, i);
}

internal seldom void *__heap_alloc_aligned(struct heap *h, size_t align,
                                           size_t nbytes)
{
    size_t n = grains_for(nbytes), a = align >> GRAIN_SHIFT, i, head;
    bool is_zero;

    if (align <= GRAIN)
        return __heap_alloc(h, nbytes, &is_zero);
    if (nbytes > REQUEST_MAX || align > REQUEST_MAX - nbytes)
        return NULL;
    i = alloc_exact(h, n + a - 1, &is_zero);
    if (i == 0)
        return NULL;
    __heap_unmark(h, i, n + a - 1);
    head = -((uintptr_t)grain_at(h, i) >> GRAIN_SHIFT) & (a - 1);
    __heap_mark(h, i + head, n);
    if (head > 0)
        __heap_give(h, i, head);
    if (a - 1 > head)
        __heap_give(h, i + head + n, a - 1 - head);
    return grain_at(h, i + head);
}

/* ---- free -----------------------------------------------------------------*/

internal bool __heap_is_block(const struct heap *h, const void *p)
{
    return h->is_ready && is_covered(h, p) && is_live(h, grain_of(h, p));
}

static seldom bool is_in_segment(const struct heap *h, size_t i)
{
    for (unsigned k = 0; k < h->nsegments; k++)
        if (i >= h->segment[k].first && i < h->segment[k].fence)
            return true;
    return false;
}

static bool is_mapped(const struct heap *h, size_t i, size_t n)
{
    return n * GRAIN >= MAP_MIN / 2 && (i & (PAGE / GRAIN - 1)) == 0 &&
           !is_in_segment(h, i);
}

internal bool __heap_is_mapped(const struct heap *h, size_t i)
{
    return is_mapped(h, i, __heap_length(h, i));
}

/* Say what is wrong with p, which somebody wants to free or resize. */
static cold _Noreturn void die_of(const struct heap *h, const void *p)
{
    const char *what = "invalid pointer (not from malloc)";

    if (((uintptr_t)p & (GRAIN - 1)) != 0)
        what = "invalid pointer (not aligned)";
    else if (h->is_ready && is_covered(h, p)) {
        if (is_idle(h, grain_of(h, p)))
            what = "double free, or a pointer into a free block";
        else if (is_in_segment(h, grain_of(h, p)))
            what = "invalid pointer (inside a block or freed)";
    }
    __heap_die(what, p);
}

static seldom void free_mapped(struct heap *h, size_t i, size_t n)
{
    int saved = errno;

    __heap_unmark(h, i, n);
    __os_unmap(grain_at(h, i), n << GRAIN_SHIFT);
    h->nmapped--;
    h->mapped_bytes -= n << GRAIN_SHIFT;
    errno = saved;
}

/* Free the live block of n granules at i. */
internal void __heap_release(struct heap *h, size_t i, size_t n)
{
    if (n <= LONG) {
        bit_set(h->idle, i);
        push(h, &h->bins[n], grain_at(h, i));
    } else {
        h->nblocks--;
        if (is_mapped(h, i, n)) {
            free_mapped(h, i, n);
        } else {
            __heap_unmark(h, i, n);
            __heap_give(h, i, n);
        }
    }
    if (--h->spare < 0)
        __heap_free_event(h);
}

internal void __heap_free(struct heap *h, void *p)
{
    size_t i = grain_of(h, p);

    if (!__heap_is_block(h, p))
        die_of(h, p);
    __heap_release(h, i, __heap_length(h, i));
}

/* ---- realloc --------------------------------------------------------------*/

static seldom void *resize_mapped(struct heap *h, size_t i, size_t old,
                                  size_t n)
{
    size_t room = ((n << GRAIN_SHIFT) + PAGE - 1) & -PAGE, to;
    int saved = errno;
    void *p;

    if (room == old << GRAIN_SHIFT)
        return grain_at(h, i);
    p = __os_remap(grain_at(h, i), old << GRAIN_SHIFT, room, NULL);
    errno = saved;
    if (p == NULL)
        return NULL;
    to = grain_of(h, p);
    /* The map where it went cannot be had: rare, and then it moves back. */
    if (to != i && !__map_commit(h, to, to + 2 * LONG)) {
        __os_remap(p, room, old << GRAIN_SHIFT, grain_at(h, i));
        errno = saved;
        return NULL;
    }
    __heap_unmark(h, i, old);
    __heap_mark(h, to, room >> GRAIN_SHIFT);
    if (to < h->mapped_low)
        h->mapped_low = to;
    h->mapped_bytes += room - (old << GRAIN_SHIFT);
    return p;
}

/*
 * If the block at i is one that its bin would give next, take it out of there:
 * its length, and it is not marked any more.  Blocks of a batch lie side by
 * side in this order, so a block that changes its length has such neighbours.
 */
static size_t absorb_kept(struct heap *h, size_t i)
{
    struct cached *c = grain_at(h, i);
    size_t n;

    if (i == h->top || !is_idle(h, i))
        return 0;
    n = __heap_length(h, i);
    if (n == 0 || n > LONG || h->bins[n] != c)
        return 0;
    h->bins[n] = (struct cached *)(c->link ^ h->key);
    h->nblocks--;
    bit_clear(h->start, i);
    bit_clear(h->idle, i);
    return n;
}

/* What may be added to a block that ends at i, if it is n granules or more. */
static size_t absorb(struct heap *h, size_t i, size_t n)
{
    size_t have = 0, more;

    while (have < n && (more = absorb_kept(h, i + have)) != 0)
        have += more;
    if (have < n && i + have != h->top && __heap_is_run(h, i + have, &more)) {
        __run_remove(h, i + have, more);
        have += more;
    }
    if (have >= n)
        return have;
    if (have > 0)
        __heap_give(h, i, have);
    return 0;
}

/* Try to add to block i what follows it. */
static bool extend(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t next = i + old, more = n - old;
    bool is_zero;

    if (next == h->top) {
        if (h->top_end - next <= more &&
            (!__top_grow(h, more) || h->top != next))
            return false;
        cut_top(h, more, &is_zero);
    } else {
        more = absorb(h, next, more);
        if (more == 0)
            return false;
    }
    __heap_unmark(h, i, old);
    __heap_mark(h, i, n);
    if (old + more > n)
        __heap_give(h, i + n, old + more - n);
    return true;
}

static void shrink(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t end = i + old, more;

    __heap_unmark(h, i, old);
    __heap_mark(h, i, n);
    /*
     * Many blocks made shorter must not leave as many holes; and the next of
     * this length will be made shorter too, so it is cut alone.
     */
    while ((more = absorb_kept(h, end)) != 0)
        end += more;
    if (old <= LONG)
        h->batch[old] = 0;
    __heap_give(h, i + n, end - i - n);
}

/* A new place for the block, its content copied; NULL leaves all as it was. */
static void *move(struct heap *h, size_t i, size_t old, size_t nbytes)
{
    size_t room = old << GRAIN_SHIFT, n = grains_for(nbytes);
    void *p = NULL, *from = grain_at(h, i);
    bool is_zero;

    /* A mapping can grow without being copied again. */
    if (nbytes >= MAP_MIN / 2 && nbytes > room)
        p = alloc_mapped(h, nbytes);
    if (p == NULL)
        p = __heap_alloc(h, nbytes, &is_zero);
    if (p == NULL)
        return NULL;
    copy_grains(p, from, n < old ? n : old);
    __heap_release(h, i, old);
    return p;
}

internal void *__heap_resize(struct heap *h, void *p, size_t nbytes)
{
    size_t i = grain_of(h, p), n = grains_for(nbytes), old;
    void *q;

    if (!__heap_is_block(h, p))
        die_of(h, p);
    if (nbytes > REQUEST_MAX)
        return NULL;
    old = __heap_length(h, i);
    if (n == old)
        return p;
    if (is_mapped(h, i, old)) {
        q = nbytes >= MAP_MIN / 2 ? resize_mapped(h, i, old, n) : NULL;
        return q != NULL ? q : move(h, i, old, nbytes);
    }
    if (n < old) {
        shrink(h, i, old, n);
        return p;
    }
    return extend(h, i, old, n) ? p : move(h, i, old, nbytes);
}

internal size_t __heap_usable(const struct heap *h, const void *p)
{
    if (!__heap_is_block(h, p))
        die_of(h, p);
    return __heap_length(h, grain_of(h, p)) << GRAIN_SHIFT;
}
