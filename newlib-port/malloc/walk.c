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
    size_t live, small, ahead, large;
    size_t live_grains, small_grains, large_grains;
};

/* ---- the walk -------------------------------------------------------------*/

/* What the hints say of a block of n granules at i. */
static bool is_hinted(const struct heap *h, size_t i, size_t n)
{
    unsigned hint = h->hint[i / UNIT];
    size_t first = i / UNIT + 1, end = (i + n) / UNIT;

    if (hint != 0 && (hint != n || n > SMALL) && i != h->spot)
        return false;
    if (end > first && i != h->spot) {
        hint = end - first < LONG_UNITS ? end - first + INSIDE : LONG_MARK;
        if (h->hint[first] != hint || h->hint[end - 1] != hint)
            return false;
    }
    return __map_length(h, i) == n && __map_before(h, i + n) == i;
}

static const char *check_inside(const struct heap *h, size_t i, size_t n)
{
    for (size_t k = i + 1; k < i + n; k++) {
        if (bit_get(h->start, k))
            return "a block starts inside of another";
        if (bit_get(h->live, k))
            return "something inside of a block is marked";
    }
    return is_hinted(h, i, n) ? NULL : "a hint is wrong";
}

static void count_block(const struct heap *h, size_t i, size_t n,
                        struct census *c)
{
    if (bit_get(h->live, i)) {
        c->live += !is_own(h, i);
        c->live_grains += is_own(h, i) ? 0 : n;
    } else if (i == h->spot || (n > SMALL && h->kept[n % KEPT].i == i)) {
        c->large_grains += n;
    } else if (n > SMALL) {
        c->large++;
        c->large_grains += n;
    } else {
        c->small += !is_ahead(h, i);
        c->ahead += is_ahead(h, i);
        c->small_grains += n;
    }
}

static const char *check_segment(const struct heap *h, unsigned k,
                                 struct census *c)
{
    const struct segment *s = &h->segment[k];
    bool is_newest = k == h->newest;
    size_t end = is_newest ? h->top : s->fence, n;
    const char *wrong;

    if (is_newest && s->fence + 1 != h->top_end)
        return "the top does not end where its segment does";
    if (is_newest && (h->top < s->first || h->top >= h->top_end))
        return "the top lies outside of its segment";
    if (!is_idle(h, end) || !is_idle(h, s->first - 1))
        return "nothing marks the ends of a segment";
    for (size_t i = s->first; i < end; i += n) {
        if (!is_start(h, i))
            return "no block starts where the last one ends";
        n = __map_length(h, i);
        if (n == 0 || n > end - i)
            return "a block is longer than its segment";
        count_block(h, i, n, c);
        wrong = check_inside(h, i, n);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

static const char *check_large(const struct heap *h, const struct census *c)
{
    size_t count = 0, before;

    for (unsigned k = SMALL + 1; (k = __bin_next(h, k)) < BINS; k++) {
        before = EMPTY;
        for (size_t i = h->bin[k]; i != EMPTY; i = hole_at(h, i)->next) {
            if (!is_idle(h, i) || !is_hole(h, i) ||
                __map_length(h, i) <= SMALL || ++count > c->large ||
                __map_length(h, i) != hole_at(h, i)->n ||
                (before != EMPTY && hole_at(h, i)->prev != before))
                return "a list of holes is corrupted";
            before = i;
        }
        if (before == EMPTY)
            return "a list and its bit disagree";
    }
    return count != c->large ? "a hole is in no list" : NULL;
}

static const char *check_small(const struct heap *h, const struct census *c)
{
    size_t count = 0;

    if (!h->is_ready)
        return NULL;
    for (unsigned n = 0; n <= SMALL; n++)
        for (size_t i = h->bin[n]; i != EMPTY;
             i ^= hole_at(h, i)->next ^ h->key)
            if (!is_idle(h, i) || is_ahead(h, i) || ++count > c->small ||
                __map_length(h, i) != n)
                return "a bin is corrupted";
    return count != c->small ? "a hole is in no bin" : NULL;
}

static const char *check_kept(const struct heap *h)
{
    for (unsigned k = 0; k < KEPT; k++) {
        size_t i = h->kept[k].i, n;

        if (i == 0)
            continue;
        n = is_idle(h, i) ? __map_length(h, i) : 0;
        if (n <= SMALL || n > KEPT_MAX || n % KEPT != k || h->kept[k].n != n)
            return "a kept hole is none";
    }
    return NULL;
}

static const char *check_table(const struct heap *h)
{
    size_t count = 0, nbytes = 0;

    for (size_t k = 0; k < h->room; k++) {
        if (h->table[k].nbytes == 0)
            continue;
        count++;
        nbytes += h->table[k].nbytes;
        if (__big_find(h, (void *)h->table[k].at) != &h->table[k])
            return "a mapping is not found";
    }
    return count != h->nmapped || nbytes != h->mapped_bytes
               ? "the mappings are miscounted"
               : NULL;
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
        wrong = check_large(h, &c);
    if (wrong == NULL)
        wrong = check_small(h, &c);
    if (wrong == NULL)
        wrong = check_kept(h);
    if (wrong == NULL)
        wrong = check_table(h);
    if (wrong != NULL)
        return wrong;
    if (h->is_ready && live != c.live + h->nmapped + h->nzero)
        return "the number of live blocks is wrong";
    if (h->is_ready && (size_t)h->nblocks != live + c.small)
        return "the number of blocks is wrong";
    if (h->spot != 0 && (is_ahead(h, h->spot) || !is_idle(h, h->spot) ||
                         __map_length(h, h->spot) != h->spot_end - h->spot))
        return "the spot is no hole";
    if (h->cursor != 0 && !is_start(h, h->cursor))
        return "the pass is inside of a block";
    grains = c.live_grains + c.small_grains + c.large_grains;
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

internal seldom void __walk_live(struct heap *h,
                                 void (*call)(struct heap *, void *, size_t))
{
    for (unsigned k = 0; k < h->nsegments; k++) {
        size_t end = k == h->newest ? h->top : h->segment[k].fence, n;

        for (size_t i = h->segment[k].first; i < end; i += n) {
            n = __map_length(h, i);
            if (bit_get(h->live, i) && !is_own(h, i))
                call(h, grain_at(h, i), n << GRAIN_SHIFT);
        }
    }
    for (size_t k = 0; k < h->room; k++)
        if (h->table[k].nbytes != 0)
            call(h, (void *)h->table[k].at, h->table[k].nbytes);
    __zero_walk(h, call);
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
    info.ordblks = c.large + (h->nsegments > 0);
    info.smblks = c.small + c.ahead;
    info.hblks = h->nmapped;
    info.hblkhd = h->mapped_bytes;
    info.usmblks = h->peak << GRAIN_SHIFT;
    info.fsmblks = c.small_grains << GRAIN_SHIFT;
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
