/*
 * Interval timers (setitimer, alarm) and the limit on processor time.
 */
#ifndef PROC_ITIMER_H
#define PROC_ITIMER_H

#include "lib/types.h"
#include "sched/timer.h"

struct process;

/* Let what threads run count for processes. Once, at boot. */
void itimer_init(void);

/* The real timer of a process has come: SIGALRM. */
void itimer_fire(struct timer *timer);

/*
 * Read one of the current process's timers (ITIMER_*), and set it: nanoseconds
 * until it fires (0: never) and between firings. -EINVAL.
 */
int itimer_get(int which, uint64_t *left_ns, uint64_t *interval_ns) must_check;
int itimer_set(int which, uint64_t left_ns, uint64_t interval_ns) must_check;

#endif
