/*
 * Random operations against a model: every block's content is known, and the
 * whole heap is walked every so often.
 *
 *     model [OPERATIONS [MIX [SEED [FAIL_EVERY [WALK_EVERY]]]]]
 *
 * MIX: 0 small blocks, 1 up to a few pages, 2 up to 3 MiB. With FAIL_EVERY,
 * every so many calls to the system fail. Foreign sbrk() calls come between.
 * Without MIX: a short run of all three, with and without failures. Prints
 * TAP; the seed is in each line.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "malloc_cairn.h"
#include "host/os_host.h"

#define SLOTS 4000

static struct slot {
    unsigned char *p;
    size_t nbytes, align;
    unsigned char fill;
} slots[SLOTS];

static uint64_t state;
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
    printf("not ok - step %lu: %s (errno %d)\n", step, what, errno);
    exit(1);
}

static void walk(void)
{
    const char *wrong = malloc_check();

    if (wrong != NULL)
        fail(wrong);
}

static void look(const struct slot *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s->p[i] != s->fill)
            fail("a block's content has changed");
}

/* A new block must be aligned and as long as asked for. */
static void adopt(struct slot *s, void *p, size_t n, size_t align)
{
    if (p == NULL) {
        if (errno != ENOMEM)
            fail("no block and no ENOMEM");
        return;
    }
    if (((uintptr_t)p & (align - 1)) != 0 || malloc_usable_size(p) < n)
        fail("not aligned, or too short");
    s->p = p;
    s->nbytes = n;
    s->fill = (unsigned char)number(256);
    memset(p, s->fill, n);
}

static void give(struct slot *s)
{
    look(s, s->nbytes);
    errno = 77;
    free(s->p);
    if (errno != 77)
        fail("free changes errno");
    s->p = NULL;
}

static void take(struct slot *s)
{
    size_t n = length(), align = 16;
    unsigned char *p;

    errno = 0;
    switch (number(8)) {
    case 0:
        p = calloc(1, n);
        for (size_t i = 0; p != NULL && i < n; i++)
            if (p[i] != 0)
                fail("calloc gave memory that is not zero");
        break;
    case 1:
        align = (size_t)16 << number(9);
        p = memalign(align, n);
        break;
    default:
        p = malloc(n);
    }
    adopt(s, p, n, align);
}

static void resize(struct slot *s)
{
    size_t n = length(), old = s->nbytes;
    unsigned char *p;

    errno = 0;
    p = realloc(s->p, n);
    if (p == NULL) {
        look(s, old);
        if (errno != ENOMEM)
            fail("no block and no ENOMEM");
        return;
    }
    s->p = p;
    look(s, old < n ? old : n);
    adopt(s, p, n, 16);
}

static void one_step(void)
{
    struct slot *s = &slots[number(SLOTS)];

    if (number(20000) == 0)
        os_host_sbrk(number(9000));
    if (number(200000) == 0)
        malloc_trim(number(100000));
    if (s->p == NULL)
        take(s);
    else if (number(4) == 0)
        resize(s);
    else
        give(s);
    /* Now and then most of the heap goes, so that sweeps happen. */
    if (number(100000) == 0)
        for (int k = 0; k < SLOTS; k++)
            if (slots[k].p != NULL && number(20) != 0)
                give(&slots[k]);
}

static void run(unsigned long count, unsigned long seed, unsigned long every)
{
    static int lines;

    state = seed * 0x9e3779b97f4a7c15u + 1;
    for (step = 1; step <= count; step++) {
        one_step();
        if (step % every == 0)
            walk();
    }
    for (int k = 0; k < SLOTS; k++)
        if (slots[k].p != NULL)
            give(&slots[k]);
    walk();
    if (mallinfo2().uordblks != 0)
        fail("freed all, and something is in use");
    printf("ok %d - %lu operations, mix %d, seed %lu, failing every %lu\n",
           ++lines, count, mix, seed, os_host_fail_every);
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
    unsigned long seed = argc > 3 ? strtoul(argv[3], NULL, 0) : 1;
    unsigned long every = argc > 5 ? strtoul(argv[5], NULL, 0) : 10000;

    if (argc > 2) {
        mix = atoi(argv[2]);
        os_host_fail_every = argc > 4 ? strtoul(argv[4], NULL, 0) : 0;
        run(count, seed, every);
        puts("1..1");
        return 0;
    }
    for (mix = 0; mix < 3; mix++) {
        os_host_fail_every = 0;
        run(count / 3, seed, every);
        os_host_fail_every = 5;
        run(count / 10, seed, every);
    }
    puts("1..6");
    return 0;
}
