/*
 * Pseudo-terminals: /dev/ptmx gives a master; its terminal is /dev/pts/N.
 */
#ifndef DEV_PTY_H
#define DEV_PTY_H

#include "lib/types.h"

struct pty;
struct tty;

/* Register /dev/ptmx. 0, -ENOMEM. */
int pty_init(void) must_check;

/*
 * The kernel as master. Make a terminal that can be opened at once, for ever:
 * 0, -ENOSPC, -ENOMEM. Needs a process to be charged for it.
 */
int pty_create(struct pty **out) must_check;

/* Its line discipline, and N of /dev/pts/N. */
struct tty *pty_tty(const struct pty *pty);
unsigned pty_number(const struct pty *pty);

/* Sleep until the terminal has something to show. */
void pty_await_output(struct pty *pty);

/* Type all of these bytes, sleeping for room. */
void pty_type(struct pty *pty, const char *s, size_t nbytes);

#endif
