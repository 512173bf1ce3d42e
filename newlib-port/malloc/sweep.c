/*
 * The sweep: bins and lists are thrown away and made anew from the map.
 *
 * Blocks in bins are not joined with their neighbours, which is what makes
 * malloc and free short.  A sweep joins them, 32 granules of the map at a time.
 * It comes when live blocks fell to an eighth, and before the heap grows while
 * a good part of it waits in bins, so that many frees share its cost.
 */
#include <string.h>
#include "internal.h"

#define NO_LOW (-(1L << 30))

struct sweep {
    struct heap *h;
    size_t gap;       /* where the free granules before the cursor begin */
    bool is_in_gap;   /* whether there are any */
    bool is_lone;     /* whether they are one block that was in a bin */
    uint32_t in_live; /* 1 when a live block reaches into the next word */
};

/* What is free ends at `end`, where something live starts. */
static void close_gap(struct sweep *s, size_t end)
{
    struct heap *h = s->h;
    size_t i = s->gap, n = end - i;

    s->is_in_gap = false;
    /*
     * A block alone between live ones has nobody to be joined with; it stays
     * in its bin while its length is in use.
     */
    if (n == 1 || (s->is_lone && n <= LONG && h->batch[n] != 0)) {
        bit_set(h->start, i);
        bit_set(h->idle, i);
        push(h, &h->bins[n], grain_at(h, i));
        h->lone++;
        return;
    }
    __run_insert(h, i, n);
}

/*
 * Which granules of word k belong to live blocks.  Starts of live blocks are
 * ones to subtract, and the next start behind each is where a carry gets when
 * it is sent through the granules inside.
 */
static uint32_t live_granules(struct sweep *s, uint32_t start, uint32_t live)
{
    uint32_t before = s->in_live, sum;
    bool carry = __builtin_add_overflow(~start, live << 1 | before, &sum);

    s->in_live = carry | live >> 31;
    return (sum & start) - live - before;
}

/* The lowest bit set, and below: where a gap ends that reaches up to it. */
static uint32_t below(uint32_t bits)
{
    return bits == 0 ? ~0u : (bits & -bits) - 1;
}

/* Close and open gaps in word k; idle are the marks outside of `live`. */
static void sweep_mixed(struct sweep *s, size_t k, uint32_t live, uint32_t idle)
{
    uint32_t gaps = ~live;

    if (s->is_in_gap) {
        if ((idle & below(live)) != 0)
            s->is_lone = false;
        if (live == 0)
            return;
        close_gap(s, k * 32 + __builtin_ctz(live));
        gaps &= ~below(live);
    }
    while (gaps != 0) {
        unsigned bit = __builtin_ctz(gaps);
        uint32_t above = live & ~0u << bit, gap = below(above) & ~0u << bit;

        s->is_in_gap = true;
        s->is_lone = (idle & gap) == 1u << bit;
        s->gap = k * 32 + bit;
        if (above == 0)
            return;
        close_gap(s, k * 32 + __builtin_ctz(above));
        gaps &= ~gap;
    }
}

/* The blocks of [first, end), and what is free and starts at end. */
static void sweep_words(struct sweep *s, size_t first, size_t end)
{
    uint32_t *starts = s->h->start, *idles = s->h->idle;
    uint32_t ours = ~0u << (first & 31);
    size_t last = end / 32;

    for (size_t k = first / 32; k <= last; k++, ours = ~0u) {
        uint32_t start, idle = idles[k], live, keep = 0;
        bool is_mixed;

        if (k == last) {
            ours &= ~(~1u << (end & 31));
            keep = ~0u << (end & 31);
        }
        start = starts[k] & ours;
        live = s->in_live != 0 ? ~0u : 0;
        /* If nothing of the other kind starts here, all goes on as it was. */
        is_mixed = (start & (idle ^ ~live)) != 0;
        if (is_mixed)
            live = live_granules(s, start, start & ~idle);
        if (live != ~0u) {
            starts[k] &= live | ~ours | keep;
            idles[k] &= live | ~ours | keep;
        }
        if (is_mixed)
            sweep_mixed(s, k, live, idle & ~live);
        else if (live == 0 && idle != 0)
            s->is_lone = false;
        if (start == 0)
            continue;
        if (starts[k + 1] == 0 && starts[k + 2] == 0 && k < last) {
            /* On to where the long block that starts here ends. */
            size_t i = k * 32 + 31 - __builtin_clz(start);

            i += idles[k + 1] - 1;
            if (s->is_in_gap)
                idles[k + 1] = 0;
            k = i / 32 - 1;
        }
    }
}

static void sweep_segment(struct heap *h, unsigned k)
{
    const struct segment *seg = &h->segment[k];
    bool is_newest = k == h->nsegments - 1;
    size_t end = is_newest ? h->top : seg->fence;
    struct sweep s = {h, 0, false, false, 1};

    /* What is below the first granule is not ours, so not free. */
    if (seg->first < end)
        sweep_words(&s, seg->first, end);
    if (s.is_in_gap && is_newest) {
        __top_move(h, s.gap);
    } else if (s.is_in_gap && s.gap < end) {
        close_gap(&s, end);
    }
}

internal void __heap_sweep(struct heap *h, size_t keep)
{
    long live = live_count(h);

    for (unsigned n = 0; n <= LONG; n++)
        h->bins[n] = NOTHING;
    memset(h->list, 0, sizeof h->list);
    memset(h->filled, 0, sizeof h->filled);
    h->any = 0;
    h->lone = 0;
    for (unsigned k = 0; k < h->nsegments; k++)
        sweep_segment(h, k);
    memset(h->batch, 0, sizeof h->batch);
    h->nblocks = live + h->lone;
    if (h->nsegments > 0)
        __top_trim(h, keep);
}

/* ---- when -----------------------------------------------------------------*/

static void set_low(struct heap *h, long low)
{
    h->spare += h->low - low;
    h->low = low;
}

/* The more blocks are live, the higher is the mark for the next sweep. */
internal void __heap_raise_low(struct heap *h)
{
    long live = live_count(h);

    if (h->ngrains > SMALL_HEAP && live / 8 > h->low)
        set_low(h, live / 8);
}

internal void __heap_free_event(struct heap *h)
{
    long live = live_count(h);

    if (h->ngrains > SMALL_HEAP) {
        __heap_sweep(h, 8 * PAGE);
        __heap_drop(h);
    }
    if (live == 0 || h->ngrains <= SMALL_HEAP)
        set_low(h, NO_LOW);
    else
        set_low(h, live < 8 ? live - 1 : live < 64 ? live / 2 : live / 8);
}
