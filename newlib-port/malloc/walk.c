/*
 * The heap seen from outside: malloc_check(), mallinfo() and the statistics.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "malloc_cairn.h"

struct _reent;

void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);

struct census {
    size_t live, cached, spans;
    size_t live_grains, cached_grains, span_grains;
};

/* ---- the walk -------------------------------------------------------------*/

enum state { LIVE, CACHED, RUN, NONE };

static enum state state_of(const struct heap *h, size_t i, size_t *n)
{
    if (!bit_get(h->start, i))
        return NONE;
    *n = __heap_length(h, i);
    if (!bit_get(h->idle, i))
        return LIVE;
    return __heap_is_run(h, i, n) ? RUN : CACHED;
}

/* All granules but the first, and where a long block has its length. */
static const char *check_inside(const struct heap *h, size_t i, size_t n,
                                bool is_run)
{
    for (size_t k = i + 1; k < i + n; k++) {
        if (bit_get(h->start, k))
            return "a block starts inside of another";
        if (n > LONG && k / 32 == i / 32 + 1)
            continue;
        if (bit_get(h->idle, k) != (is_run && k == i + n - 1))
            return "something inside of a block is marked";
    }
    if (is_run && ((size_t *)grain_at(h, i + n))[-1] != n)
        return "a run's end does not know its length";
    return NULL;
}

static const char *check_block(const struct heap *h, size_t i, size_t end,
                               enum state *before, struct census *c, size_t *n)
{
    enum state state = state_of(h, i, n);

    if (state == NONE)
        return "no block starts where the last one ends";
    if (*n == 0 || *n > end - i)
        return "a block is longer than its segment";
    if (state == RUN && *before == RUN)
        return "two runs touch";
    if (state == LIVE) {
        c->live++;
        c->live_grains += *n;
    } else if (state == CACHED) {
        c->cached++;
        c->cached_grains += *n;
    } else {
        c->spans++;
        c->span_grains += *n;
    }
    *before = state;
    return check_inside(h, i, *n, state == RUN);
}

static const char *check_segment(const struct heap *h, unsigned k,
                                 struct census *c)
{
    const struct segment *s = &h->segment[k];
    bool is_newest = k == h->nsegments - 1;
    size_t end = is_newest ? h->top : s->fence, n;
    enum state before = NONE;
    const char *wrong;

    if (is_newest && s->fence + 1 != h->top_end)
        return "the top does not end where its segment does";
    if (is_newest && (h->top < s->first || h->top >= h->top_end))
        return "the top lies outside of its segment";
    if (!is_idle(h, end))
        return "nothing marks the end of a segment";
    for (size_t i = s->first; i < end; i += n) {
        wrong = check_block(h, i, end, &before, c, &n);
        if (wrong != NULL)
            return wrong;
    }
    return is_newest && before == RUN ? "a run touches the top" : NULL;
}

static bool is_listed(const struct heap *h, const void *p, enum state state)
{
    size_t n;

    return is_covered(h, p) && state_of(h, grain_of(h, p), &n) == state;
}

static const char *check_lists(const struct heap *h, const struct census *c)
{
    size_t cached = 0, runs = 0;

    for (unsigned k = 0; k < FREE_LISTS; k++) {
        const struct run *r = h->list[k];

        if ((r != NULL) != (h->filled[k / 32] >> (k & 31) & 1))
            return "a list and its bit disagree";
        for (const struct run *before = NULL; r != NULL; r = r->next) {
            if (!is_listed(h, r, RUN) || r->prev != before || ++runs > c->spans)
                return "a free list is corrupted";
            before = r;
        }
    }
    if (runs != c->spans)
        return "a run is in no list";
    for (unsigned k = 0; k <= LONG; k++)
        for (const struct cached *b = h->bins[k]; b != NOTHING;
             b = (struct cached *)(b->link ^ h->key))
            if (!is_listed(h, b, CACHED) || ++cached > c->cached ||
                __heap_length(h, grain_of(h, b)) != k)
                return "a bin is corrupted";
    return cached != c->cached ? "a kept block is in no bin" : NULL;
}

static const char *take_census(const struct heap *h, struct census *c)
{
    const char *wrong = NULL;

    memset(c, 0, sizeof *c);
    for (unsigned k = 0; k < h->nsegments && wrong == NULL; k++)
        wrong = check_segment(h, k, c);
    return wrong;
}

