/*
 * The heap behind the fast paths: allocation, free and resizing.
 *
 * A small request is served from the bin of its length.  An empty bin is
 * refilled by a batch cut from one hole, or from the top; freed small blocks go
 * to the bin as they are.  Longer blocks are cut from a hole, or from the top,
 * and joined with their neighbours when freed.  Each refill that finds no hole
 * does a step of a pass, if there is one.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"

struct heap __heap;

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

/* What is cut off the top at a time for small blocks. */
#define SPOT 64

/* A hole of n granules and more, if need be after the next step of a pass. */
static size_t take_hole(struct heap *h, size_t n, size_t *length)
{
    size_t i, room;

    if (h->cursor != 0)
        __pass_step(h);
    i = __bin_take(h, n, length);
    if (i != 0)
        return i;
    room = h->top_end - h->top;
    if (room <= n)
        __heap_end_kept(h, 3);
    if (__pass_is_due(h, room > n ? room - n : 0))
        __pass_begin(h);
    if (room > n)
        return 0;
    i = __bin_take(h, n, length);
    if (i != 0 || h->cursor == 0 || h->top_end - h->top > n)
        return i;
    __pass_step(h);
    return __bin_take(h, n, length);
}

/*
 * n granules or, from a hole, more: *length.  They are not marked.  0 when
 * there is no memory.
 */
static size_t take(struct heap *h, size_t n, size_t *length, bool *is_zero)
{
    size_t i = h->nsegments == 0 ? 0 : take_hole(h, n, length);

    *is_zero = false;
    if (i != 0)
        return i;
    if (h->top_end - h->top <= n && !__top_grow(h, n)) {
        if (h->nsegments == 0)
            return 0;
        /* The last resort. */
        __pass_all(h);
        i = __bin_take(h, n, length);
        if (i != 0 || h->top_end - h->top <= n)
            return i;
    }
    *length = n;
    if (n <= SMALL && h->spot == 0 && h->cursor == 0 && !h->is_checking &&
        h->top_end - h->top > n + SPOT) {
        i = cut_top(h, n + SPOT, is_zero);
        __bin_put_spot(h, i + n, SPOT);
        return i;
    }
    return cut_top(h, n, is_zero);
}

/* ---- blocks that are kept as they are ------------------------------------*/

internal void __heap_end_kept(struct heap *h, int joined)
{
    size_t i, n;

    for (unsigned k = 0; k < KEPT; k++) {
        i = h->kept[k].i;
        n = h->kept[k].n;
        if (i == 0)
            continue;
        h->kept[k].i = h->kept[k].n = 0;
        map_unmark(h, i);
        if (joined == 0) {
            __bin_put(h, i, n);
            continue;
        }
        __bin_give(h, i, n);
        if (--joined == 0)
            return;
    }
}

/* Keep the block of n granules at i, which is not live any more. */
static void keep(struct heap *h, size_t i, size_t n)
{
    struct kept old = h->kept[n % KEPT];

    h->kept[n % KEPT] = (struct kept){i, n};
    /* No edge. */
    hole_at(h, i)->next = 0;
    hole_at(h, i)->is_dropped = false;
    if (old.i == 0)
        return;
    map_unmark(h, old.i);
    __bin_give(h, old.i, old.n);
}

/* A kept block of n granules, live again, or 0. */
static size_t take_kept(struct heap *h, size_t n)
{
    struct kept *kept = &h->kept[n % KEPT];
    size_t i = kept->i;

    if (kept->n != n)
        return 0;
    kept->i = kept->n = 0;
    bit_set(h->live, i);
    h->nblocks++;
    h->spare++;
    return i;
}

/* ---- malloc ---------------------------------------------------------------*/

/* Where a batch stops to grow, in granules: in a small heap, and in others. */
#define BATCH_SMALL 32
#define BATCH       64
#define BATCH_HEAP  16384

