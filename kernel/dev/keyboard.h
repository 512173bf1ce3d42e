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

/* From now on what is typed goes to this terminal. */
void keyboard_set_tty(struct tty *tty);

/* What Ctrl-Alt-Del does, in an interrupt; NULL: nothing. */
extern void (*keyboard_ctrl_alt_del)(void);

#endif
