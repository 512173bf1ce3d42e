/*
 * Reaching physical memory from the kernel.
 *
 * Frames below the low limit are always mapped (the direct map); any other
 * frame is reached through a window, a page of kernel addresses that is
 * pointed at it for a moment. Windows nest like a stack, at most
 * WINDOW_NSLOTS deep, and are never held across a sleep.
 */
#ifndef ARCH_WINDOW_H
#define ARCH_WINDOW_H

#include "lib/types.h"

#define WINDOW_NSLOTS 4

/* Address of low physical memory in the direct map, and back. */
void *direct_map(paddr_t pa);
paddr_t direct_pa(const void *p);

/* First physical address that is not in the direct map. */
paddr_t direct_limit(void);

/* Map the frame at `pa` (page-aligned); the newest window is closed first. */
void *window_open(paddr_t pa);
void window_close(void *window);

/* Whether a window on a high frame is open. */
bool window_any_open(void);

/* Fill a frame with zeros; copy one frame to another. */
void frame_zero(paddr_t pa);
void frame_copy(paddr_t to, paddr_t from);

/* Copy bytes from or to physical memory, across frames, high or low. */
void phys_read(void *dst, paddr_t src, size_t nbytes);
void phys_write(paddr_t dst, const void *src, size_t nbytes);

#endif