/* Cut n granules at a time off [i, i + count * n), for their bin. */
static void cut(struct heap *h, size_t i, size_t n, size_t count)
{
    size_t key = h->key, next = h->bin[n], step = n << GRAIN_SHIFT;
    uint32_t *start = h->start;
    char *at;

    h->nblocks += count;
    i += count * n;
    at = grain_at(h, i);
    /* From the last to the first, which is then the next to be used. */
    do {
        i -= n;
        at -= step;
        bit_set(start, i);
        ((struct hole *)at)->next = i ^ next ^ key;
        next = i;
    } while (--count > 0);
    h->bin[n] = i;
}

/*
 * A longer spot: for blocks that are cut alone, because their length is new or
 * they are about to be made shorter.  It is to be long, so that what they give
 * back is again part of it: a hole that is not small, or from the top.
 */
static void renew_spot(struct heap *h)
{
    size_t i, n;
    bool is_zero;

    if (h->cursor != 0)
        __pass_step(h);
    i = __bin_take_long(h, &n);
    if (i == 0) {
        n = SPOT;
        if (h->top_end - h->top <= n || h->cursor != 0)
            return;
        i = cut_top(h, n, &is_zero);
        if (h->spot_end == i) {
            h->spot_end += n;
            return;
        }
    }
    if (is_ahead(h, i)) {
        __bin_put(h, i, n);
    } else {
        __bin_end_spot(h);
        __bin_put_spot(h, i, n);
    }
}

/*
 * A live block of n granules, and some more for its bin: more at a time the
 * more are wanted.
 */
static void *refill(struct heap *h, size_t n)
{
    size_t want = h->batch[n] | 1, i, have, count;
    bool is_zero;

    if (h->batch[n] <= 1 && h->nsegments > 0 && h->spot_end - h->spot <= n)
        renew_spot(h);
    if (spot_is_for(h, n))
        return spot_alloc(h, n);
    if (want * n < (h->ngrains < BATCH_HEAP ? BATCH_SMALL : BATCH))
        h->batch[n] = (uint8_t)(want * 2);
    i = take(h, n, &have, &is_zero);
    if (i == 0)
        return NULL;
    /* Ahead of the cursor there are no bins; else up to where a unit ends. */
    if (is_ahead(h, i))
        want = 1;
    else if (want * n >= (h->ngrains < SMALL_HEAP ? UNIT / 2 : UNIT / 4))
        want = (UNIT - (i & (UNIT - 1)) + n - 1) / n;
    if (have == n && (i + n == h->top || i + n == h->spot)) {
        /* As many as wanted and there. */
        have = i + n == h->top ? h->top_end - h->top : h->spot_end - h->spot;
        count = (have - 1) / n + 1;
        count = count < want ? count : want;
        have = count * n;
        if (count > 1 && i + n == h->top)
            cut_top(h, have - n, &is_zero);
        else if (count > 1)
            spot_move(h, i + have);
    } else {
        count = have / n;
        if (count > want && (have > SMALL || want == 1))
            count = want;
    }
    if (have > count * n) {
        __bin_end_spot(h);
        __bin_put_spot(h, i + count * n, have - count * n);
    }
    bit_set(h->start, i);
    bit_set(h->live, i);
    h->nblocks++;
    h->spare++;
    if (count > 1)
        cut(h, i + n, n, count - 1);
    __map_hint(h, i, n, count);
    return grain_at(h, i);
}

static void *alloc_small(struct heap *h, size_t n)
{
    size_t i = h->bin[n] == EMPTY ? 0 : __bin_pop(h, n);

    if (i == 0)
        return refill(h, n);
    bit_set(h->live, i);
    h->spare++;
    return grain_at(h, i);
}

/* n granules that are marked as one live block; what is over goes back. */
static size_t take_exact(struct heap *h, size_t n, bool *is_zero)
{
    size_t have, i = 0;

    *is_zero = false;
    if (h->cursor == 0 && n > KEPT_MAX && (i = __bin_cut(h, n)) != 0)
        return i;
    i = take(h, n, &have, is_zero);
    if (i == 0)
        return 0;
    map_mark(h, i, n);
    bit_set(h->live, i);
    if (have > n)
        __bin_put(h, i + n, have - n);
    return i;
}

