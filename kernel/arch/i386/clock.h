/*
 * Time: the periodic tick, and a clock that counts between ticks.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "lib/types.h"

#define CLOCK_HZ      100
#define CLOCK_TICK_NS (1000000000u / CLOCK_HZ)

/*
 * Start the tick; `tick(user)` is called from each, interrupts off. Reads the
 * date from the battery clock. After irq_init.
 */
void clock_init(void (*tick)(bool user));

/* Nanoseconds since clock_init; never goes back. Any context. */
uint64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970, UTC. */
uint64_t clock_realtime_ns(void);

/* Ticks since clock_init. */
extern volatile uint64_t clock_ticks;

/* Set the wall clock. */
void clock_set_realtime(uint64_t ns);

#endif
