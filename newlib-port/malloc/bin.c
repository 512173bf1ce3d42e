/*
 * The holes, in bins by length: one bin for each small length, then eight for
 * each power of two.
 *
 * The bins of small holes are chains, which malloc and free use at one end;
 * what is to be taken out from elsewhere must be near that end.  The others
 * are lists.  No link is believed: it must lead to a hole of the right length
 * or one that leads back.
 */
#include "internal.h"

/* How far a small hole is looked for. */
#define TRIES 8

static unsigned bin_of(size_t n)
{
    unsigned msb;

    if (n <= SMALL)
        return n;
    msb = 31 - __builtin_clz((uint32_t)n);
    return SMALL + 1 + (msb - 6) * 8 + ((n >> (msb - 3)) & 7);
}

static bool is_filled(const struct heap *h, unsigned k)
{
    return h->filled[k / 32] >> (k & 31) & 1;
}

internal unsigned __bin_next(const struct heap *h, unsigned k)
{
    uint32_t bits = h->filled[k / 32] & ~0u << (k & 31);

    while (bits == 0 && (k += 32) < BINS)
        bits = h->filled[k / 32];
    return bits == 0 ? BINS : (k & ~31u) + __builtin_ctz(bits);
}

/* ---- small ones -----------------------------------------------------------*/

static size_t next_of(const struct heap *h, size_t i)
{
    return hole_at(h, i)->next ^ i ^ h->key;
}

static void require_hole(const struct heap *h, size_t i)
{
    if (!is_idle(h, i))
        __heap_die("corrupted free list", grain_at(h, i));
}

internal size_t __bin_pop(struct heap *h, size_t n)
{
    size_t i = h->bin[n];

    if (i == EMPTY)
        return 0;
    require_hole(h, i);
    h->bin[n] = next_of(h, i);
    return i;
}

static bool unchain(struct heap *h, size_t i, size_t n)
{
    size_t at = h->bin[n], next;

    if (at == i) {
        __bin_pop(h, n);
        return true;
    }
    for (int tries = TRIES; tries > 0 && at != EMPTY; tries--, at = next) {
        require_hole(h, at);
        next = next_of(h, at);
        if (next == i) {
            hole_at(h, at)->next = at ^ next_of(h, i) ^ h->key;
            return true;
        }
    }
    return false;
}

internal void __bin_forget(struct heap *h)
{
    for (unsigned n = 0; n <= SMALL; n++)
        h->bin[n] = EMPTY;
    h->filled[0] = h->filled[1] = 0;
    h->filled[2] &= ~1u;
}

/* ---- the others -----------------------------------------------------------*/

static void link(struct heap *h, size_t i, size_t n)
{
    unsigned k = bin_of(n);
    struct hole *hole = hole_at(h, i);

    hole->next = is_filled(h, k) ? h->bin[k] : EMPTY;
    hole->prev = EMPTY;
    hole->n = n;
    if (n >= DROP_MIN)
        hole->is_dropped = false;
    if (hole->next != EMPTY)
        hole_at(h, hole->next)->prev = i;
    h->bin[k] = i;
    h->filled[k / 32] |= 1u << (k & 31);
}

/* Whether `next` is where the list ends, or a hole after i. */
static bool is_after(const struct heap *h, size_t next, size_t i)
{
    return next == EMPTY || (is_idle(h, next) && hole_at(h, next)->prev == i);
}

internal void __bin_unlink(struct heap *h, size_t i, size_t n)
{
    unsigned k = bin_of(n);
    size_t next = hole_at(h, i)->next, prev = hole_at(h, i)->prev;

    if (h->kept[n % KEPT].i == i) {
        h->kept[n % KEPT] = (struct kept){0, 0};
        return;
    }
    if (!is_after(h, next, i) ||
        (h->bin[k] != i && (!is_idle(h, prev) || hole_at(h, prev)->next != i)))
        __heap_die("corrupted free list", grain_at(h, i));
    if (next != EMPTY)
        hole_at(h, next)->prev = prev;
    if (h->bin[k] != i)
        hole_at(h, prev)->next = next;
    else if ((h->bin[k] = next) == EMPTY)
        h->filled[k / 32] &= ~(1u << (k & 31));
}

/* ---- all ------------------------------------------------------------------*/

internal void __bin_put(struct heap *h, size_t i, size_t n)
{
    map_mark(h, i, n);
    if (n > SMALL) {
        link(h, i, n);
    } else if (!is_ahead(h, i)) {
        bin_push(h, i, n);
        h->filled[n / 32] |= 1u << (n & 31);
        h->nblocks++;
    } else {
        /* No edge. */
        hole_at(h, i)->next = 0;
    }
}

/* Only the start of the spot is marked. */
internal void __bin_put_spot(struct heap *h, size_t i, size_t n)
{
    if (h->spot != 0 || is_ahead(h, i)) {
        __bin_put(h, i, n);
        return;
    }
    bit_set(h->start, i);
    h->spot = i;
    h->spot_end = i + n;
}

