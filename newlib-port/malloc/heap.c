/*
 * The heap behind the fast paths: free lists, refill, growth and the sweep.
 *
 * Free blocks hang in lists by length: one list for each length below LONG,
 * then eight for each power of two.  Cached blocks hang in heap.bin[] and are
 * not joined with their neighbours until a sweep, which throws all bins and
 * lists away and builds the lists anew from the map, one word (32 granules) at
 * a time.  A sweep comes when live blocks fell to an eighth, and before the
 * heap grows while every fourth block is only cached; so its cost is shared by
 * many frees.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"

struct heap __heap;

/* ---- the map -------------------------------------------------------------- */

/* Granules from i to the next set bit of either plane, at most 95. */
static size_t distance(const struct heap *h, size_t i)
{
    const struct map_word *w = map_word(h, i);
    uint32_t bits = (w->a | w->b) >> (i & 31) >> 1;
    size_t n = 32 - (i & 31);

    if (bits != 0)
        return __builtin_ctz(bits) + 1;
    for (int k = 0; k < 3; k++, n += 32) {
        bits = w[k + 1].a | w[k + 1].b;
        if (bits != 0)
            return n + __builtin_ctz(bits);
    }
    return n;
}

size_t __heap_length(const struct heap *h, size_t i, bool is_free)
{
    const struct map_word *w = map_word(h, i);

    if (((w->a | w->b) >> (i & 31) >> 1) == 0 && map_is_marker(w + 1))
        return w[1].a >> 3;
    if (!is_free)
        return distance(h, i);
    size_t n = distance(h, i);

    return map_code(h, i + n) == FREE ? n + 1 : 1;
}

static void set_marker(struct heap *h, size_t i, uint32_t marker)
{
    struct map_word *w = map_word(h, i);

    w->a = marker;
    w->b = 0;
}

static void mark_live(struct heap *h, size_t i, size_t n)
{
    map_set(h, i, LIVE);
    if (n > LONG)
        set_marker(h, i + 32, (uint32_t)n << 3 | 7);
}

static void unmark_live(struct heap *h, size_t i, size_t n)
{
    map_set(h, i, INSIDE);
    if (n > LONG)
        set_marker(h, i + 32, 0);
}

static void mark_free(struct heap *h, size_t i, size_t n)
{
    map_set(h, i, FREE);
    map_set(h, i + n - 1, FREE);
    if (n > LONG) {
        set_marker(h, i + 32, (uint32_t)n << 3 | 7);
        set_marker(h, i + n - 33, (uint32_t)n << 3 | 7);
    }
}

static void unmark_free(struct heap *h, size_t i, size_t n)
{
    map_set(h, i, INSIDE);
    map_set(h, i + n - 1, INSIDE);
    if (n > LONG) {
        set_marker(h, i + 32, 0);
        set_marker(h, i + n - 33, 0);
    }
}

static void map_clear(struct heap *h, size_t from, size_t to)
{
    struct map_word *w = map_word(h, from), *end = map_word(h, to);
    uint32_t below = (1u << (from & 31)) - 1, keep = ~0u << (to & 31);

    if (w == end) {
        w->a &= below | keep;
        w->b &= below | keep;
        return;
    }
    w->a &= below;
    w->b &= below;
    while (++w < end)
        w->a = w->b = 0;
    if ((to & 31) != 0) {
        end->a &= keep;
        end->b &= keep;
    }
}

/* The length of the free block whose last granule is i. */
static size_t length_backwards(const struct heap *h, size_t i)
{
    const struct map_word *w = map_word(h, i);
    uint32_t below = (1u << (i & 31)) - 1, bits = (w->a | w->b) & below;
    size_t at = i & ~(size_t)31;

    /* The marker may be that of a live block below a single free granule. */
    if (bits == 0 && map_is_marker(w - 1)) {
        size_t n = w[-1].a >> 3;

        return map_code(h, i - n + 1) == FREE ? n : 1;
    }
    /* A free block without marker starts in one of these three words. */
    for (int k = 0; k < 2 && bits == 0; k++) {
        w--;
        at -= 32;
        if (map_is_marker(w))
            return 1;
        bits = w->a | w->b;
    }
    if (bits == 0)
        return 1;
    at += 31 - __builtin_clz(bits);
    return map_code(h, at) == FREE ? i - at + 1 : 1;
}

