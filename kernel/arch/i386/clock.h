/*
 * Time: a clock that never goes back, the wall clock, and one alarm.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "arch/i386/cpu.h"
#include "lib/types.h"

#define CLOCK_HZ      100 /* USER_HZ: the unit of times() and /proc */
#define CLOCK_TICK_NS (1000000000u / CLOCK_HZ)

/* The least between two rings of one timer that repeats. */
#define CLOCK_MIN_PERIOD_NS 20000u
#define CLOCK_NEVER         UINT64_MAX

/*
 * Choose among the clocks of the machine, start measuring them, and read the
 * date from the battery clock. `alarm(user)` is called from the alarm's
 * interrupts, `user` if they hit user mode. After irq_init and apic_init.
 */
void clock_init(void (*alarm)(bool user));

/*
 * The line on which time moves along with the time stamp counter:
 *
 *     now = base_ns + (tsc - base_tsc) * scale / 2^CLOCK_SHIFT
 *
 * scale 0: the counter is not in use, and the base is CLOCK_NO_BASE, which is
 * far from any tsc. Interrupts off.
 */
#define CLOCK_SHIFT   24
#define CLOCK_NO_BASE 0x8000000000000000ull
struct clock_line {
    uint64_t base_tsc, base_ns;
    uint32_t scale;
};
extern struct clock_line clock_line;

/* The same as clock_now() for what is not quick. */
uint64_t clock_now_slowly(void);

/* Nanoseconds since clock_init; never goes back. Interrupts are off. */
static inline uint64_t clock_now(void)
{
    uint64_t delta = rdtsc() - clock_line.base_tsc;

    if (delta >> 32 != 0)
        return clock_now_slowly();
    return clock_line.base_ns +
           ((delta & UINT32_MAX) * clock_line.scale >> CLOCK_SHIFT);
}

/* The same in any context. */
uint64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970, UTC. */
uint64_t clock_realtime_ns(void);

/* Set the wall clock. */
void clock_set_realtime(uint64_t ns);

/*
 * Changes with every alarm and at the end of every idle time, so at least
 * every 10 ms while a thread runs: whoever keeps a reading of the clock sees by
 * it that the reading is old.
 */
extern uint32_t clock_epoch;

/*
 * Measure and compare the clocks. Return in how many nanoseconds to do it
 * again. Interrupts are off.
 */
uint64_t clock_watch(void);

/*
 * Ring the alarm at `deadline`, or a little later; where that is far, it may
 * ring early once or more. The one before is forgotten. `now` is the time.
 * Interrupts are off.
 */
void clock_set_alarm(uint64_t deadline, uint64_t now);

/* For people: what is in use. */
struct clock_info {
    const char *source;    /* what time is read from */
    const char *reference; /* what that is compared with */
    const char *alarm;     /* what interrupts */
    uint32_t tsc_khz;      /* as measured, or 0 */
    uint32_t agreements;   /* of comparisons with the reference */
    uint32_t disagreements;
    uint32_t steps; /* of the wall clock, to follow the battery clock */
};
struct clock_info clock_read_info(void);

#endif
