/*
 * The wall clock: the date from the battery clock, and time since then.
 */
#ifndef ARCH_WALL_H
#define ARCH_WALL_H

#include "lib/types.h"

/* Read the date. */
void wall_init(void);

/*
 * Compare the wall clock with the battery clock, and follow it if the machine
 * has been stopped. Return in how many nanoseconds to do it again, or
 * CLOCK_NEVER. Interrupts are off.
 */
uint64_t wall_watch(void);

/* Called when the wall clock has been moved, interrupts off; sched sets it. */
extern void (*wall_moved)(void);

/* How often the wall clock was moved to follow the battery clock. */
uint32_t wall_steps(void);

#endif
