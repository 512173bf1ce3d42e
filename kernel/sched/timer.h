/*
 * Timers: something to do at a time of the monotonic clock, checked on every
 * tick, so up to one tick late, never early.
 */
#ifndef SCHED_TIMER_H
#define SCHED_TIMER_H

#include "lib/list.h"
#include "lib/types.h"

struct timer {
    struct list link;                  /* (i) in the list of armed timers */
    uint64_t deadline_ns;              /* (i) */
    void (*fire)(struct timer *timer); /* (c) interrupts off, may re-arm */
};

void timer_init(struct timer *timer, void (*fire)(struct timer *timer));

/* Arm for `deadline_ns`, replacing an earlier deadline. Any context. */
void timer_arm(struct timer *timer, uint64_t deadline_ns);

/* Disarm; harmless if it is not armed. Any context. */
void timer_cancel(struct timer *timer);

bool timer_is_armed(const struct timer *timer);

/* Fire what is due. From the clock interrupt. */
void timer_run(void);

#endif