internal void __bin_end_spot(struct heap *h)
{
    size_t i = h->spot, n = h->spot_end - i;

    h->spot = h->spot_end = 0;
    if (i != 0)
        __bin_put(h, i, n);
}

internal bool __bin_remove(struct heap *h, size_t i, size_t n)
{
    if (i == h->spot) {
        h->spot = h->spot_end = 0;
        bit_clear(h->start, i);
        return true;
    }
    if (n > SMALL) {
        __bin_unlink(h, i, n);
    } else if (!is_ahead(h, i)) {
        if (!unchain(h, i, n))
            return false;
        h->nblocks--;
    }
    map_unmark(h, i);
    return true;
}

/* The best of the first few of bin k; EMPTY when none is long enough. */
static size_t best_of(const struct heap *h, unsigned k, size_t n,
                      size_t *length)
{
    size_t best = EMPTY, have;

    for (size_t i = h->bin[k], tries = 6; tries > 0 && i != EMPTY;
         tries--, i = hole_at(h, i)->next) {
        require_hole(h, i);
        have = hole_at(h, i)->n;
        if (have >= n && (best == EMPTY || have < *length)) {
            best = i;
            *length = have;
        }
    }
    if (best != EMPTY && map_length_long(h, best) != *length)
        __heap_die("corrupted free block", grain_at(h, best));
    return best;
}

/* A small hole of n granules and more. */
static size_t take_small(struct heap *h, size_t n, size_t *length)
{
    uint32_t bits = ~0u << (n & 31);

    for (unsigned w = n / 32; w <= SMALL / 32; w++, bits = ~0u)
        for (bits &= h->filled[w]; bits != 0; bits &= bits - 1) {
            size_t k = w * 32 + __builtin_ctz(bits), i = h->bin[k];

            if (k > SMALL)
                return 0;
            if (i != EMPTY) {
                require_hole(h, i);
                h->bin[k] = next_of(h, i);
                h->nblocks--;
                bit_clear(h->start, i);
                *length = k;
                return i;
            }
            h->filled[w] &= ~(bits & -bits);
        }
    return 0;
}

/* From the spot: n granules and no more. */
static size_t take_spot(struct heap *h, size_t n)
{
    size_t i = h->spot;

    if (h->spot_end - i > n) {
        spot_move(h, i + n);
    } else {
        bit_clear(h->start, i);
        h->spot = h->spot_end = 0;
    }
    return i;
}

static size_t take_large(struct heap *h, size_t n, size_t *length)
{
    size_t i;

    for (unsigned k = bin_of(n <= SMALL ? SMALL + 1 : n);
         (k = __bin_next(h, k)) < BINS; k++) {
        i = best_of(h, k, n, length);
        if (i == EMPTY)
            continue;
        __bin_unlink(h, i, *length);
        map_unmark(h, i);
        return i;
    }
    return 0;
}

internal size_t __bin_cut(struct heap *h, size_t n)
{
    size_t have, i = take_large(h, n, &have);

    if (i == 0)
        return 0;
    bit_set(h->live, i);
    map_mark(h, i, n);
    if (have > n)
        __bin_put(h, i + n, have - n);
    return i;
}

internal size_t __bin_take_long(struct heap *h, size_t *length)
{
    return take_large(h, SMALL + 1, length);
}

internal size_t __bin_take(struct heap *h, size_t n, size_t *length)
{
    size_t i;

    if (n <= SMALL && (h->bin[n] != EMPTY || h->spot == 0)) {
        h->filled[n / 32] |= 1u << (n & 31);
        i = take_small(h, n, length);
        if (i != 0)
            return i;
    }
    if (h->spot_end - h->spot >= n) {
        *length = n;
        return take_spot(h, n);
    }
    i = n <= SMALL && h->spot != 0 ? take_small(h, n, length) : 0;
    return i != 0 ? i : take_large(h, n, length);
}

/* ---- free ------------------------------------------------------------------*/

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

/* How many holes behind a block are joined with it. */
#define JOINED 4

internal void __bin_give(struct heap *h, size_t i, size_t n)
{
    size_t end = i + n, before, more;
    bool is_spot = false;

    if (h->cursor == 0 || end < h->cursor) {
        before =
            n > UNIT * LONG_UNITS ? map_before_long(h, i) : __map_before(h, i);
        is_spot = before == h->spot;
        if (is_hole(h, before) && __bin_remove(h, before, i - before))
            i = before;
        for (int k = JOINED; k > 0 && !is_ahead(h, end) && is_hole(h, end);
             k--, end += more) {
            more = n > UNIT * LONG_UNITS ? map_length_long(h, end)
                                         : __map_length(h, end);
            is_spot = is_spot || end == h->spot;
            if (!__bin_remove(h, end, more))
                break;
        }
    }
    if (end == h->top)
        give_to_top(h, i);
    else if (is_spot)
        __bin_put_spot(h, i, end - i);
    else
        __bin_put(h, i, end - i);
}
