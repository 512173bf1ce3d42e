/*
 * The pass: holes that touch become one, a few at each call.
 *
 * malloc and free of small blocks look at no neighbours, which is what makes
 * them short.  A pass joins what they left.  It throws the bins of small holes
 * away and makes them again from the map, from the heap's first block to its
 * last:
 *
 *     behind the cursor           | ahead of it
 *     holes are joined and in     | small holes are in no bin; a block freed
 *     bins, all is as usual       | here is only marked; nothing is joined
 *
 * A step of it comes with each refill of a bin, and with some frees; the fast
 * paths of malloc and free go on behind the cursor.  A pass begins when live
 * blocks fell to an eighth, and then gives pages back as well, and before the
 * heap grows while a good part of it waits in bins.
 */
#include <string.h>
#include "internal.h"

#define NO_LOW (-(1L << 30))
/* The work of one step, in words of the map that are looked at. */
#define STEP 24

internal void __pass_set_limit(struct heap *h)
{
    bool is_fast =
        h->is_ready && !h->is_checking && !h->is_tracing && !h->is_locking;

    h->limit = !is_fast ? 0 : h->cursor != 0 ? h->cursor : h->cover;
}

/* Where the blocks of segment k end. */
static size_t end_of(const struct heap *h, unsigned k)
{
    return k == h->newest ? h->top : h->segment[k].fence;
}

internal bool __pass_is_due(const struct heap *h, size_t room)
{
    long waiting = h->nblocks - live_count(h) - h->lone;

    if (room > h->ngrains / 8 || (room > 0 && waiting < h->nblocks / 2))
        return false;
    return h->cursor == 0 && h->ngrains > SMALL_HEAP / 2 &&
           waiting > 32 + (long)(h->ngrains >> 9) && waiting > h->nblocks / 16;
}

/* Four at a time; that of no bytes stays more than 1. */
static void halve_batches(struct heap *h)
{
    uint32_t four;

    for (unsigned n = 0; n < SMALL; n += sizeof four) {
        memcpy(&four, &h->batch[n], sizeof four);
        four = four >> 1 & 0x7f7f7f7fu;
        memcpy(&h->batch[n], &four, sizeof four);
    }
    h->batch[SMALL] >>= 1;
    h->batch[0] = UINT8_MAX;
}

internal void __pass_begin(struct heap *h)
{
    __bin_end_spot(h);
    __bin_forget(h);
    halve_batches(h);
    h->nblocks = live_count(h);
    h->lone = 0;
    h->is_releasing = false;
    h->cursor = h->segment[0].first;
    __pass_set_limit(h);
}

static void finish(struct heap *h)
{
    h->cursor = 0;
    __pass_set_limit(h);
    if (!h->is_releasing)
        return;
    __top_trim(h, 8 * PAGE);
    __top_drop(h);
}

/* The first hole at or after block i, or where the budget ends a block. */
static size_t find_hole(const struct heap *h, size_t i, int *budget)
{
    size_t k = i >> 5;
    uint32_t ours = ~0u << (i & 31), starts, holes;

    for (;;) {
        starts = h->start[k] & ours;
        holes = starts & ~h->live[k];
        if (holes != 0)
            return k * 32 + __builtin_ctz(holes);
        i = k++ * 32 + 31 - __builtin_clz(starts);
        ours = ~0u;
        /* On to the end of a block that the next word is inside of. */
        if (h->start[k] == 0 || --*budget <= 0) {
            i += __map_length(h, i);
            k = i >> 5;
            ours = ~0u << (i & 31);
            if (--*budget <= 0)
                return i;
        }
    }
}

/* A hole that may not be small is about to be part of another. */
static size_t swallow(struct heap *h, size_t i)
{
    size_t n = __map_length(h, i);

    if (n > SMALL)
        __bin_unlink(h, i, n);
    return i + n;
}

/* Unmark the holes from i on; where they, or with the budget a hole, ends. */
static size_t clear_holes(struct heap *h, size_t i, size_t end, int *budget)
{
    size_t k = i >> 5, last = i;
    uint32_t ours = ~0u << (i & 31), live, starts;

    for (;; --*budget) {
        live = h->live[k] & ours;
        if (live != 0)
            ours &= (live & -live) - 1;
        if (k == end >> 5)
            ours &= ~(~0u << (end & 31));
        starts = h->start[k] & ours;
        h->start[k] &= ~ours;
        if (starts != 0)
            last = k * 32 + 31 - __builtin_clz(starts);
        if (live != 0 || k == end >> 5 || *budget <= 0)
            return swallow(h, last);
        ours = ~0u;
        k++;
        if (h->start[k] == 0) {
            last = swallow(h, last);
            k = last >> 5;
            ours = ~0u << (last & 31);
            if (last == end || bit_get(h->live, last))
                return last;
            *budget -= 4;
        }
    }
}

