/*
 * The PS/2 keyboard, US layout.
 */
#ifndef DEV_KEYBOARD_H
#define DEV_KEYBOARD_H

#include "lib/types.h"

struct tty;

/*
 * Look for the controller and a keyboard, and let what is typed go to the
 * terminal. 0, -ENODEV, -ENOSPC.
 */
int keyboard_start(struct tty *tty) must_check;

#endif
