/*
 * The interval timer (8254). Channel 2 counts freely, as a reference for other
 * clocks; channel 0 interrupts once, after a time that is asked for.
 */
#ifndef ARCH_PIT_H
#define ARCH_PIT_H

#include "lib/types.h"

#define PIT_HZ   1193182u
#define PIT_LINE 0 /* of the interrupt controller */

/* Start channel 2, and stop channel 0. */
void pit_init(void);

/* Read channel 2, which counts up modulo 2^16. */
uint32_t pit_count(void);

/* Interrupt once on PIT_LINE when `ticks` (1 to 65535) have gone by. */
void pit_interrupt_in(uint32_t ticks);

#endif
