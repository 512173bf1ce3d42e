/*
 * Random operations against a model, with every block's content known.
 *
 *     model [OPERATIONS [MIX [FAIL_EVERY [WALK_EVERY]]]]
 *
 * MIX: 0 small blocks, 1 up to a few pages, 2 up to 3 MiB. With FAIL_EVERY,
 * every so many calls to the system fail, beginning when a heap is there.
 * Others' sbrk() calls come between. The heap is walked every WALK_EVERY
 * operations. Without arguments: all mixes, with and without failures, and a
 * short run that walks the heap after each step; with TEST_LONG in the
 * environment 10,000,000 operations of each mix. TEST_SEED gives another run.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/os_host.h"
#include "malloc_cairn.h"
#include "tap.h"

#define SLOTS 4000
#define KIB   1024u

/* Longer blocks are filled and looked at in pieces. */
#define WHOLE  (8 * KIB)
#define PIECE  256u
#define STRIDE (64 * KIB)

static struct slot {
    unsigned char *p;
    size_t nbytes, align;
    unsigned char fill;
} slots[SLOTS];

static uint64_t state, seed;
static unsigned long step;
static int mix;

static uint32_t number(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 11) % below);
}

static size_t length(void)
{
    uint32_t t = number(100);

    if (t < 2)
        return number(3);
    if (mix == 0 || t < 70)
        return number(t < 40 ? 80 : 1100);
    if (mix == 1 || t < 97)
        return number(t < 90 ? 5000 : 40000);
    return number(3 << 20);
}

static _Noreturn void fail(const char *what)
{
    printf("# step %lu of mix %d, failing every %lu: %s (errno %d)\n", step,
           mix, os_host_fail_every, what, errno);
    printf("not ok - the model; again with TEST_SEED=%llu\n",
           (unsigned long long)seed);
    exit(1);
}

static void walk(void)
{
    const char *wrong = malloc_check();

    if (wrong != NULL)
        fail(wrong);
}

/* ---- content -------------------------------------------------------------*/

/* Calls for a whole short block, or for its ends and pieces of its middle. */
static void for_pieces(unsigned char *p, size_t n, unsigned char fill,
                       void (*what)(unsigned char *, size_t, unsigned char))
{
    if (n <= WHOLE) {
        what(p, n, fill);
        return;
    }
    for (size_t at = 0; at < n - PIECE; at += STRIDE)
        what(p + at, PIECE, fill);
    what(p + n - PIECE, PIECE, fill);
}

static void put_piece(unsigned char *p, size_t n, unsigned char fill)
{
    memset(p, fill, n);
}

static void look_at_piece(unsigned char *p, size_t n, unsigned char fill)
{
    if (n > 0 && (p[0] != fill || memcmp(p, p + 1, n - 1) != 0))
        fail("a block's content has changed");
}

/* The part of a block that was filled when it was `filled` bytes long. */
static void look(struct slot *s, size_t filled, size_t now)
{
    if (now >= filled)
        for_pieces(s->p, filled, s->fill, look_at_piece);
    else if (filled <= WHOLE)
        look_at_piece(s->p, now, s->fill);
    else
        for (size_t at = 0; at < now && at < filled - PIECE; at += STRIDE)
            look_at_piece(s->p + at, now - at < PIECE ? now - at : PIECE,
                          s->fill);
}

/* ---- operations ----------------------------------------------------------*/

static void require_enomem(void)
{
    if (errno != ENOMEM)
        fail("no block and no ENOMEM");
}

/* A new block must be aligned and as long as asked for; all of it is used. */
static void adopt(struct slot *s, void *p, size_t n, size_t align)
{
    size_t usable = malloc_usable_size(p);

    if (((uintptr_t)p & (align - 1)) != 0)
        fail("not aligned");
    if (usable < n)
        fail("too short");
    s->p = p;
    s->nbytes = number(4) == 0 ? usable : n;
    s->align = align;
    s->fill = (unsigned char)number(256);
    for_pieces(s->p, s->nbytes, s->fill, put_piece);
}

