/*
 * The interrupt after a time that is asked for: from channel 0 of the interval
 * timer until the rate of the local APIC's timer is known, then from that.
 */
#ifndef ARCH_ALARM_H
#define ARCH_ALARM_H

#include "lib/types.h"

/* Call `ring(user)` from the interrupts. */
void alarm_init(void (*ring)(bool user));

/*
 * Interrupt in `ns` or a little later; one that is far off may come early. It
 * takes the place of the one before. Interrupts are off.
 */
void alarm_set(uint64_t ns);

/* Use the local APIC: `rate` is ns per step of its timer * 2^CLOCK_SHIFT. */
void alarm_use_apic(uint32_t rate);

bool alarm_has_apic(void);

#endif
