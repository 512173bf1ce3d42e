/*
 * Stopping the machine.
 */
#ifndef _SYS_REBOOT_H
#define _SYS_REBOOT_H

#include <sys/cdefs.h>
#include <cairn/reboot.h>

__BEGIN_DECLS

int reboot(int);

__END_DECLS

#endif
