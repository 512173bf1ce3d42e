/*
 * The debug console of QEMU and Bochs: a port that takes bytes. cairn-run
 * keeps what comes out of it, to show it when Cairn itself fails.
 */
#ifndef DEV_DEBUGCON_H
#define DEV_DEBUGCON_H

#include "lib/types.h"

/* Look for the device: true if it is there. */
bool debugcon_init(void);

/* Write bytes; nothing happens where the device is absent. Any context. */
void debugcon_write(const char *s, size_t nbytes);

#endif
