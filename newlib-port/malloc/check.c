/*
 * MALLOC_CONF=check: every block carries its size and a canary, and freed
 * blocks wait, filled, before they are used again.
 *
 *     | what was asked for | canary, 4 bytes or more | size ^ key |
 *
 * The canary is looked at by free and realloc.  A freed block is filled and
 * stays in a ring, marked as cached in the map, so that a second free is seen;
 * each call looks at the filling of one block in the ring, and at a block's
 * own before it leaves.  Behind a mapped block lies a page that nobody may
 * touch.
 */
#include <string.h>
#include "internal.h"

#define CANARY     0xc5
#define FRESH_FILL 0xa5
#define FREED_FILL 0xdf
#define KEY        0x5ca1ab1eu
#define RING       256
#define RING_BYTES ((size_t)1 << 20)

static struct {
    unsigned char *block[RING];
    unsigned oldest, count, next_look;
    size_t nbytes;
} ring;

/* Bytes of the block up to the end of its trailer. */
static size_t room_of(const struct heap *h, const void *p)
{
    size_t i = grain_of(h, p), room;

    room = __heap_length(h, i) << GRAIN_SHIFT;
    return __heap_is_mapped(h, i) ? room - PAGE : room;
}

static uint32_t key_of(const void *p)
{
    return KEY ^ (uint32_t)(uintptr_t)p;
}

static size_t verify(const struct heap *h, const void *p)
{
    const unsigned char *c = p;
    size_t room, n;
    uint32_t stored;

    __heap_usable(h, p);
    room = room_of(h, p);
    memcpy(&stored, c + room - 4, 4);
    n = stored ^ key_of(p);
    if (n > room - 8)
        __heap_die("written behind the end of block", p);
    for (size_t i = n; i < room - 4; i++)
        if (c[i] != CANARY)
            __heap_die("written behind the end of block", p);
    return n;
}

static void verify_freed(const struct heap *h, const unsigned char *p)
{
    size_t room = room_of(h, p);

    for (size_t i = 0; i < room; i++)
        if (p[i] != FREED_FILL)
            __heap_die("written after free", p);
}

static void evict(struct heap *h)
{
    unsigned char *p = ring.block[ring.oldest];

    verify_freed(h, p);
    ring.nbytes -= room_of(h, p);
    ring.oldest = (ring.oldest + 1) % RING;
    ring.count--;
    bit_clear(h->idle, grain_of(h, p));
    __heap_free(h, p);
}

static void look(const struct heap *h)
{
    if (ring.count == 0)
        return;
    ring.next_look = (ring.next_look + 1) % ring.count;
    verify_freed(h, ring.block[(ring.oldest + ring.next_look) % RING]);
}

internal void *__check_alloc(struct heap *h, size_t align, size_t nbytes)
{
    /* Never one granule: that is what a free block in no list looks like. */
    size_t room, all = nbytes <= GRAIN ? 2 * GRAIN : nbytes + 8;
    bool is_guarded = all >= MAP_MIN / 2 && align <= PAGE, is_zero;
    unsigned char *p;
    uint32_t stored;

    look(h);
    if (nbytes > REQUEST_MAX - 2 * PAGE || align > REQUEST_MAX)
        return NULL;
    if (is_guarded)
        all += PAGE;
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
    room = room_of(h, p);
    if (__heap_is_mapped(h, grain_of(h, p)))
        __os_guard(p + room, PAGE);
    memset(p, FRESH_FILL, nbytes);
    memset(p + nbytes, CANARY, room - nbytes);
    stored = (uint32_t)nbytes ^ key_of(p);
    memcpy(p + room - 4, &stored, 4);
    return p;
}

internal void __check_free(struct heap *h, void *p)
{
    size_t room;

    verify(h, p);
    room = room_of(h, p);
    look(h);
    if (room > RING_BYTES / 4 || __heap_is_mapped(h, grain_of(h, p))) {
        __heap_free(h, p);
        return;
    }
    while (ring.count == RING || ring.nbytes + room > RING_BYTES)
        evict(h);
    memset(p, FREED_FILL, room);
    bit_set(h->idle, grain_of(h, p));
    ring.block[(ring.oldest + ring.count++) % RING] = p;
    ring.nbytes += room;
}

internal void *__check_resize(struct heap *h, void *p, size_t nbytes)
{
    size_t old = verify(h, p);
    void *q = __check_alloc(h, GRAIN, nbytes);

    if (q == NULL)
        return NULL;
    memcpy(q, p, old < nbytes ? old : nbytes);
    __check_free(h, p);
    return q;
}

internal size_t __check_usable(const struct heap *h, const void *p)
{
    return verify(h, p);
}
