/*
 * Unpredictable bits of the machine, for lib/random.h.
 */
#ifndef ARCH_ENTROPY_H
#define ARCH_ENTROPY_H

/*
 * Seed the generator: from RDSEED or RDRAND if the CPU has one of them, and
 * always from the jitter of the time stamp counter. At boot, after cpu_init.
 */
void entropy_init(void);

#endif
