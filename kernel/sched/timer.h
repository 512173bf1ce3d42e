/*
 * Timers: something to do at a time of the monotonic clock. The alarm rings
 * for the first of them, so they are late by the time that an interrupt takes,
 * and never early.
 */
#ifndef SCHED_TIMER_H
#define SCHED_TIMER_H

#include "lib/tree.h"
#include "lib/types.h"

struct timer {
    struct tree_node node;             /* (i) among those that are armed */
    uint64_t deadline_ns;              /* (i) */
    bool armed;                        /* (i) */
    void (*fire)(struct timer *timer); /* (c) interrupts off, may re-arm */
};

void timer_init(struct timer *timer, void (*fire)(struct timer *timer));

/*
 * Arm for `deadline_ns`, replacing an earlier deadline. O(log n) for n armed
 * timers. Any context.
 */
void timer_arm(struct timer *timer, uint64_t deadline_ns);

/* Disarm; harmless if it is not armed. Any context. */
void timer_cancel(struct timer *timer);

static inline bool timer_is_armed(const struct timer *timer)
{
    return timer->armed;
}

/* Fire what is due at `now`. From the alarm's interrupt. */
void timer_run(uint64_t now);

/* The earliest deadline, or CLOCK_NEVER. Interrupts are off. */
uint64_t timer_next(void);

#endif
