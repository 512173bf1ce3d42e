/*
 * Workloads that show how an allocator keeps memory together.
 */
#include "bench.h"

/* Every second block goes, and blocks of twice the size come. */
void work_frag(uint32_t rounds)
{
    const uint32_t n = 100000;

    (void)rounds;
    for (uint32_t i = 0; i < n; i++)
        fill_slot(i, 64);
    bench_mark(n);
    for (uint32_t i = 0; i < n; i += 2)
        empty_slot(i);
    for (uint32_t i = 0; i < n; i += 4)
        fill_slot(i, 128);
    bench_mark(n);
    empty_slots(n);
}

/* Frees 19 of 20, and moves the rest to the front; returns its end. */
static uint32_t thin_out(uint32_t first, uint32_t count)
{
    uint32_t kept = first;

    for (uint32_t i = first; i < first + count; i++)
        if (number() % 20 != 0)
            empty_slot(i);
    for (uint32_t i = first; i < first + count; i++)
        if (slots[i] != NULL) {
            slots[kept] = slots[i];
            sizes[kept++] = sizes[i];
        }
    for (uint32_t i = kept; i < first + count; i++)
        slots[i] = NULL;
    return kept;
}

/* The size changes twelve times, and a twentieth of each time stays. */
void work_phase(uint32_t rounds)
{
    static const uint32_t phase_sizes[12] = {24, 40,  72,  136, 264, 520,
                                             56, 104, 200, 392, 776, 32};
    uint32_t first = 0;

    (void)rounds;
    for (unsigned phase = 0; phase < 12; phase++) {
        uint32_t n = phase_sizes[phase], count = (4u << 20) / n;

        if (first + count > SLOTS)
            count = SLOTS - first;
        for (uint32_t i = first; i < first + count; i++)
            fill_slot(i, n);
        bench_mark(first + count);
        first = thin_out(first, count);
    }
    bench_mark(first);
    empty_slots(first);
}

/* What a small tool takes: two buffers of stdio and 200 small blocks. */
void work_tiny(uint32_t rounds)
{
    (void)rounds;
    fill_slot(0, 1024);
    sizes[1] = 4096;
    slots[1] = take(4096);
    touch_pages(slots[1], 4096);
    for (uint32_t i = 2; i < 202; i++)
        fill_slot(i, size_small());
    bench_mark(202);
    for (uint32_t i = 1; i < 202; i += 2)
        empty_slot(i);
    empty_slots(202);
}

/* A process that takes one block. */
void work_first(uint32_t rounds)
{
    (void)rounds;
    fill_slot(0, 16);
    bench_mark(1);
    empty_slot(0);
}
