/*
 * What the workloads share: the allocator under test, the blocks it gave, the
 * random numbers, and a book of the moments at which memory is looked at.
 *
 * Everything is deterministic, and independent of the allocator: the same
 * operations, with the same sizes in the same order, in every build.  So the
 * figures of different allocators, machines and days can be compared.
 */
#ifndef MALLOC_BENCH_H
#define MALLOC_BENCH_H

#include <stddef.h>
#include <stdint.h>

/* The allocator under test: the linker binds it (--defsym=bm_malloc=malloc). */
void *bm_malloc(size_t nbytes);
void *bm_calloc(size_t count, size_t size);
void *bm_realloc(void *p, size_t nbytes);
void bm_free(void *p);

#define SLOTS 400000

/* Live blocks and their sizes, for the workloads that keep many. */
extern void *slots[SLOTS];
extern uint32_t sizes[SLOTS];

/* Calls to the allocator so far. */
extern unsigned long noperations;

/* Ends the process: there is no memory. */
_Noreturn void bench_fail(const char *what);

/*
 * Looks at the process's memory, and at how much of it is asked for: the sum
 * of sizes[] over those of the first nslots slots that are in use.  Does
 * nothing unless memory is what this run measures.
 */
void bench_mark(uint32_t nslots);

struct workload {
    const char *name;
    void (*run)(uint32_t rounds);
    /* Rounds that give the figures of peers.json; 0: not measured. */
    uint32_t count_rounds, memory_rounds;
};

/* The name of each function starts with work_: its callers are told by that. */
void work_pair(uint32_t rounds);
void work_pairl(uint32_t rounds);
void work_lifo(uint32_t rounds);
void work_fifo(uint32_t rounds);
void work_sh6(uint32_t rounds);
void work_randu(uint32_t rounds);
void work_randl(uint32_t rounds);
void work_larson(uint32_t rounds);
void work_lat(uint32_t rounds);
void work_calloc(uint32_t rounds);
void work_big(uint32_t rounds);
void work_growN(uint32_t rounds);
void work_grow1(uint32_t rounds);
void work_above(uint32_t rounds);
void work_frag(uint32_t rounds);
void work_phase(uint32_t rounds);
void work_tiny(uint32_t rounds);
void work_first(uint32_t rounds);

/* Replays a trace; replay_open() reads it before anything is measured. */
void work_replay(uint32_t rounds);
int replay_open(const char *path);

/* ---- random numbers ------------------------------------------------------ */

extern uint32_t seed;

static inline uint32_t number(void)
{
    uint32_t x = seed;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return seed = x;
}

static inline uint32_t number_in(uint32_t low, uint32_t high)
{
    return low + (uint32_t)(((uint64_t)number() * (high - low + 1)) >> 32);
}

/* 8 to 1023: each octave as often as any other. */
static inline uint32_t size_by_octave(void)
{
    uint32_t octave = number() % 7, low = 8u << octave;

    return low + (number() & (low - 1));
}

/* As programs ask: mostly 8 to 64, at most 256. */
static inline uint32_t size_small(void)
{
    uint32_t most = (number() & 15) < 12 ? 57 : 249;

    return 8 + number() % most;
}

/* ---- operations ---------------------------------------------------------- */

static inline void *take(uint32_t nbytes)
{
    void *p = bm_malloc(nbytes);

    if (p == NULL)
        bench_fail("out of memory");
    noperations++;
    return p;
}

static inline void give(void *p)
{
    bm_free(p);
    noperations++;
}

/* Writes the first byte and the last. */
static inline void touch(void *p, uint32_t nbytes)
{
    volatile unsigned char *byte = p;

    byte[0] = 1;
    byte[nbytes - 1] = 2;
}

/* Writes one byte in each page. */
static inline void touch_pages(void *p, uint32_t nbytes)
{
    volatile unsigned char *byte = p;

    for (uint32_t i = 0; i < nbytes; i += 4096)
        byte[i] = 1;
    byte[nbytes - 1] = 2;
}

static inline void fill_slot(uint32_t k, uint32_t nbytes)
{
    sizes[k] = nbytes;
    slots[k] = take(nbytes);
    touch(slots[k], nbytes);
}

static inline void empty_slot(uint32_t k)
{
    give(slots[k]);
    slots[k] = NULL;
}

/* Frees what is left in the first n slots. */
static inline void empty_slots(uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (slots[k] != NULL)
            empty_slot(k);
}

#endif
