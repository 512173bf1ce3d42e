/*
 * The timers of timer_create: each process has its own, by number.
 */
#ifndef PROC_POSIX_TIMER_H
#define PROC_POSIX_TIMER_H

#include "lib/types.h"
#include "proc/process.h"

struct posix_timer;

/* What a timer does when it is due, as `struct sigevent` says. */
struct timer_event {
    int notify; /* SIGEV_* */
    int signo;
    int tid; /* of SIGEV_THREAD_ID */
    uint32_t value;
    bool value_is_id; /* the value is the timer's number */
};

/* Nanoseconds; `value` is until the next time, or when it is. 0: never. */
struct timer_spec {
    uint64_t interval_ns, value_ns;
};

/*
 * Make a timer of the current process, not armed: its number, or -EINVAL,
 * -EOPNOTSUPP (the clock has no timers), -EAGAIN (RLIMIT_SIGPENDING: each may
 * have a signal to send), -ENOMEM.
 */
int posix_timer_create(int clock, const struct timer_event *event) must_check;

/* All others: -EINVAL for a number that is none. */
int posix_timer_delete(int id) must_check;

/* How often it was due, beyond the last signal that was taken. */
int posix_timer_overrun(int id) must_check;

/* Get the time until the timer is due next, and its interval. */
int posix_timer_get(int id, struct timer_spec *spec) must_check;

/*
 * Arm, or with a value of 0 disarm; `absolute`: the value is a time of the
 * clock. A signal that is pending for the time before is forgotten. *old: as
 * posix_timer_get.
 */
int posix_timer_set(int id, bool absolute, const struct timer_spec *spec,
                    struct timer_spec *old) must_check;

/* Delete all of a process: it ends, or executes another program. */
void posix_timers_delete(struct process *p);

/*
 * The thread has run: run what is due by its time or its process's. Return the
 * nanoseconds to the next deadline. Interrupts are off.
 */
uint64_t posix_timers_sample(struct thread *t);

#endif
