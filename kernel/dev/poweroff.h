/*
 * How the machine ends.
 *
 * Nothing here sleeps or needs memory; all of it may be called from a panic.
 */
#ifndef DEV_POWEROFF_H
#define DEV_POWEROFF_H

#include "lib/types.h"

/* The status that says "the kernel itself failed". */
#define POWEROFF_PANIC 125

/*
 * Whether Ctrl-Alt-Del starts the machine anew at once; else it is a SIGINT to
 * the deputy of pid 1. reboot(2) sets it.
 */
extern bool machine_cad_reboots;

/*
 * Switch the machine off. Where QEMU's isa-debug-exit device is present at
 * port 0xF4, QEMU ends with (status << 1) | 1; `status` is 0 to 127, 125 for a
 * panic. Then the soft-off of ACPI is tried on chip sets that PCI identifies;
 * a machine that knows neither halts with a line on the console.
 */
_Noreturn void machine_poweroff(int status);

/*
 * Stop, and stay on, with a line on the console that says so: for who wants to
 * switch off by hand.
 */
_Noreturn void machine_halt(void);

/*
 * Stop, with what is on the screen still to be read: QEMU's isa-debug-exit gets
 * the status as above, any other machine halts and stays on.
 */
_Noreturn void machine_stop(int status);

/*
 * Start the machine anew: keyboard controller, reset port 0xCF9, triple
 * fault, in this order.
 */
_Noreturn void machine_reboot(void);

#endif