static void give(struct slot *s)
{
    look(s, s->nbytes, s->nbytes);
    errno = 77;
    switch (number(16)) {
    case 0:
        free_sized(s->p, s->nbytes);
        break;
    case 1:
        free_aligned_sized(s->p, s->align, s->nbytes);
        break;
    case 2:
        freezero(s->p, s->nbytes < WHOLE ? s->nbytes : WHOLE);
        break;
    default:
        free(s->p);
    }
    if (errno != 77)
        fail("free changes errno");
    s->p = NULL;
}

static size_t alignment_for(size_t n)
{
    return n < 16 ? 8 : 16;
}

static void take(struct slot *s)
{
    size_t n = length(), align = alignment_for(n);
    unsigned char *p;

    errno = 0;
    switch (number(8)) {
    case 0:
        p = calloc(1, n);
        if (p != NULL)
            for_pieces(p, n, 0, look_at_piece);
        break;
    case 1:
        align = (size_t)16 << number(9);
        p = memalign(align, n);
        break;
    default:
        p = malloc(n);
    }
    if (p != NULL)
        adopt(s, p, n, align);
    else
        require_enomem();
}

static void resize(struct slot *s)
{
    size_t n = length(), old = s->nbytes;
    unsigned char *p;

    errno = 0;
    p = number(2) == 0 ? realloc(s->p, n) : reallocarray(s->p, 1, n);
    if (p == NULL) {
        require_enomem();
        look(s, old, old);
        return;
    }
    s->p = p;
    look(s, old, n);
    adopt(s, p, n, alignment_for(n));
}

/* Now and then most of the heap goes, so that memory goes back. */
static void give_most(void)
{
    for (int k = 0; k < SLOTS; k++)
        if (slots[k].p != NULL && number(20) != 0)
            give(&slots[k]);
}

/* Somebody else's memory between ours; nobody of us writes to it. */
static void take_by_sbrk(void)
{
    static unsigned char *theirs[64];
    static unsigned count;
    size_t n = 16 + number(9000);
    unsigned char *p = os_host_sbrk((intptr_t)n);

    if (p == NULL)
        return;
    if (theirs[count % 64] != NULL)
        look_at_piece(theirs[count % 64], 16, 0xee);
    memset(p, 0xee, 16);
    theirs[count++ % 64] = p;
}

static void one_step(void)
{
    struct slot *s = &slots[number(SLOTS)];

    if (number(20000) == 0)
        take_by_sbrk();
    if (number(200000) == 0)
        malloc_trim(number(100000));
    if (number(100000) == 0)
        give_most();
    if (s->p == NULL)
        take(s);
    else if (number(4) == 0)
        resize(s);
    else
        give(s);
}

/* ---- runs ----------------------------------------------------------------*/

static void run(unsigned long count, unsigned long every, unsigned long walks)
{
    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    os_host_fail_every = every;
    for (step = 1; step <= count; step++) {
        one_step();
        if (step % walks == 0)
            walk();
    }
    for (int k = 0; k < SLOTS; k++)
        if (slots[k].p != NULL)
            give(&slots[k]);
    os_host_fail_every = 0;
    walk();
    malloc_trim(0);
    walk();
    if (mallinfo2().uordblks != 0)
        fail("freed all, and something is in use");
    tap_begin();
    tap_end("%lu operations, mix %d, failing every %lu, walked every %lu",
            count, mix, every, walks);
}

int main(int argc, char **argv)
{
    unsigned long count = getenv("TEST_LONG") != NULL ? 10000000 : 200000;

    seed = tap_seed(1);
    if (argc > 1) {
        mix = argc > 2 ? atoi(argv[2]) : 0;
        run(strtoul(argv[1], NULL, 0), argc > 3 ? strtoul(argv[3], NULL, 0) : 0,
            argc > 4 ? strtoul(argv[4], NULL, 0) : 10000);
        return tap_done();
    }
    for (mix = 0; mix < 3; mix++) {
        run(count, 0, 50000);
        run(count, 7, 50000);
        run(count / 20, 2, 50000);
        run(count / 100, 3, 1);
    }
    return tap_done();
}
