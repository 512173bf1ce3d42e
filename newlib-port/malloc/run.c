/*
 * Runs: free blocks that were joined, in lists by length.
 *
 * There is one list for each length below LONG, then eight for each power of
 * two.  The links lie in the run itself and are not believed: what they lead to
 * must be a free block that leads back.
 */
#include "internal.h"

static unsigned list_of(size_t n)
{
    unsigned msb;

    if (n < LONG)
        return n;
    msb = 31 - __builtin_clz((uint32_t)n);
    return LONG + (msb - 6) * 8 + ((n >> (msb - 3)) & 7);
}

static bool is_linked(const struct heap *h, const struct run *r)
{
    return is_covered(h, r) && is_idle(h, grain_of(h, r));
}

internal void __run_insert(struct heap *h, size_t i, size_t n)
{
    unsigned k = list_of(n);
    struct run *r = grain_at(h, i), *head = h->list[k];

    __heap_mark(h, i, n);
    bit_set(h->idle, i);
    bit_set(h->idle, i + n - 1);
    ((size_t *)grain_at(h, i + n))[-1] = n;
    r->n = n;
    if (n >= DROP_MIN)
        r->is_dropped = false;
    r->next = head;
    r->prev = NULL;
    h->list[k] = r;
    if (head != NULL) {
        head->prev = r;
    } else {
        h->filled[k / 32] |= 1u << (k & 31);
        h->any |= 1u << (k / 32);
    }
}

static void unlink_run(struct heap *h, struct run *r, unsigned k)
{
    struct run *next = r->next, *prev = r->prev;

    if ((next != NULL && (!is_linked(h, next) || next->prev != r)) ||
        (prev != NULL ? !is_linked(h, prev) || prev->next != r
                      : h->list[k] != r))
        __heap_die("corrupted free list", r);
    if (next != NULL)
        next->prev = prev;
    if (prev != NULL) {
        prev->next = next;
        return;
    }
    h->list[k] = next;
    if (next != NULL)
        return;
    h->filled[k / 32] &= ~(1u << (k & 31));
    if (h->filled[k / 32] == 0)
        h->any &= ~(1u << (k / 32));
}

static void unmark_run(struct heap *h, size_t i, size_t n)
{
    __heap_unmark(h, i, n);
    bit_clear(h->idle, i);
    bit_clear(h->idle, i + n - 1);
}

internal void __run_remove(struct heap *h, size_t i, size_t n)
{
    unlink_run(h, grain_at(h, i), list_of(n));
    unmark_run(h, i, n);
}

/* The first filled list from k on, or FREE_LISTS. */
static unsigned list_next(const struct heap *h, unsigned k)
{
    uint32_t bits = h->filled[k / 32] & ~0u << (k & 31);

    if (bits != 0)
        return (k & ~31u) + __builtin_ctz(bits);
    bits = h->any & (~1u << k / 32);
    if (bits == 0)
        return FREE_LISTS;
    k = __builtin_ctz(bits);
    return k * 32 + __builtin_ctz(h->filled[k]);
}

/* The best of the first few of list k; NULL when none is long enough. */
static struct run *list_best(const struct heap *h, unsigned k, size_t n)
{
    struct run *r = h->list[k], *best = NULL;

    for (int tries = 8; tries > 0 && r != NULL; tries--, r = r->next) {
        if (!is_linked(h, r))
            __heap_die("corrupted free list", r);
        if (r->n >= n && (best == NULL || r->n < best->n))
            best = r;
    }
    return best;
}

internal size_t __run_take(struct heap *h, size_t n, size_t *length)
{
    unsigned k = list_next(h, list_of(n));
    struct run *r = NULL;
    size_t i;

    /* In one of the first lists, all are of one length. */
    if (k < LONG)
        r = h->list[k];
    for (; r == NULL && k < FREE_LISTS; k = list_next(h, k + 1))
        if ((r = list_best(h, k, n)) != NULL)
            break;
    if (r == NULL)
        return 0;
    i = grain_of(h, r);
    n = r->n;
    if (n >= h->limit - i || !bit_get(h->idle, i + n - 1) ||
        !bit_get(h->start, i + n))
        __heap_die("corrupted free block", r);
    unlink_run(h, r, k);
    unmark_run(h, i, n);
    *length = n;
    return i;
}
