/*
 * Policies and parameters of scheduling; <sys/types.h> includes this.
 */
#ifndef _SYS_SCHED_H_
#define _SYS_SCHED_H_

#include <cairn/sched.h>

struct sched_param {
    int sched_priority;
};

#endif
