/*
 * The VGA text screen: 80 by 25 cells, as a terminal that understands UTF-8
 * and the usual ANSI sequences.
 */
#ifndef DEV_VGA_H
#define DEV_VGA_H

#include "lib/types.h"

#define VGA_COLUMNS 80
#define VGA_ROWS    25

/*
 * Look for the screen and go on below what the firmware wrote. True if there
 * is one. Needs the direct map of the first MiB.
 */
bool vga_init(void);

bool vga_is_present(void);

/*
 * Show bytes; sequences may be cut anywhere between two calls. Newline only
 * moves down: a terminal sends CR LF. Any context; nothing happens where there
 * is no screen.
 */
void vga_write(const char *s, size_t nbytes);

/* The same for the log: each newline also returns to the first column. */
void vga_write_log(const char *s, size_t nbytes);

/*
 * Who gets the answers that programs ask the terminal for (ESC [ 6 n). NULL:
 * nobody.
 */
void vga_set_reply(void (*reply)(const char *s, size_t nbytes));

#endif
