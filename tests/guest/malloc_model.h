/*
 * Random operations of the allocator against a model: every block's content is
 * known and looked at.  The same for this machine (tests/host/malloc/model.c)
 * and in Cairn (malloc_random.c).
 *
 * Who includes this has two functions: model_fail() says what is wrong and
 * ends the program, model_sbrk() takes memory as others do.
 */
#ifndef TESTS_GUEST_MALLOC_MODEL_H
#define TESTS_GUEST_MALLOC_MODEL_H

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/malloc.h>

static _Noreturn void model_fail(const char *what);
static void *model_sbrk(size_t nbytes);

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

static uint64_t state;
static unsigned long nrefused; /* requests */

/* 0: small blocks, 1: up to a few pages, 2: up to 3 MiB. */
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
        model_fail("a block's content has changed");
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
    nrefused++;
    if (errno != ENOMEM)
        model_fail("no block and no ENOMEM");
}

/* A new block must be aligned and as long as asked for; all of it is used. */
static void adopt(struct slot *s, void *p, size_t n, size_t align)
{
    size_t usable = malloc_usable_size(p);

    if (((uintptr_t)p & (align - 1)) != 0)
        model_fail("not aligned");
    if (usable < n)
        model_fail("too short");
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
        model_fail("free changes errno");
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
    unsigned char *p = count < 64 ? model_sbrk(n) : NULL;

    for (unsigned k = 0; k < count; k++)
        look_at_piece(theirs[k], 16, 0xee);
    if (p == NULL)
        return;
    memset(p, 0xee, 16);
    theirs[count++] = p;
}

static void model_step(void)
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

static void give_all(void)
{
    for (int k = 0; k < SLOTS; k++)
        if (slots[k].p != NULL)
            give(&slots[k]);
}

#endif
