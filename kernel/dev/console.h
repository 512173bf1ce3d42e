/*
 * The console: what the machine says, and where a person types.
 *
 * Output goes to the first serial line and to the screen (screen.h), input
 * comes from the serial line and the keyboard; each of them may be absent. The
 * debug console (port 0xE9) carries the log alone.
 *
 * Screen and keyboard become a terminal of their own when somebody opens it;
 * the console is the serial line alone then. Without a serial line the two are
 * the same terminal from the start.
 *
 * Devices, once console_init has run, as far as the machine has them:
 *     /dev/console  what console_open gives
 *     /dev/tty      the controlling terminal
 *     /dev/ttyS0    the same terminal as the console
 *     /dev/ttyS1    the second serial line
 *     /dev/tty1     screen and keyboard; /dev/tty0 is the same
 */
#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H

#include "lib/types.h"

struct file;
struct framebuffer_info;
struct memmap;
struct tty;

/*
 * Find serial line, screen and debug console, and make them sinks of the log.
 * Polled, without memory or interrupts: the first thing that boot calls. The
 * screen needs the direct map of the first MiB to be there.
 */
void console_early_init(void);

/*
 * True if log lines may be coloured by ANSI sequences: somebody reads them on
 * a serial line or a screen, not through cairn-run's debug console alone.
 */
bool console_has_colour(void);

/*
 * The size of the terminal on the serial line, before console_init; 0: unknown.
 */
void console_set_size(unsigned rows, unsigned columns);

/*
 * Keep the log's lines off the serial line and the screen from now on (`off`
 * true), or let them come again. The debug console still gets all. Used when
 * a program owns the terminal.
 */
void console_set_quiet(bool off);

/*
 * Make terminals of the devices: interrupts on, /dev entries registered. The
 * loader's framebuffer, if it is sound, becomes the screen. Needs timers,
 * kmalloc, interrupts and devfs. 0, -ENOMEM, -ENOSPC.
 */
int console_init(const struct framebuffer_info *info,
                 const struct memmap *map) must_check;

/*
 * Open the console for reading and writing; *out is one reference of the
 * caller's. 0, -ENOMEM.
 */
int console_open(struct file **out) must_check;

/* The terminal behind /dev/console, or NULL before console_init. */
struct tty *console_tty(void);

/*
 * Send, polled, what the terminals still hold. For the end of the machine:
 * interrupts are off for good.
 */
void console_flush(void);

#endif
