/*
 * Workloads of large blocks, blocks that grow, and blocks that must be zero.
 */
#include "bench.h"

#define LARGEST (4u << 20)

static void *resize(void *p, uint32_t nbytes)
{
    p = bm_realloc(p, nbytes);
    noperations++;
    if (p == NULL)
        bench_fail("out of memory");
    return p;
}

/* One buffer grows by half and half again, and nothing lies above it. */
static void grow_alone(void)
{
    uint32_t n = 16;

    slots[0] = take(n);
    touch(slots[0], n);
    while (n < LARGEST) {
        uint32_t more = n + n / 2 < LARGEST ? n + n / 2 : LARGEST;
        volatile char *byte = slots[0] = resize(slots[0], more);

        byte[0]++;
        for (uint32_t k = n; k < more; k += 4096)
            byte[k] = 1;
        byte[more - 1] = 1;
        n = more;
    }
    sizes[0] = n;
}

void work_grow1(uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        grow_alone();
        bench_mark(1);
        empty_slot(0);
    }
}

/* The same with another block above it. */
void work_above(uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        uint32_t n = 16;

        slots[0] = take(n);
        slots[1] = take(4096);
        while (n < LARGEST) {
            n += n / 2;
            slots[0] = resize(slots[0], n);
            touch(slots[0], n);
        }
        empty_slots(2);
    }
}

/* ---- vectors side by side ------------------------------------------------*/

#define VECTORS 2000

static uint32_t length[VECTORS], room[VECTORS];

static void append(uint32_t k, uint32_t nbytes)
{
    uint32_t more = room[k] + room[k] / 2;

    length[k] += nbytes;
    if (length[k] <= room[k])
        return;
    if (more < 16)
        more = 16;
    while (more < length[k])
        more += more / 2;
    slots[k] = resize(slots[k], more);
    room[k] = sizes[k] = more;
    touch_pages(slots[k], more);
}

void work_growN(uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t k = 0; k < VECTORS; k++) {
            slots[k] = NULL;
            sizes[k] = length[k] = room[k] = 0;
        }
        for (uint32_t i = 0; i < 60000; i++) {
            uint32_t k = number_in(0, VECTORS - 1);

            append(k, number_in(16, 512));
        }
        bench_mark(VECTORS);
        empty_slots(VECTORS);
    }
}

/* ---- zeroed, and large ---------------------------------------------------*/

static uint32_t size_of_calloc(void)
{
    uint32_t t = number() & 255;

    return t < 200   ? number_in(16, 256)
           : t < 252 ? number_in(256, 4096)
                     : number_in(16384, 262144);
}

static void fill_zeroed(uint32_t k)
{
    volatile char *byte;

    sizes[k] = size_of_calloc();
    slots[k] = bm_calloc(1, sizes[k]);
    noperations++;
    if (slots[k] == NULL)
        bench_fail("out of memory");
    byte = slots[k];
    if ((byte[0] | byte[sizes[k] - 1]) != 0)
        bench_fail("calloc gave what is not zero");
    touch_pages(slots[k], sizes[k]);
}

void work_calloc(uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < 10000; i++) {
            uint32_t k = number_in(0, 1999);

            if (slots[k] != NULL)
                give(slots[k]);
            fill_zeroed(k);
        }
        bench_mark(2000);
    }
    empty_slots(2000);
}

static void fill_big(uint32_t k)
{
    sizes[k] = number_in(65536, 1048576);
    slots[k] = take(sizes[k]);
    touch_pages(slots[k], sizes[k]);
}

void work_big(uint32_t rounds)
{
    for (uint32_t k = 0; k < 64; k++)
        fill_big(k);
    bench_mark(64);
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < 1000; i++) {
            uint32_t k = number_in(0, 63);

            give(slots[k]);
            fill_big(k);
        }
        bench_mark(64);
    }
    empty_slots(64);
}
