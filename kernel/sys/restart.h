/*
 * Calls that wait for some time. One that a signal interrupts for which no
 * handler runs (a stop, and going on) is made again, but its time has been
 * running meanwhile: the deadline is kept in the thread. A handler that runs
 * forgets it (proc/signal.c).
 */
#ifndef SYS_RESTART_H
#define SYS_RESTART_H

#include <cairn/errno.h>
#include "sched/thread.h"

/* The deadline of a call that begins now with `deadline`, or goes on. */
static inline uint64_t restart_deadline(uint64_t deadline)
{
    uint64_t kept = current->resume_ns;

    current->resume_ns = 0;
    return kept != 0 ? kept : deadline;
}

/* The call ends with `result`. */
static inline void restart_end(long result, uint64_t deadline)
{
    current->resume_ns = result == -EINTR ? deadline : 0;
}

#endif
