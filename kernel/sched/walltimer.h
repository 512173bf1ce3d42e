/*
 * Timers of the wall clock: due when it shows a time, however it gets there.
 */
#ifndef SCHED_WALLTIMER_H
#define SCHED_WALLTIMER_H

#include "sched/deadline.h"

/* Begin; once, at boot. */
void walltimer_init(void);

/*
 * Arm for the time `wall_ns` since 1970, replacing an earlier one. The `due`
 * function runs with interrupts off, never early. Interrupts are off.
 */
void walltimer_arm(struct deadline *alarm, uint64_t wall_ns);

/* How often the wall clock has been set. */
extern uint32_t walltimer_moves;

/* The wall clock was set: what is due now is run. Interrupts are off. */
void walltimer_moved(void);

#endif