/* ---- free lists ----------------------------------------------------------- */

static unsigned list_of(size_t n)
{
    if (n < LONG)
        return n;
    unsigned msb = 31 - __builtin_clz((uint32_t)n);

    return LONG + (msb - 6) * 8 + ((n >> (msb - 3)) & 7);
}

static bool is_span(const struct heap *h, const struct span *s)
{
    return ((uintptr_t)s & (GRAIN - 1)) == 0 && grain_of(h, s) < h->limit &&
           map_code(h, grain_of(h, s)) == FREE;
}

static void list_insert(struct heap *h, size_t i, size_t n)
{
    unsigned k = list_of(n);
    struct span *s = grain_at(h, i), *head = h->list[k];

    mark_free(h, i, n);
    if (head == NULL) {
        s->next = s->prev = s;
        h->list[k] = s;
        h->filled[k / 32] |= 1u << (k & 31);
        return;
    }
    if (!is_span(h, head->prev) || head->prev->next != head)
        __heap_die("corrupted free list", head);
    s->next = head;
    s->prev = head->prev;
    head->prev->next = s;
    head->prev = s;
}

static void list_remove(struct heap *h, size_t i, size_t n)
{
    unsigned k = list_of(n);
    struct span *s = grain_at(h, i), *next = s->next, *prev = s->prev;

    if (!is_span(h, next) || !is_span(h, prev) || next->prev != s ||
        prev->next != s)
        __heap_die("corrupted free list", s);
    unmark_free(h, i, n);
    next->prev = prev;
    prev->next = next;
    if (h->list[k] != s)
        return;
    h->list[k] = next == s ? NULL : next;
    if (next == s)
        h->filled[k / 32] &= ~(1u << (k & 31));
}

/* The first filled list from k on, or FREE_LISTS. */
static unsigned list_next(const struct heap *h, unsigned k)
{
    unsigned word = k / 32;
    uint32_t bits = h->filled[word] & ~0u << (k & 31);

    while (bits == 0) {
        if (++word > FREE_LISTS / 32)
            return FREE_LISTS;
        bits = h->filled[word];
    }
    return word * 32 + __builtin_ctz(bits);
}

/* The best of the first few of list k; 0 when none is long enough. */
static size_t list_best(const struct heap *h, unsigned k, size_t n,
                        size_t *length)
{
    const struct span *s = h->list[k];
    size_t best = 0;

    for (int tries = 8; tries > 0 && s != NULL; tries--) {
        if (!is_span(h, s))
            __heap_die("corrupted free list", s);
        size_t have = __heap_length(h, grain_of(h, s), true);

        if (have >= n && (best == 0 || have < *length)) {
            best = grain_of(h, s);
            *length = have;
        }
        s = s->next;
        if (s == h->list[k] || (best != 0 && *length == n))
            break;
    }
    return best;
}

/* Take a free block of n granules or more off its list; 0 if there is none. */
static size_t list_take(struct heap *h, size_t n, size_t *length)
{
    unsigned k = list_of(n);
    size_t i = 0;

    while (i == 0 && (k = list_next(h, k)) < FREE_LISTS)
        i = list_best(h, k++, n, length);
    if (i != 0)
        list_remove(h, i, *length);
    return i;
}

/* ---- the top and growth --------------------------------------------------- */

static void set_top(struct heap *h, size_t top)
{
    h->top = top;
    map_set(h, top, CACHED);
}

/*
 * Make the map of granules [from, to) writable: false if it cannot be had, or
 * if they lie above what the map covers. Every block's addresses pass here
 * before it is handed out.
 */
static bool commit_to(struct heap *h, size_t from, size_t to)
{
    uintptr_t start = (uintptr_t)&h->all[from >> 5] & -PAGE;
    uintptr_t end = ((uintptr_t)&h->all[(to >> 5) + 4] + PAGE - 1) & -PAGE;

    if (to > h->limit)
        return false;
    return __os_commit((void *)start, end - start);
}

/* What is left of the top becomes an ordinary free block and the fence. */
static void close_segment(struct heap *h)
{
    size_t n;

    if (h->nsegments == 0)
        return;
    n = h->top_end - 1 - h->top;
    map_set(h, h->top, INSIDE);
    if (n > 0)
        list_insert(h, h->top, n);
    map_set(h, h->top_end - 1, CACHED);
}

