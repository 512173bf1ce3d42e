/*
 * MALLOC_CONF=check: every block carries its size and a canary, and freed
 * blocks wait, filled, before they are used again.
 *
 *     | what was asked for | canary, 32 bytes or more | size ^ key |
 *     | filled                                       | FREED ^ key |
 *
 * A block is zero at first, and again when it is freed.  The canary is looked at
 * by free and realloc, and free looks at that of the block below as well.  A
 * freed block stays in a ring, live in the map; its last word says that it is
 * freed, so that a second free is seen.  Its filling is looked at before it
 * leaves the ring, and every so many calls that of another one.  At exit all
 * blocks are looked at.  A mapped block is followed by a page that cannot be
 * touched.  All of it is done by words: a block is whole granules.
 */
#include <string.h>
#include "internal.h"

/* No byte of it is 0: a string that is too long by its end is found. */
#define CANARY     0xc5c5c5c5u
#define FRESH_FILL 0u
#define FREED_FILL 0u
/* Bytes behind a block: of the canary at least, and with the last word. */
#define CANARY_MIN 32u
#define TAIL       (CANARY_MIN + 4)
#define FREED      0xffffffffu
#define KEY        0x5ca1ab1eu
#define RING       256u
#define RING_BYTES ((size_t)1 << 20)
/* Calls from one look into the ring to the next. */
#define LOOK_EVERY 32u

static struct {
    struct waiting {
        uint32_t *block;
        size_t room;
    } at[RING];
    unsigned oldest, count, next_look, ncalls;
    size_t nbytes;
} ring;

/* Of `room` bytes of block p, those up to the end of its last word. */
static size_t without_guard(const struct heap *h, const void *p, size_t room)
{
    return __big_find(h, p) != NULL ? room - PAGE : room;
}

static uint32_t key_of(const void *p)
{
    return KEY ^ (uint32_t)(uintptr_t)p;
}

static uint32_t *last_word(void *p, size_t room)
{
    return (uint32_t *)((char *)p + room) - 1;
}

static void fill(void *p, uint32_t *end, uint32_t with)
{
#ifdef __i386__
    size_t n = end - (uint32_t *)p;

    __asm__ volatile("rep stosl" : "+D"(p), "+c"(n) : "a"(with) : "memory");
#else
    for (uint32_t *w = p; w < end; w++)
        *w = with;
#endif
}

/* Write the canary behind nbytes, up to the last word, and that. */
static void seal(unsigned char *p, size_t nbytes, uint32_t *last)
{
    unsigned char *at = p + nbytes;

    for (; ((uintptr_t)at & 3) != 0; at++)
        *at = (unsigned char)CANARY;
    fill(at, last, CANARY);
    *last = (uint32_t)nbytes ^ key_of(p);
}

/*
 * That p is a block, and nobody has written behind it; its size, and *room up
 * to the end of its last word.
 */
static size_t verify(const struct heap *h, void *p, size_t *room)
{
    const unsigned char *at;
    uint32_t *last, n;

    *room = without_guard(h, p, __heap_usable(h, p));
    last = last_word(p, *room);
    n = *last ^ key_of(p);
    if (n == FREED)
        __heap_die("double free, or use of a freed block", p);
    if (n > *room - TAIL)
        __heap_die("written behind the end of block", p);
    for (at = (unsigned char *)p + n; ((uintptr_t)at & 3) != 0; at++)
        if (*at != (unsigned char)CANARY)
            __heap_die("written behind the end of block", p);
    for (; at < (unsigned char *)last; at += 4)
        if (*(const uint32_t *)at != CANARY)
            __heap_die("written behind the end of block", p);
    return n;
}

/* Whether all words up to `end` have this value. */
static bool is_filled(const uint32_t *p, const uint32_t *end, uint32_t with)
{
#ifdef __i386__
    size_t n = end - p;
    bool is_equal;

    __asm__ volatile("repe scasl"
                     : "=@ccz"(is_equal), "+D"(p), "+c"(n)
                     : "a"(with)
                     : "memory");
    return is_equal;
#else
    while (p < end && *p == with)
        p++;
    return p == end;
#endif
}

static void verify_freed(const struct waiting *w)
{
    const uint32_t *last = last_word(w->block, w->room);

    if (!is_filled(w->block, last, FREED_FILL) ||
        *last != (FREED ^ key_of(w->block)))
        __heap_die("written after free", w->block);
}

static void evict(struct heap *h)
{
    struct waiting *w = &ring.at[ring.oldest];

    verify_freed(w);
    ring.nbytes -= w->room;
    ring.oldest = (ring.oldest + 1) % RING;
    ring.count--;
    __heap_free(h, w->block);
}

/* The canary that lies below the first block of all: no small block. */
#define FLOOR (SMALL + 1)

/* Whether its last granules are as they were. */
static bool is_floor_whole(const struct heap *h)
{
    size_t end = h->floor_block + FLOOR;

    return is_filled(grain_at(h, end - 4), grain_at(h, end), CANARY);
}

