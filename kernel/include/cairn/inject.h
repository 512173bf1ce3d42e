/*
 * inject(nth, flags, copies): Cairn's own call 0x1001, for tests.
 *
 * From now on the kernel counts the points where it asks for memory (charges,
 * objects, blocks of frames), and the nth of them (1: the next; 0: none) is
 * refused. Likewise for copies from and to user memory, where `copies` is the
 * number of the one that faults (0: none).
 *
 * Returns how many points of memory were passed since the call before, which
 * it ends; with INJECT_COPIES how many copies were still to come before the one
 * that faults, so 0 if it has. Only for user 0: -EPERM. It concerns all
 * processes, until the one that called ends.
 */
#ifndef _CAIRN_INJECT_H
#define _CAIRN_INJECT_H

/* All points from the nth on are refused, not just the one. */
#define INJECT_FOR_EVER 1

/* Stop counting. */
#define INJECT_OFF 2

/* Return the number of copies. */
#define INJECT_COPIES 4

#endif
