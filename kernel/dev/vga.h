/*
 * The VGA text screen, 80 by 25 cells.
 */
#ifndef DEV_VGA_H
#define DEV_VGA_H

#include "lib/types.h"

#define VGA_COLUMNS 80
#define VGA_ROWS    25

/*
 * Look for the screen, make it the output of screen.h, and go on below what the
 * firmware wrote. True if there is one. Needs the direct map of the first MiB.
 */
bool vga_init(void);

#endif
