/*
 * QEMU's firmware configuration device: small files that who started the
 * machine hands over, by name.
 */
#ifndef BOOT_FWCFG_H
#define BOOT_FWCFG_H

#include "lib/types.h"

/*
 * Read the file `name`: its length, at most `size`, or 0 if there is no such
 * file, or no such device.
 */
size_t fwcfg_read(const char *name, char *buf, size_t size);

#endif