/* Make [first, end), of which all is ours and zero, the newest segment. */
static bool open_segment(struct heap *h, size_t first, size_t end, bool mapped)
{
    if (h->nsegments == SEGMENTS || !commit_to(h, first, end))
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

static bool extend_top(struct heap *h, size_t end)
{
    if (end > h->committed) {
        if (!commit_to(h, h->committed, end))
            return false;
        h->committed = end;
    }
    h->top_end = end;
    h->segment[h->nsegments - 1].fence = end - 1;
    return true;
}

/* The first granule at or after i that starts a page. */
static size_t page_end(const struct heap *h, size_t i)
{
    uintptr_t at = (uintptr_t)grain_at(h, i);

    return i + ((-at & (PAGE - 1)) >> GRAIN_SHIFT);
}

/* By sbrk: continues the newest segment unless somebody else came between. */
static bool grow_by_sbrk(struct heap *h, size_t nbytes)
{
    char *at = nbytes > PTRDIFF_MAX ? NULL : __os_sbrk(nbytes);
    size_t skip, first, end;
    bool is_ok;

    if (at == NULL)
        return false;
    if (h->nsegments > 0 && !h->segment[h->nsegments - 1].is_mapped &&
        grain_of(h, at) == h->top_end && ((uintptr_t)at & (GRAIN - 1)) == 0) {
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

static bool grow_by_map(struct heap *h, size_t nbytes)
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
    return true;
}

/* Small heaps are never swept: there is nothing to give back. */
#define SMALL_HEAP 4096
#define NO_LOW     (-(1L << 30))

static void set_low(struct heap *h, long low)
{
    h->spare += h->low - low;
    h->low = low;
}

/* The more blocks are live, the higher is the mark for the next sweep. */
static void raise_low(struct heap *h)
{
    long live = h->spare + h->low + 1;

    if (h->ngrains > SMALL_HEAP && live / 8 > h->low)
        set_low(h, live / 8);
}

/*
 * Make the top longer than n granules.  The heap grows by an eighth, so that
 * few system calls are made; what is not touched costs no frame.
 */
static bool grow(struct heap *h, size_t n)
{
    size_t have = h->top_end - h->top;
    size_t need = (n + 3 - (have < n ? have : n)) << GRAIN_SHIFT;
    size_t pad = (h->ngrains << GRAIN_SHIFT) / 8;
    int saved = errno;
    bool is_ok;

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
    return is_ok && h->top_end - h->top > n;
}

/* Cut n granules off the top, which is longer. */
static size_t cut_top(struct heap *h, size_t n)
{
    size_t i = h->top;

    map_set(h, i, INSIDE);
    set_top(h, i + n);
    return i;
}

/*
 * n granules or, from a free block that is no longer useful otherwise, more:
 * *length.  The bits of them are clear; 0 when there is no memory.
 */
static size_t take(struct heap *h, size_t n, size_t *length, size_t *fresh)
{
    size_t i = list_take(h, n, length);
    long live = h->spare + h->low + 1;

    *fresh = (size_t)-1;
    if (i != 0)
        return i;
    if (h->top_end - h->top <= n && h->ngrains > SMALL_HEAP &&
        h->nblocks - live > h->kept + h->nblocks / 8 + 16) {
        __heap_sweep(h, h->top_end);
        i = list_take(h, n, length);
        if (i != 0)
            return i;
    }
    if (h->top_end - h->top <= n && !grow(h, n)) {
        /* The last resort: what is cached. */
        __heap_sweep(h, h->top_end);
        i = list_take(h, n, length);
        if (i != 0 || h->top_end - h->top <= n)
            return i;
    }
    *length = n;
    *fresh = h->fresh;
    i = cut_top(h, n);
    if (h->fresh < i + n)
        h->fresh = i + n;
    return i;
}

/* ---- free ----------------------------------------------------------------- */

static void trim(struct heap *h, size_t keep)
{
    struct segment *s = &h->segment[h->nsegments - 1];
    size_t nbytes, have = (h->top_end - h->top) << GRAIN_SHIFT;
    int saved = errno;
    char *end;

    if (s->is_mapped || have < keep || have - keep <= 2 * PAGE)
        return;
    nbytes = (have - keep - GRAIN) & -PAGE;
    end = __os_sbrk(0);
    if (end != (char *)grain_at(h, h->top_end) ||
        __os_sbrk(-(intptr_t)nbytes) == NULL) {
        errno = saved;
        return;
    }
    h->top_end -= nbytes >> GRAIN_SHIFT;
    h->ngrains -= nbytes >> GRAIN_SHIFT;
    s->fence = h->top_end - 1;
    /* The rest of a page that the break cuts in two keeps its content. */
    if (h->fresh > page_end(h, h->top_end))
        h->fresh = page_end(h, h->top_end);
    errno = saved;
}

/* The pages of the top that were written, but for the first `keep` bytes. */
static void drop_top(struct heap *h, size_t keep)
{
    uintptr_t from = (uintptr_t)grain_at(h, h->top) + keep;
    uintptr_t to = (uintptr_t)grain_at(h, h->fresh);
    int saved = errno;

    from = (from + PAGE - 1) & -PAGE;
    to = (to + PAGE - 1) & -PAGE;
    if (from >= to || to > (uintptr_t)grain_at(h, h->top_end))
        return;
    __os_drop((void *)from, to - from);
    h->fresh = grain_of(h, (void *)from);
    errno = saved;
}

/* Join [i, i + n), whose bits are clear, with its neighbours. */
static void give_back(struct heap *h, size_t i, size_t n)
{
    size_t more;

    if (map_code(h, i - 1) == FREE) {
        more = length_backwards(h, i - 1);
        list_remove(h, i - more, more);
        i -= more;
        n += more;
    }
    if (i + n == h->top) {
        map_set(h, h->top, INSIDE);
        set_top(h, i);
        more = h->ngrains << GRAIN_SHIFT;
        if ((h->top_end - i) << GRAIN_SHIFT > more / 4 + MAP_MIN)
            trim(h, more / 8 + MAP_MIN / 2);
        return;
    }
    if (map_code(h, i + n) == FREE) {
        more = __heap_length(h, i + n, true);
        list_remove(h, i + n, more);
        n += more;
    }
    list_insert(h, i, n);
}

static void emit(struct heap *h, const struct segment *s, size_t from,
                 size_t to)
{
    bool is_top = s == &h->segment[h->nsegments - 1] && to == h->top;
    const struct map_word *w = map_word(h, from);
    size_t n = to - from;

    /* A cached block alone between live ones has nobody to be joined with. */
    if (n <= LONG && !is_top && bit_get(w->b, from) && distance(h, from) == n) {
        struct cached *c = grain_at(h, from);

        c->next = h->bin[n];
        h->bin[n] = c;
        h->kept++;
        return;
    }
    map_clear(h, from, to);
    if (is_top) {
        map_set(h, to, INSIDE);
        set_top(h, from);
    } else {
        list_insert(h, from, n);
    }
}

/* The first live block at or after i, where no block is live before. */
static size_t next_live(const struct heap *h, size_t i, size_t end)
{
    const struct map_word *w = map_word(h, i);
    uint32_t bits = w->a >> (i & 31) << (i & 31);

    while (i < end) {
        if (bits == 0) {
            i = (i | 31) + 1;
            bits = (++w)->a;
            continue;
        }
        i = (i & ~(size_t)31) + __builtin_ctz(bits);
        if (i >= end || (w->b >> (i & 31) & 1) != 0)
            return i < end ? i : end;
        i += __heap_length(h, i, true);
        w = map_word(h, i);
        bits = w->a >> (i & 31) << (i & 31);
    }
    return end;
}

static void sweep_segment(struct heap *h, const struct segment *s, size_t end)
{
    size_t i = s->first, next;

    while (i < end) {
        const struct map_word *w = map_word(h, i);

        if (bit_get(w->a, i) && bit_get(w->b, i)) {
            uint32_t ends = (w->a | w->b) >> (i & 31) >> 1;

            i += ends != 0 ? __builtin_ctz(ends) + 1u
                           : __heap_length(h, i, false);
            continue;
        }
        next = next_live(h, i, end);
        emit(h, s, i, next);
        i = next;
    }
}

/* Join everything that is not live; keep at most so many bytes of top. */
void __heap_sweep(struct heap *h, size_t keep)
{
    unsigned n = h->nsegments;

    /* What is marked as cached then waits in the ring of check.c. */
    if (h->is_checking)
        return;
    memset(h->bin, 0, sizeof h->bin);
    memset(h->list, 0, sizeof h->list);
    memset(h->filled, 0, sizeof h->filled);
    h->kept = 0;
    for (unsigned k = 0; k < n; k++)
        sweep_segment(h, &h->segment[k],
                      k == n - 1 ? h->top : h->segment[k].fence);
    h->nblocks = h->spare + h->low + 1 + h->kept;
    if (n > 0)
        trim(h, keep);
}

/* The pages inside of long free blocks; they stay free blocks. */
static void drop_spans(struct heap *h)
{
    unsigned k = list_of(16 * PAGE / GRAIN);
    int saved = errno;

    while ((k = list_next(h, k)) < FREE_LISTS) {
        struct span *s = h->list[k++], *first = s;

        do {
            size_t n = __heap_length(h, grain_of(h, s), true);
            uintptr_t from = ((uintptr_t)(s + 1) + PAGE - 1) & -PAGE;
            uintptr_t to = ((uintptr_t)s + (n << GRAIN_SHIFT)) & -PAGE;

            __os_drop((void *)from, to - from);
            s = s->next;
        } while (s != first);
    }
    errno = saved;
}

/* Live blocks fell to the low mark. */
void __heap_free_event(struct heap *h)
{
    long live = h->spare + h->low + 1;

    if (h->ngrains > SMALL_HEAP) {
        __heap_sweep(h, 8 * PAGE);
        drop_top(h, 8 * PAGE);
        drop_spans(h);
    }
    if (live == 0 || h->ngrains <= SMALL_HEAP)
        set_low(h, NO_LOW);
    else
        set_low(h, live < 8 ? live - 1 : live < 64 ? live / 2 : live / 8);
}

static inline void count_free(struct heap *h)
{
    if (--h->spare < 0)
        __heap_free_event(h);
}

bool __heap_is_block(const struct heap *h, const void *p)
{
    return h->is_ready && ((uintptr_t)p & (GRAIN - 1)) == 0 &&
           grain_of(h, p) < h->limit && map_code(h, grain_of(h, p)) == LIVE;
}

bool __heap_is_mapped(const struct heap *h, size_t i)
{
    /* Of a segment, the granule before a block is never at a page's end. */
    if ((i & (PAGE / GRAIN - 1)) != 0 ||
        __heap_length(h, i, false) * GRAIN < MAP_MIN / 2)
        return false;
    for (unsigned k = 0; k < h->nsegments; k++)
        if (i >= h->segment[k].first && i < h->segment[k].fence)
            return false;
    return true;
}

/* Say what is wrong with p, which somebody wants to free or resize. */
static cold void die_of(const struct heap *h, const void *p)
{
    if (((uintptr_t)p & (GRAIN - 1)) != 0)
        __heap_die("invalid pointer (not aligned)", p);
    if (h->is_ready && grain_of(h, p) < h->limit) {
        enum code code = map_code(h, grain_of(h, p));

        if (code == CACHED || code == FREE)
            __heap_die("double free, or a pointer into a free block", p);
        for (unsigned k = 0; k < h->nsegments; k++)
            if (grain_of(h, p) >= h->segment[k].first &&
                grain_of(h, p) < h->segment[k].fence)
                __heap_die("invalid pointer (inside a block or freed)", p);
    }
    __heap_die("invalid pointer (not from malloc)", p);
}

static void free_mapped(struct heap *h, size_t i, size_t n)
{
    int saved = errno;

    unmark_live(h, i, n);
    __os_unmap(grain_at(h, i), n << GRAIN_SHIFT);
    h->nmapped--;
    h->mapped_bytes -= n << GRAIN_SHIFT;
    errno = saved;
}

void __heap_free(struct heap *h, void *p)
{
    size_t i = grain_of(h, p), n;
    struct cached *c = p;

    if (!__heap_is_block(h, p))
        die_of(h, p);
    n = __heap_length(h, i, false);
    if (n <= LONG && !h->is_checking) {
        map_set(h, i, CACHED);
        c->next = h->bin[n];
        h->bin[n] = c;
    } else if (n > LONG && __heap_is_mapped(h, i)) {
        free_mapped(h, i, n);
        h->nblocks--;
    } else {
        unmark_live(h, i, n);
        give_back(h, i, n);
        h->nblocks--;
    }
    count_free(h);
}

/* ---- malloc --------------------------------------------------------------- */

static inline void count_alloc(struct heap *h)
{
    h->spare++;
}

/* Cut clear granules at i into count blocks, the first on top of the bin. */
static void cut(struct heap *h, size_t i, size_t n, size_t count)
{
    struct cached *c = grain_at(h, i), *next;
    struct cached *below = h->bin[n];

    h->bin[n] = c;
    for (; count > 0; count--, c = next, i += n) {
        bit_set(&map_word(h, i)->b, i);
        next = grain_at(h, i + n);
        c->next = count > 1 ? next : below;
    }
}

/* Where a batch stops to grow: half a KiB, or so many blocks. */
#define BATCH_GRAINS 32
#define BATCH_BLOCKS 64

/* Cut cached blocks of n granules: more at a time the more are wanted. */
static bool refill(struct heap *h, size_t n)
{
    size_t want = h->batch[n], i, have, fresh, count;

    want = want == 0 ? 1 : want;
    if (want * n < BATCH_GRAINS && want < BATCH_BLOCKS)
        h->batch[n] = want * 2;
    i = take(h, n, &have, &fresh);
    if (i == 0)
        return false;
    if (h->top == i + have && fresh != (size_t)-1) {
        /* From the top: as many as wanted and there. */
        while (have < want * n && h->top_end - h->top > n) {
            cut_top(h, n);
            have += n;
        }
        if (h->fresh < i + have)
            h->fresh = i + have;
    }
    count = have / n < want ? have / n : want;
    if (have > count * n)
        give_back(h, i + count * n, have - count * n);
    h->nblocks += count;
    cut(h, i, n, count);
    raise_low(h);
    return true;
}

static void *alloc_cached(struct heap *h, size_t n)
{
    struct cached *c = h->bin[n];

    if (c == NULL) {
        if (!refill(h, n))
            return NULL;
        c = h->bin[n];
    }
    /* The link must lead to another cached block, whoever wrote into it. */
    if (((uintptr_t)c & (GRAIN - 1)) != 0 ||
        map_code(h, grain_of(h, c)) != CACHED)
        __heap_die("corrupted free list", c);
    h->bin[n] = c->next;
    map_set(h, grain_of(h, c), LIVE);
    count_alloc(h);
    return c;
}

static void *alloc_mapped(struct heap *h, size_t nbytes)
{
    size_t room = (nbytes + PAGE - 1) & -PAGE;
    int saved = errno;
    void *p = __os_map(room);

    errno = saved;
    if (p == NULL)
        return NULL;
    if (!commit_to(h, grain_of(h, p), grain_of(h, p) + 64)) {
        __os_unmap(p, room);
        return NULL;
    }
    mark_live(h, grain_of(h, p), room >> GRAIN_SHIFT);
    h->nmapped++;
    h->mapped_bytes += room;
    h->nblocks++;
    count_alloc(h);
    return p;
}

/* n granules that are marked as one live block; what is over goes back. */
static size_t alloc_exact(struct heap *h, size_t n, bool *is_zero)
{
    size_t have, fresh, i = take(h, n, &have, &fresh);

    if (i == 0)
        return 0;
    if (have > n)
        give_back(h, i + n, have - n);
    mark_live(h, i, n);
    h->nblocks++;
    count_alloc(h);
    raise_low(h);
    *is_zero = fresh <= i;
    return i;
}

bool __heap_ready(struct heap *h)
{
    int saved = errno;

    if (!h->is_ready) {
        h->low = NO_LOW;
        h->spare = -NO_LOW - 1;
        h->is_ready = __os_reserve(h);
    }
    errno = saved;
    return h->is_ready;
}

/* *is_zero: whether the block is known to be all zeros. */
void *__heap_alloc(struct heap *h, size_t nbytes, bool *is_zero)
{
    size_t n = grains_for(nbytes), i;
    void *p;

    *is_zero = false;
    if (nbytes > REQUEST_MAX)
        return NULL;
    if (n <= LONG && !h->is_checking)
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

void *__heap_alloc_aligned(struct heap *h, size_t align, size_t nbytes)
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
    unmark_live(h, i, n + a - 1);
    head = -((uintptr_t)grain_at(h, i) >> GRAIN_SHIFT) & (a - 1);
    mark_live(h, i + head, n);
    if (head > 0)
        give_back(h, i, head);
    if (a - 1 > head)
        give_back(h, i + head + n, a - 1 - head);
    return grain_at(h, i + head);
}

/* ---- realloc -------------------------------------------------------------- */

static void *resize_mapped(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t room = ((n << GRAIN_SHIFT) + PAGE - 1) & -PAGE;
    int saved = errno;
    void *p;

    if (room == old << GRAIN_SHIFT)
        return grain_at(h, i);
    p = __os_remap(grain_at(h, i), old << GRAIN_SHIFT, room, NULL);
    errno = saved;
    if (p == NULL)
        return NULL;
    /* The map where it went cannot be had: rare, and then it moves back. */
    if (p != grain_at(h, i) &&
        !commit_to(h, grain_of(h, p), grain_of(h, p) + 64)) {
        __os_remap(p, room, old << GRAIN_SHIFT, grain_at(h, i));
        errno = saved;
        return NULL;
    }
    unmark_live(h, i, old);
    mark_live(h, grain_of(h, p), room >> GRAIN_SHIFT);
    h->mapped_bytes += room - (old << GRAIN_SHIFT);
    return p;
}

/* Try to add to block i what follows it. */
static bool extend(struct heap *h, size_t i, size_t old, size_t n)
{
    size_t next = i + old, more;

    if (next == h->top) {
        if (h->top_end - next <= n - old &&
            (!grow(h, n - old) || h->top != next))
            return false;
        cut_top(h, n - old);
        if (h->fresh < i + n)
            h->fresh = i + n;
    } else {
        if (map_code(h, next) != FREE)
            return false;
        more = __heap_length(h, next, true);
        if (old + more < n)
            return false;
        list_remove(h, next, more);
        if (old + more > n)
            give_back(h, i + n, old + more - n);
    }
    unmark_live(h, i, old);
    mark_live(h, i, n);
    return true;
}

static void shrink(struct heap *h, size_t i, size_t old, size_t n)
{
    unmark_live(h, i, old);
    mark_live(h, i, n);
    give_back(h, i + n, old - n);
}

/* A new place for the block, its content copied; NULL leaves all as it was. */
static void *move(struct heap *h, size_t i, size_t old, size_t nbytes)
{
    bool is_zero;
    void *p, *from = grain_at(h, i);
    size_t room = old << GRAIN_SHIFT;

    /* A mapping can grow without being copied again. */
    p = nbytes >= MAP_MIN / 2 && nbytes > room ? alloc_mapped(h, nbytes) : NULL;
    if (p == NULL)
        p = __heap_alloc(h, nbytes, &is_zero);
    if (p == NULL)
        return NULL;
    memcpy(p, from, room < nbytes ? room : nbytes);
    __heap_free(h, from);
    return p;
}

void *__heap_resize(struct heap *h, void *p, size_t nbytes)
{
    size_t i = grain_of(h, p), n = grains_for(nbytes), old;
    void *q;

    if (!__heap_is_block(h, p))
        die_of(h, p);
    if (nbytes > REQUEST_MAX)
        return NULL;
    old = __heap_length(h, i, false);
    if (n == old)
        return p;
    if (old > LONG && __heap_is_mapped(h, i)) {
        q = nbytes >= MAP_MIN / 2 ? resize_mapped(h, i, old, n) : NULL;
        return q != NULL ? q : move(h, i, old, nbytes);
    }
    if (n < old) {
        shrink(h, i, old, n);
        return p;
    }
    return extend(h, i, old, n) ? p : move(h, i, old, nbytes);
}

size_t __heap_usable(const struct heap *h, const void *p)
{
    if (!__heap_is_block(h, p))
        die_of(h, p);
    return __heap_length(h, grain_of(h, p), false) << GRAIN_SHIFT;
}
