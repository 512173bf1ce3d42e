/*
 * The debug console: port 0xE9 of QEMU (hw/char/debugcon) and Bochs.
 *
 * Reading the port gives 0xE9 where the device exists; a bus without it reads
 * as 0xFF.
 */
#include "dev/debugcon.h"

#include "arch/i386/cpu.h"

#define DEBUGCON_PORT 0xE9

static bool present; /* (c) after debugcon_init */

bool debugcon_init(void)
{
    present = inb(DEBUGCON_PORT) == DEBUGCON_PORT;
    return present;
}

void debugcon_write(const char *s, size_t nbytes)
{
    if (!present)
        return;
    for (size_t i = 0; i < nbytes; i++)
        outb(DEBUGCON_PORT, (uint8_t)s[i]);
}
