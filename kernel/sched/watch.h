/*
 * Keeping the clocks right, by timers.
 */
#ifndef SCHED_WATCH_H
#define SCHED_WATCH_H

#include "sched/waitq.h"

/* Woken whenever the wall clock is set, or follows the battery clock. */
extern struct waitq watch_wall_moved;

/* Begin; once, after clock_init. */
void watch_init(void);

#endif
