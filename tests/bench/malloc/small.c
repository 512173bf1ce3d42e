/*
 * Workloads of many small blocks.
 */
#include "bench.h"

static const uint32_t pair_sizes[8] = {16, 24, 32, 40, 48, 56, 64, 20};

static void make_pairs(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = pair_sizes[i & 7];
        void *p = take(n);

        touch(p, n);
        give(p);
    }
}

/* The same few sizes over and over, with nothing else live. */
void work_pair(uint32_t rounds)
{
    make_pairs(rounds * 50000u);
}

/* The same beside 100 live blocks of each size: the true fast path. */
void work_pairl(uint32_t rounds)
{
    for (uint32_t i = 0; i < 800; i++) {
        sizes[i] = pair_sizes[i & 7];
        slots[i] = take(sizes[i]);
    }
    for (uint32_t i = 0; i < 800; i += 3) {
        give(slots[i]);
        slots[i] = take(sizes[i]);
    }
    make_pairs(rounds * 50000u);
    bench_mark(800);
    empty_slots(800);
}

/* Batches, freed from the last to the first. */
void work_lifo(uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < 10000; i++)
            fill_slot(i, size_small());
        bench_mark(10000);
        for (uint32_t i = 10000; i-- > 0;)
            empty_slot(i);
    }
}

/* Batches, freed from the first to the last. */
void work_fifo(uint32_t rounds)
{
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 0; i < 10000; i++)
            fill_slot(i, size_small());
        bench_mark(10000);
        empty_slots(10000);
    }
}

/* ---- replace one of many at random ---------------------------------------*/

static inline uint32_t size_even(void)
{
    return number_in(8, 1024);
}

static inline uint32_t size_larson(void)
{
    return number_in(8, 1000);
}

typedef uint32_t size_function(void);

static inline void fill_all(uint32_t n, size_function *size)
{
    for (uint32_t i = 0; i < n; i++)
        fill_slot(i, size());
}

static inline void replace(uint32_t n, size_function *size)
{
    for (uint32_t k = 0; k < 50000; k++) {
        uint32_t i = number_in(0, n - 1);

        give(slots[i]);
        fill_slot(i, size());
    }
}

static inline void work_random(uint32_t rounds, size_function *size)
{
    fill_all(50000, size);
    bench_mark(50000);
    for (uint32_t r = 0; r < rounds; r++) {
        replace(50000, size);
        if ((r & 7) == 7 || r == rounds - 1)
            bench_mark(50000);
    }
    empty_slots(50000);
}

void work_randu(uint32_t rounds)
{
    work_random(rounds, size_even);
}

void work_randl(uint32_t rounds)
{
    work_random(rounds, size_by_octave);
}

static void shuffle(uint32_t n)
{
    for (uint32_t i = n - 1; i > 0; i--) {
        uint32_t j = number_in(0, i), size = sizes[i];
        void *p = slots[i];

        slots[i] = slots[j];
        slots[j] = p;
        sizes[i] = sizes[j];
        sizes[j] = size;
    }
}

/* A server's: blocks change hands between the rounds. */
void work_larson(uint32_t rounds)
{
    fill_all(5000, size_larson);
    for (uint32_t r = 0; r < rounds; r++) {
        replace(5000, size_larson);
        shuffle(5000);
        if (r == rounds - 1 || (r & 7) == 7)
            bench_mark(5000);
    }
    empty_slots(5000);
}

/* 88 % up to 1 KiB, 10 % up to 16 KiB, the rest up to 256 KiB. */
static uint32_t size_latency(void)
{
    uint32_t t = number() % 100;

    return t < 88   ? size_by_octave()
           : t < 98 ? number_in(1024, 16384)
                    : number_in(32768, 262144);
}

/* For step.c, which looks at every single call. */
void work_lat(uint32_t rounds)
{
    for (uint32_t i = 0; i < 1500; i++) {
        sizes[i] = size_latency();
        slots[i] = take(sizes[i]);
    }
    for (uint32_t k = 0; k < rounds * 1000; k++) {
        uint32_t i = number_in(0, 1499);

        give(slots[i]);
        sizes[i] = size_latency();
        slots[i] = take(sizes[i]);
    }
    empty_slots(1500);
}

/* ---- as sh6bench ---------------------------------------------------------*/

#define BATCH 10000u

/* A ring of slots, of which those in [saved, saved_end) stay for a while. */
static uint32_t next, saved, saved_end;

/* The ring is full: free all but a fifth of it, from both ends. */
static void turn(void)
{
    bench_mark(BATCH);
    saved = BATCH / 5 * (number() % 4);
    saved_end = saved + BATCH / 5;
    for (uint32_t k = 0; k < saved; k++)
        empty_slot(k);
    for (uint32_t k = BATCH; k > saved_end;)
        empty_slot(--k);
    for (uint32_t k = saved; k < saved_end; k++)
        if (slots[k] == NULL) {
            sizes[k] = 16;
            slots[k] = take(16);
        }
    next = saved == 0 ? saved_end : 0;
}

static void fill_next(uint32_t size)
{
    fill_slot(next, size);
    next++;
    if (next == saved)
        next = saved_end;
    if (next >= BATCH)
        turn();
}

static void fill_halves(uint32_t largest)
{
    for (uint32_t size = largest; size > 0; size /= 2)
        for (int left = size < 100    ? 250
                        : size < 1000 ? 50
                                      : 10;
             left > 0; left--)
            fill_next(size);
}

/* Sizes from 1 to 1000, the smallest most often. */
void work_sh6(uint32_t rounds)
{
    next = 0;
    saved = saved_end = BATCH;
    for (uint32_t r = 0; r < rounds; r++)
        for (uint32_t largest = 1; largest < 1000;
             largest = largest * 3 / 2 + 1)
            fill_halves(largest);
    bench_mark(BATCH);
    empty_slots(BATCH);
}
