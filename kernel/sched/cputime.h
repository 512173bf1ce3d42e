/*
 * Dividing what a thread has run into user mode and kernel. What others may
 * ask is in thread.h.
 */
#ifndef SCHED_CPUTIME_H
#define SCHED_CPUTIME_H

#include "lib/types.h"

struct thread;

#define CPUTIME_SAMPLE_NS 10000000u /* between two samples at most */

/*
 * An alarm has hit the thread, in user mode if `user`. It has been charged.
 * Interrupts are off.
 */
void cputime_sample(struct thread *t, bool user);

#endif