static size_t alloc_exact(struct heap *h, size_t n, bool *is_zero)
{
    size_t i = take_exact(h, n, is_zero);

    if (i == 0)
        return 0;
    h->nblocks++;
    h->spare++;
    __pass_raise_low(h);
    return i;
}

internal seldom size_t __heap_take_own(struct heap *h, size_t n)
{
    bool is_zero;

    return take_exact(h, n, &is_zero);
}

internal seldom void __heap_give_own(struct heap *h, size_t i)
{
    size_t n = __map_length(h, i);

    bit_clear(h->live, i);
    map_unmark(h, i);
    __bin_put(h, i, n);
}

internal seldom bool __heap_ready(struct heap *h)
{
    if (h->is_ready)
        return true;
    fill_words(h->bin, (SMALL + 1) * sizeof h->bin[0] / 4, 0xffffffffu);
    /* Requests of no bytes go the slow way. */
    h->batch[0] = UINT8_MAX;
    h->live = h->first_live;
    h->start = h->first_start;
    h->hint = h->first_hint;
    h->cover = FIRST_COVER;
    h->table = h->first_table;
    h->room = FIRST_TABLE;
    h->slack = (size_t)256 << 10;
    h->trimmed = SIZE_MAX;
    h->low = -(1L << 30);
    h->spare = -h->low - 1;
    h->key = __os_random();
    h->is_ready = true;
    return true;
}

/* *is_zero: whether the block is known to be all zeros. */
internal void *__heap_alloc(struct heap *h, size_t nbytes, bool *is_zero)
{
    size_t n = grains_for(nbytes), i;
    void *p;

    *is_zero = false;
    if (nbytes > REQUEST_MAX)
        return NULL;
    if (nbytes == 0 && (p = __zero_alloc(h)) != NULL)
        return p;
    if (n <= SMALL)
        return alloc_small(h, n);
    if (nbytes >= (h->is_checking ? MAP_MIN / 2 : MAP_MIN)) {
        p = __big_alloc(h, nbytes);
        *is_zero = p != NULL;
        if (p != NULL)
            return p;
    }
    i = n <= KEPT_MAX ? take_kept(h, n) : 0;
    if (i == 0)
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
    bit_clear(h->live, i);
    map_unmark(h, i);
    head = -((uintptr_t)grain_at(h, i) >> GRAIN_SHIFT) & (a - 1);
    map_mark(h, i + head, n);
    bit_set(h->live, i + head);
    if (head > 0)
        __bin_give(h, i, head);
    if (a - 1 > head)
        __bin_give(h, i + head + n, a - 1 - head);
    return grain_at(h, i + head);
}

/* ---- what a pointer is ----------------------------------------------------*/

static bool is_block(const struct heap *h, const void *p)
{
    size_t i = grain_of(h, p);

    return is_live(h, i) && !is_own(h, i);
}

static seldom bool is_in_segment(const struct heap *h, size_t i)
{
    for (unsigned k = 0; k < h->nsegments; k++)
        if (i >= h->segment[k].first && i < h->segment[k].fence)
            return true;
    return false;
}

/* Say what is wrong with p, which somebody wants to free or resize. */
static cold _Noreturn void die_of(const struct heap *h, const void *p)
{
    size_t i = ((uintptr_t)p - h->base) >> GRAIN_SHIFT, start;

    for (unsigned k = 0; k < UNMAPPED; k++)
        if (p != NULL && (uintptr_t)p == h->unmapped[k])
            __heap_die("double free of a mapping", p);
    if (!is_in_segment(h, i) || (i >= h->top && i < h->top_end))
        __heap_die(((uintptr_t)p & (GRAIN - 1)) != 0
                       ? "invalid pointer (not aligned)"
                       : "invalid pointer (not from malloc)",
                   p);
    start = is_start(h, i) ? i : __map_before(h, i);
    if (!is_live(h, start))
        __heap_die_in("double free, or a pointer into a free block", p,
                      grain_at(h, start), __map_length(h, start) * GRAIN);
    __heap_die_in(((uintptr_t)p & (GRAIN - 1)) != 0
                      ? "invalid pointer (not aligned, inside a block)"
                      : "invalid pointer (inside a block)",
                  p, grain_at(h, start), __map_length(h, start) * GRAIN);
}

