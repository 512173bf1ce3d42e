/*
 * Keeping the clocks right, by timers.
 */
#ifndef SCHED_WATCH_H
#define SCHED_WATCH_H

/* Begin; once, after clock_init. */
void watch_init(void);

#endif