static const char *check(const struct heap *h)
{
    struct census c;
    const char *wrong = take_census(h, &c);
    size_t live = live_count(h), grains;

    if (wrong == NULL)
        wrong = check_lists(h, &c);
    if (wrong != NULL)
        return wrong;
    if (h->is_ready && live != c.live + h->nmapped)
        return "the number of live blocks is wrong";
    grains = c.live_grains + c.cached_grains + c.span_grains;
    if (grains > h->ngrains)
        return "the blocks are more than the heap";
    return NULL;
}

const char *malloc_check(void)
{
    const char *wrong;

    __malloc_lock(NULL);
    wrong = check(&__heap);
    __malloc_unlock(NULL);
    return wrong;
}

/* ---- statistics -----------------------------------------------------------*/

struct mallinfo2 mallinfo2(void)
{
    const struct heap *h = &__heap;
    struct mallinfo2 info = {0};
    struct census c;
    size_t used;

    __malloc_lock(NULL);
    take_census(h, &c);
    info.arena = h->ngrains << GRAIN_SHIFT;
    info.ordblks = c.spans + (h->nsegments > 0);
    info.smblks = c.cached;
    info.hblks = h->nmapped;
    info.hblkhd = h->mapped_bytes;
    info.usmblks = h->peak << GRAIN_SHIFT;
    info.fsmblks = c.cached_grains << GRAIN_SHIFT;
    used = (c.live_grains << GRAIN_SHIFT) - __check_waiting();
    info.uordblks = used + h->mapped_bytes;
    info.fordblks = info.arena - used;
    info.keepcost = (h->top_end - h->top) << GRAIN_SHIFT;
    __malloc_unlock(NULL);
    return info;
}

struct mallinfo mallinfo(void)
{
    struct mallinfo2 all = mallinfo2();
    struct mallinfo info;

    memset(&info, 0, sizeof info);
    info.arena = all.arena;
    info.ordblks = all.ordblks;
    info.smblks = all.smblks;
    info.hblks = all.hblks;
    info.hblkhd = all.hblkhd;
    info.usmblks = all.usmblks;
    info.fsmblks = all.fsmblks;
    info.uordblks = all.uordblks;
    info.fordblks = all.fordblks;
    info.keepcost = all.keepcost;
    return info;
}

void malloc_stats(void)
{
    struct mallinfo2 info = mallinfo2();

    fprintf(stderr, "max system bytes = %10lu\n", (unsigned long)info.usmblks);
    fprintf(stderr, "system bytes     = %10lu\n",
            (unsigned long)(info.arena + info.hblkhd));
    fprintf(stderr, "in use bytes     = %10lu\n", (unsigned long)info.uordblks);
}

void mstats(char *title)
{
    fprintf(stderr, "Memory allocation statistics %s\n", title);
    malloc_stats();
}

int malloc_info(int options, FILE *out)
{
    struct mallinfo2 info = mallinfo2();

    if (options != 0)
        return -1;
    fprintf(out, "<malloc version=\"1\">\n");
    fprintf(out, "<system type=\"current\" size=\"%lu\"/>\n",
            (unsigned long)(info.arena + info.hblkhd));
    fprintf(out, "<total type=\"mmap\" count=\"%lu\" size=\"%lu\"/>\n",
            (unsigned long)info.hblks, (unsigned long)info.hblkhd);
    fprintf(out, "<total type=\"used\" size=\"%lu\"/>\n",
            (unsigned long)info.uordblks);
    fprintf(out, "<total type=\"rest\" size=\"%lu\"/>\n</malloc>\n",
            (unsigned long)info.fordblks);
    return 0;
}

/*
 * Known names are accepted and, but for checking, change nothing: there is no
 * knob to turn.  1 when the value is accepted, 0 otherwise.
 */
int mallopt(int what, int value)
{
    enum { CHECK_ACTION = -5, OLDEST = -8 };
    struct heap *h = &__heap;
    int is_ok = (what <= 4 && what >= 1) || (what < 0 && what >= OLDEST);

    if (what != CHECK_ACTION || value == 0)
        return is_ok;
    __malloc_lock(NULL);
    /* Blocks that exist have no canary: only before the first. */
    is_ok = !h->is_ready;
    h->is_checking = h->is_checking || is_ok;
    __malloc_unlock(NULL);
    return is_ok;
}