/* ---- free -----------------------------------------------------------------*/

internal void __heap_release(struct heap *h, size_t i, size_t n)
{
    if (n > SMALL) {
        h->nblocks--;
        if (n <= KEPT_MAX && h->cursor == 0) {
            keep(h, i, n);
        } else {
            map_unmark(h, i);
            __bin_give(h, i, n);
        }
    } else if (is_ahead(h, i)) {
        h->nblocks--;
        hole_at(h, i)->next = 0;
    } else {
        bin_push(h, i, n);
    }
    if (--h->spare < 0)
        __pass_free_event(h);
}

static void release(struct heap *h, size_t i, size_t n)
{
    bit_clear(h->live, i);
    __heap_release(h, i, n);
}

internal void __heap_free(struct heap *h, void *p)
{
    size_t i = grain_of(h, p);
    struct mapping *m;

    if (is_block(h, p))
        release(h, i, __map_length(h, i));
    else if (__zero_has(h, p))
        __zero_free(h, p);
    else if ((m = __big_find(h, p)) != NULL)
        __big_free(h, m);
    else
        die_of(h, p);
}

/* ---- realloc --------------------------------------------------------------*/

/* How many holes behind a block may be added to it. */
#define ADDED 4

/* Holes that follow the block before i: granules, at least n of them or 0. */
static size_t find_behind(const struct heap *h, size_t i, size_t n)
{
    size_t have = 0;

    for (int k = ADDED; k > 0 && have < n; k--) {
        if (is_ahead(h, i + have) || !is_hole(h, i + have))
            return 0;
        have += __map_length(h, i + have);
    }
    return have >= n ? have : 0;
}

/* Take out holes of n granules from i on: false if not all can be. */
static bool claim(struct heap *h, size_t i, size_t n)
{
    size_t have = 0, more;

    for (; have < n; have += more) {
        more = __map_length(h, i + have);
        if (__bin_remove(h, i + have, more))
            continue;
        if (have > 0)
            __bin_put(h, i, have);
        return false;
    }
    return true;
}

static bool extend_into_top(struct heap *h, size_t more)
{
    size_t top = h->top;
    bool is_zero, is_at_cursor;

    if (h->top_end - top <= more) {
        bool is_ok;

        h->is_extending = true;
        is_ok = __top_grow(h, more);
        h->is_extending = false;
        if (!is_ok || h->top != top)
            return false;
    }
    is_at_cursor = h->cursor == top;
    cut_top(h, more, &is_zero);
    if (is_at_cursor) {
        h->cursor = h->top;
        __pass_set_limit(h);
    }
    return true;
}

/* Try to add to block i what follows it. */
static bool extend(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t next = i + old, more = n - old;

    if (next == h->spot && h->spot_end == h->top &&
        h->spot_end - next <= more) {
        __bin_remove(h, next, h->spot_end - next);
        __top_move(h, next);
    }
    if (next == h->top) {
        if (!extend_into_top(h, more))
            return false;
    } else if (next == h->spot && h->spot_end - next > more) {
        spot_move(h, i + n);
    } else {
        more = find_behind(h, next, more);
        if (more == 0 || !claim(h, next, more))
            return false;
    }
    map_unmark(h, i);
    map_mark(h, i, n);
    if (old + more > n)
        __bin_put(h, i + n, old + more - n);
    return true;
}

static void shrink(struct heap *h, size_t i, size_t old, size_t n)
{
    map_unmark(h, i);
    map_mark(h, i, n);
    __bin_give(h, i + n, old - n);
}

