/*
 * Load averages: how many threads were runnable, over the last 1, 5 and 15
 * minutes, exponentially weighted.
 */
#ifndef SCHED_LOAD_H
#define SCHED_LOAD_H

#include "lib/types.h"

#define LOAD_NAVERAGES 3
#define LOAD_SHIFT     16 /* as sysinfo(2) has them */
#define LOAD_ONE       (1u << LOAD_SHIFT)

/* Start counting; once, at boot. */
void load_init(void);

/* The averages, in units of 1 / LOAD_ONE. */
void load_read(uint32_t loads[LOAD_NAVERAGES]);

#endif
