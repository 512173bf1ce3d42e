/*
 * Pseudo-terminals: /dev/ptmx gives a master; its terminal is /dev/pts/N.
 */
#ifndef DEV_PTY_H
#define DEV_PTY_H

#include "lib/types.h"

/* Register /dev/ptmx. 0, -ENOMEM. */
int pty_init(void) must_check;

#endif