static seldom void lay_floor(struct heap *h)
{
    size_t i = __heap_take_own(h, FLOOR);

    if (i == 0)
        return;
    h->floor_block = i;
    fill(grain_at(h, i), grain_at(h, i + FLOOR), CANARY);
}

/* What lies just below block p of the heap, if it has a canary. */
static void verify_below(const struct heap *h, void *p)
{
    size_t i = grain_of(h, p), before, room;
    const uint32_t *last;

    if (!is_live(h, i) || i == 0)
        return;
    before = __map_before(h, i);
    if (before == h->floor_block && before != 0) {
        if (!is_floor_whole(h))
            __heap_die("written before the start of block", p);
        return;
    }
    if (!is_live(h, before) || is_own(h, before))
        return;
    last = (uint32_t *)p - 1;
    if (*last != (FREED ^ key_of(grain_at(h, before))))
        verify(h, grain_at(h, before), &room);
    else if (!is_filled((uint32_t *)p - TAIL / 4, last, FREED_FILL))
        __heap_die("written before the start of block", p);
}

internal seldom void __check_floor(const struct heap *h)
{
    if (h->floor_block != 0 && !is_floor_whole(h))
        __heap_die("written before the start of the first block",
                   grain_at(h, h->floor_block + FLOOR));
}

internal seldom bool __check_look(const struct heap *h, void *p, size_t *n)
{
    struct waiting w = {.block = p};

    if (__zero_has(h, p)) {
        *n = 0;
        return true;
    }
    w.room = without_guard(h, p, __heap_usable(h, p));
    if (*last_word(p, w.room) == (FREED ^ key_of(p))) {
        verify_freed(&w);
        return false;
    }
    *n = verify(h, p, &w.room);
    return true;
}

internal size_t __check_waiting(void)
{
    return ring.nbytes;
}

static void look(void)
{
    if (++ring.ncalls % LOOK_EVERY != 0 || ring.count == 0)
        return;
    ring.next_look = (ring.next_look + 1) % ring.count;
    verify_freed(&ring.at[(ring.oldest + ring.next_look) % RING]);
}

internal void *__check_alloc(struct heap *h, size_t align, size_t nbytes)
{
    bool is_guarded = nbytes + TAIL >= MAP_MIN / 2 && align <= PAGE, is_zero;
    size_t room, all = nbytes + TAIL + (is_guarded ? PAGE : 0);
    uint32_t *last;
    void *p;

    look();
    if (nbytes > REQUEST_MAX - 2 * PAGE || align > REQUEST_MAX)
        return NULL;
    if (nbytes == 0 && align <= GRAIN && (p = __zero_alloc(h)) != NULL)
        return p;
    if (h->nsegments == 0)
        lay_floor(h);
    for (;;) {
        p = align <= GRAIN || is_guarded ? __heap_alloc(h, all, &is_zero)
                                         : __heap_alloc_aligned(h, align, all);
        if (p != NULL || ring.count == 0)
            break;
        evict(h);
    }
    if (p != NULL && ((uintptr_t)p & (align - 1)) != 0) {
        /* There was no mapping to be had, so it lies in the heap. */
        __heap_free(h, p);
        p = __heap_alloc_aligned(h, align, all);
    }
    if (p == NULL)
        return NULL;
    room = grains_for(all) << GRAIN_SHIFT;
    if (is_guarded && __big_find(h, p) != NULL) {
        room = __big_find(h, p)->nbytes - PAGE;
        __os_guard((char *)p + room, PAGE);
    }
    last = last_word(p, room);
    fill(p, last, FRESH_FILL);
    seal(p, nbytes, last);
    return p;
}

internal void __check_free(struct heap *h, void *p)
{
    struct waiting *w;
    uint32_t *last;
    size_t room;

    if (__zero_has(h, p)) {
        __zero_free(h, p);
        return;
    }
    verify(h, p, &room);
    verify_below(h, p);
    look();
    if (room > RING_BYTES / 2) {
        __heap_free(h, p);
        return;
    }
    while (ring.count == RING || ring.nbytes + room > RING_BYTES)
        evict(h);
    last = last_word(p, room);
    fill(p, last, FREED_FILL);
    *last = FREED ^ key_of(p);
    w = &ring.at[(ring.oldest + ring.count++) % RING];
    w->block = p;
    w->room = room;
    ring.nbytes += room;
}

internal void *__check_resize(struct heap *h, void *p, size_t nbytes)
{
    size_t room, old = __zero_has(h, p) ? 0 : verify(h, p, &room);
    void *q = __check_alloc(h, GRAIN, nbytes);

    if (q == NULL)
        return NULL;
    memcpy(q, p, old < nbytes ? old : nbytes);
    __check_free(h, p);
    return q;
}

internal size_t __check_usable(const struct heap *h, const void *p)
{
    size_t room;

    return __zero_has(h, p) ? 0 : verify(h, (void *)(uintptr_t)p, &room);
}
