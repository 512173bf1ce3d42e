/*
 * Making allocations fail on purpose, to test what happens then.
 *
 * Every place where the kernel asks for memory and may be refused (a charge,
 * an object of a slab, a block of frames) is a point. Points are counted from
 * the moment the injector is armed; the one with the number asked for fails,
 * once or, with `for_ever`, all from there on.
 */
#ifndef MM_INJECT_H
#define MM_INJECT_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Let point number `nth` (1: the next) fail; 0 only counts. */
void inject_arm(uint32_t nth, bool for_ever);

/* Stop. Returns how many points were passed since arming. */
uint32_t inject_disarm(void);

/* How many there were when it was last stopped. */
uint32_t inject_passed(void);

extern bool inject_armed;

/* Count a point while armed; whether it fails. */
bool inject_hit(void);

/* At each point: whether to fail. */
static inline bool inject_fails(void)
{
    return unlikely(inject_armed) && inject_hit();
}

#endif
