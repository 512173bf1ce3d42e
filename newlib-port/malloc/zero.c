/*
 * Blocks of no bytes: addresses on pages that cannot be touched.
 *
 * A program may compare and free what malloc(0) returns, and nothing else.
 * The pages come with the first such block; a bit says which of their addresses
 * are given out.  They are given out in turn, so that one that was freed does
 * not come again soon.  Where there are no more, or no pages, a block of no
 * bytes is one granule of the heap.
 */
#include <errno.h>
#include "internal.h"

#define ZERO_BYTES (ZERO_BLOCKS * GRAIN)

static seldom bool make_pages(struct heap *h)
{
    int saved = errno;
    void *at = __os_map(ZERO_BYTES);

    errno = saved;
    if (at == NULL)
        return false;
    __os_guard(at, ZERO_BYTES);
    errno = saved;
    h->zero_pages = (uintptr_t)at;
    return true;
}

/* The first number from k on that is not given out; there is one. */
static seldom size_t find_unused(const struct heap *h, size_t k)
{
    uint32_t bits = ~h->zero_used[k / 32] & ~0u << (k & 31);

    while (bits == 0) {
        k = (k / 32 + 1) * 32 % ZERO_BLOCKS;
        bits = ~h->zero_used[k / 32];
    }
    return (k & ~(size_t)31) + __builtin_ctz(bits);
}

internal seldom void *__zero_alloc(struct heap *h)
{
    size_t k;

    if (h->nzero == ZERO_BLOCKS || (h->zero_pages == 0 && !make_pages(h)))
        return NULL;
    k = find_unused(h, h->zero_next);
    bit_set(h->zero_used, k);
    h->zero_next = (k + 1) % ZERO_BLOCKS;
    h->nzero++;
    h->nblocks++;
    h->spare++;
    return (void *)(h->zero_pages + k * GRAIN);
}

internal seldom bool __zero_has(const struct heap *h, const void *p)
{
    size_t at = (uintptr_t)p - h->zero_pages;

    if (h->zero_pages == 0 || at >= ZERO_BYTES)
        return false;
    if (at % GRAIN != 0)
        __heap_die("invalid pointer (not aligned)", p);
    if (!bit_get(h->zero_used, at / GRAIN))
        __heap_die("double free, or a pointer that malloc(0) did not give", p);
    return true;
}

internal seldom void __zero_free(struct heap *h, const void *p)
{
    bit_clear(h->zero_used, ((uintptr_t)p - h->zero_pages) / GRAIN);
    h->nzero--;
    h->nblocks--;
    if (--h->spare < 0)
        __pass_free_event(h);
}

internal seldom void __zero_walk(struct heap *h,
                                 void (*call)(struct heap *, void *, size_t))
{
    for (size_t k = 0; h->nzero > 0 && k < ZERO_BLOCKS; k++)
        if (bit_get(h->zero_used, k))
            call(h, (void *)(h->zero_pages + k * GRAIN), 0);
}
