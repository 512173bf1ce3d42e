/*
 * Deadlines of a clock that does not ring by itself: the wall clock, which may
 * be set, and what a process or a thread has run. Whoever keeps such a clock
 * has a set of deadlines, looks when the first is due, and runs it.
 *
 * All of it is called with interrupts off.
 */
#ifndef SCHED_DEADLINE_H
#define SCHED_DEADLINE_H

#include "lib/tree.h"
#include "lib/types.h"

struct deadline {
    struct tree_node node;               /* (i) in its set */
    struct deadlines *set;               /* (i) NULL: not armed */
    uint64_t at_ns;                      /* (i) */
    void (*due)(struct deadline *alarm); /* (c) it is out of the set by then */
};

struct deadlines {
    struct tree tree;
    struct deadline *first; /* the earliest, or NULL */
};

void deadlines_init(struct deadlines *set);

void deadline_init(struct deadline *alarm, void (*due)(struct deadline *alarm));

/* Put a deadline into a set, out of the one that it may be in. O(log n). */
void deadline_arm(struct deadlines *set, struct deadline *alarm,
                  uint64_t at_ns);

/* Take it out; harmless if it is in none. */
void deadline_cancel(struct deadline *alarm);

/* Run those that are due at `now`; each may arm itself again, for later. */
void deadlines_run(struct deadlines *set, uint64_t now);

/* The earliest, or UINT64_MAX. */
static inline uint64_t deadlines_next(const struct deadlines *set)
{
    return set->first ? set->first->at_ns : UINT64_MAX;
}

#endif
