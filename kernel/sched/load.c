/*
 * Load averages. Every five seconds the number of runnable threads is mixed
 * in: load = load * e + n * (1 - e), with e = exp(-5 s / window).
 */
#include "sched/load.h"

#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "sched/thread.h"
#include "sched/timer.h"

#define PERIOD_NS 5000000000ull

/* exp(-5/60), exp(-5/300), exp(-5/900) in units of 1 / LOAD_ONE. */
static const uint32_t decay[LOAD_NAVERAGES] = {60296, 64453, 65173};

static uint32_t averages[LOAD_NAVERAGES]; /* (i) */
static struct timer timer;

/* One step; interrupts are off. */
static void sample(struct timer *t)
{
    uint64_t running = (uint64_t)sched_nrunnable() << LOAD_SHIFT;

    for (unsigned i = 0; i < LOAD_NAVERAGES; i++) {
        uint64_t kept = (uint64_t)averages[i] * decay[i];
        uint64_t added = running * (LOAD_ONE - decay[i]);

        averages[i] = (uint32_t)((kept + added) >> LOAD_SHIFT);
    }
    timer_arm(t, clock_monotonic_ns() + PERIOD_NS);
}

void load_init(void)
{
    timer_init(&timer, sample);
    timer_arm(&timer, clock_monotonic_ns() + PERIOD_NS);
}

void load_read(uint32_t loads[LOAD_NAVERAGES])
{
    uint32_t flags = irq_save();

    for (unsigned i = 0; i < LOAD_NAVERAGES; i++)
        loads[i] = averages[i];
    irq_restore(flags);
}
