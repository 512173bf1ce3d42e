/*
 * Zeroing free frames while there is nothing else to do, so that a touch of
 * fresh memory finds one ready (mm/frame_zeroed.c).
 */
#ifndef MM_ZEROING_H
#define MM_ZEROING_H

#include "lib/types.h"

/*
 * Zero one free frame, if one is wanted: false, there is nothing to do. Called
 * by the idle thread with interrupts off; they are on while it works and off
 * again afterwards. So an interrupt is not kept waiting, and a thread that it
 * wakes waits for one frame at most.
 */
bool zeroing_step(void) must_check;

/* Read all frames that are said to be zero: NULL, or what is wrong. */
const char *zeroing_check(void);

#endif