/* A longer place for the block, its content copied; NULL: all is as it was. */
static void *move(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t nbytes = n << GRAIN_SHIFT;
    void *p = NULL;
    bool is_zero;

    /* A mapping can grow without being copied again. */
    if (nbytes >= MAP_MIN / 2)
        p = __big_alloc(h, nbytes);
    if (p == NULL)
        p = __heap_alloc(h, nbytes, &is_zero);
    if (p == NULL)
        return NULL;
    copy_grains(p, grain_at(h, i), old);
    release(h, i, old);
    return p;
}

/* A mapping that becomes so short that it is to be one no more. */
static seldom void *unmap(struct heap *h, void *p, size_t nbytes)
{
    bool is_zero;
    void *q = __heap_alloc(h, nbytes, &is_zero);

    if (q == NULL)
        return NULL;
    copy_grains(q, p, grains_for(nbytes));
    __big_free(h, __big_find(h, p));
    return q;
}

/* One of the two is a block of no bytes: nothing is copied. */
static seldom void *replace(struct heap *h, void *p, size_t nbytes)
{
    bool is_zero;
    void *q;

    if (nbytes == 0 && __zero_has(h, p))
        return p;
    q = __heap_alloc(h, nbytes, &is_zero);
    if (q != NULL)
        __heap_free(h, p);
    return q;
}

internal void *__heap_resize(struct heap *h, void *p, size_t nbytes)
{
    struct mapping *m;

    if (nbytes == 0 || __zero_has(h, p))
        return replace(h, p, nbytes);
    if (!is_block(h, p)) {
        m = __big_find(h, p);
        if (m == NULL)
            die_of(h, p);
        if (nbytes > REQUEST_MAX)
            return NULL;
        return nbytes >= MAP_MIN / 2 ? __big_resize(h, m, nbytes)
                                     : unmap(h, p, nbytes);
    }
    if (nbytes > REQUEST_MAX)
        return NULL;
    return __heap_resize_to(p, grains_for(nbytes),
                            __map_length(h, grain_of(h, p)));
}

/* The live block i of `old` granules goes to the spot, or to its bin. */
static void free_small(struct heap *h, size_t i, size_t old)
{
    bit_clear(h->live, i);
    if (i + old == h->spot) {
        spot_move(h, i);
        h->nblocks--;
    } else {
        bin_push(h, i, old);
    }
}

/*
 * A small block becomes shorter.  Programs take long ones for a line or a
 * string and shorten them to what they need: the long ones are to stay as they
 * are and be used for the next line, so the content moves into a hole that is
 * short, if there is one; else the rest becomes part of the spot.
 */
static void *shrink_small(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t j = h->bin[n];
    void *p = grain_at(h, i);

    h->batch[old] = 0;
    if (j < h->limit && !bit_set(h->live, j)) {
        h->bin[n] = hole_at(h, j)->next ^ j ^ h->key;
    } else if (i + old == h->spot) {
        if (h->hint[i >> UNIT_SHIFT] != n)
            h->hint[i >> UNIT_SHIFT] = 0;
        spot_move(h, i + n);
        return p;
    } else if (n <= old / 2 && spot_is_for(h, n)) {
        j = grain_of(h, spot_alloc(h, n));
        h->spare--;
    } else {
        shrink(h, i, old, n);
        return p;
    }
    copy_grains(grain_at(h, j), p, n);
    free_small(h, i, old);
    return grain_at(h, j);
}

/* Numbers of granules: one from a request, at most 2^27, and the present one. */
internal void *__heap_resize_to(void *p, size_t n, size_t old)
{
    struct heap *h = &__heap;
    size_t i = grain_of(h, p);

    if (n > old)
        return extend(h, i, old, n) ? p : move(h, i, old, n);
    if (n < old && old <= SMALL && !is_ahead(h, i))
        return shrink_small(h, i, old, n);
    if (n < old)
        shrink(h, i, old, n);
    return p;
}

internal size_t __heap_usable(const struct heap *h, const void *p)
{
    struct mapping *m;

    if (is_block(h, p))
        return __map_length(h, grain_of(h, p)) << GRAIN_SHIFT;
    if (__zero_has(h, p))
        return 0;
    m = __big_find(h, p);
    if (m == NULL)
        die_of(h, p);
    return m->nbytes;
}