/* A hole that has no neighbour goes to its bin. */
static void put_lone(struct heap *h, size_t i, size_t n)
{
    if (n <= SMALL) {
        bin_push(h, i, n);
        h->nblocks++;
        h->lone++;
    } else if (n >= DROP_MIN && h->is_releasing) {
        __top_drop_hole(h, i, n);
    }
}

/* The length of hole i if a live block follows in the same word, or 0. */
static size_t lone_length(const struct heap *h, size_t i)
{
    size_t k = i >> 5, bit = i & 31;
    uint32_t starts = h->start[k] & (~1u << bit);

    if ((starts & -starts & h->live[k]) == 0)
        return 0;
    return __builtin_ctz(starts) - bit;
}

/* Join hole i with those that follow it.  Where to go on. */
static size_t join(struct heap *h, size_t i, size_t end, int *budget)
{
    size_t n = __map_length(h, i), next = i + n;
    bool is_whole;

    *budget -= 4;
    if (next == end ? end != h->top : bit_get(h->live, next)) {
        put_lone(h, i, n);
        return next;
    }
    next = clear_holes(h, i, end, budget);
    *budget -= 4;
    if (next == h->top && next == end) {
        h->cursor = i;
        __top_move(h, i);
        return i;
    }
    /* Where the budget ended, the next step goes on at i. */
    is_whole = next == end || bit_get(h->live, next);
    h->cursor = is_whole ? next : i;
    n = next - i;
    __bin_put(h, i, n);
    if (is_whole && h->is_releasing && n >= DROP_MIN)
        __top_drop_hole(h, i, n);
    return h->cursor;
}

static unsigned segment_of(const struct heap *h, size_t i)
{
    unsigned k = 0;

    while (k < h->nsegments && i > end_of(h, k))
        k++;
    return k;
}

static void step(struct heap *h, int budget)
{
    size_t i = h->cursor, end, n;
    unsigned k = segment_of(h, i);

    while (k < h->nsegments && budget > 0) {
        end = end_of(h, k);
        if (i < end)
            i = find_hole(h, i, &budget);
        if (i < end && budget > 0 && (n = lone_length(h, i)) != 0) {
            put_lone(h, i, n);
            h->cursor = i += n;
            budget -= 2;
            continue;
        }
        if (i >= end) {
            if (++k < h->nsegments)
                i = h->segment[k].first;
        } else if (budget > 0) {
            i = join(h, i, end, &budget);
        }
        h->cursor = i;
    }
    if (k >= h->nsegments)
        finish(h);
    else
        __pass_set_limit(h);
}

internal void __pass_step(struct heap *h)
{
    step(h, STEP);
}

internal void __pass_all(struct heap *h)
{
    __pass_begin(h);
    while (h->cursor != 0)
        step(h, 1 << 20);
}

/* ---- when -----------------------------------------------------------------*/

static void set_low(struct heap *h, long low)
{
    h->spare += h->low - low;
    h->low = low;
}

/* The more blocks are live, the higher is the mark for the next pass. */
internal void __pass_raise_low(struct heap *h)
{
    long live = live_count(h);

    if (h->ngrains > SMALL_HEAP && live / 8 > h->low)
        set_low(h, live / 8);
}

/* So many frees from here to the next step that half of them are left then. */
static long until_next(const struct heap *h, long live)
{
    long steps = (h->top - h->cursor) / (16 * STEP) + 1;

    return live / 2 / steps;
}

/* Nothing is live: all that lies between the edges is one hole or two. */
static seldom bool empty(struct heap *h)
{
    size_t first = h->segment[0].first;

    if (h->nsegments != 1 || h->table_block != 0)
        return false;
    __bin_forget(h);
    memset(h->filled, 0, sizeof h->filled);
    memset(h->kept, 0, sizeof h->kept);
    h->spot = h->spot_end = h->cursor = 0;
    h->nblocks = h->lone = 0;
    h->top = __map_empty(h, first);
    if (h->top > first && h->map_block > first)
        __bin_put(h, first, h->map_block - first);
    bit_set(h->start, h->top);
    h->is_releasing = true;
    finish(h);
    return true;
}

internal void __pass_free_event(struct heap *h)
{
    long live = live_count(h), pause;

    if (h->ngrains > SMALL_HEAP && (live != 0 || !empty(h))) {
        if (h->cursor == 0)
            __pass_begin(h);
        h->is_releasing = true;
        step(h, 2 * STEP);
    }
    if (h->cursor != 0 && live > 0) {
        pause = until_next(h, live);
        set_low(h, live - 1 - pause);
    } else if (live == 0 || h->ngrains <= SMALL_HEAP) {
        set_low(h, NO_LOW);
    } else {
        set_low(h, live < 8 ? live - 1 : live < 64 ? live / 2 : live / 4);
    }
}
