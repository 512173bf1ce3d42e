/*
 * The local APIC: it passes the interrupts of the 8259A on, and has a timer
 * that interrupts once.
 */
#ifndef ARCH_APIC_H
#define ARCH_APIC_H

#include "lib/types.h"

/*
 * Switch the local APIC on, let the interrupts of the 8259A through, and start
 * its timer, silent, as a counter. Does nothing where there is none, where the
 * firmware has switched it off for good, or where it has no registers in
 * memory (x2APIC mode). After paging_init.
 */
void apic_init(void);

/* True if the timer can be used. */
bool apic_is_there(void);

/*
 * Read the timer, which counts down: from 2^32 - 1 after apic_init, and from
 * what apic_interrupt_in was given after that.
 */
uint32_t apic_timer_count(void);

/* Interrupt once when `ticks` (not 0) of the timer have gone by. */
void apic_interrupt_in(uint32_t ticks);

/* Call `handler(user)` from the timer's interrupts. */
void apic_attach(void (*handler)(bool user));

/* Called by the trap code for vectors from VECTOR_APIC on. */
void apic_dispatch(unsigned vector, bool user);

#endif
