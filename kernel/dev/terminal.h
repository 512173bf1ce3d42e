/*
 * The terminal of the program that cairn-run started: a pseudo terminal whose
 * master is the host. See terminal.c; the frames are in channel_proto.h.
 */
#ifndef DEV_TERMINAL_H
#define DEV_TERMINAL_H

#include "lib/types.h"

struct file;
struct process;

/*
 * Make the terminal as the host's greeting (CHANNEL_WELCOME_LEN bytes) wants
 * it, if it wants one: 0, or -errno if it cannot be had. Needs a process.
 */
int terminal_create(const unsigned char *welcome) must_check;

/* Return whether stream `which` of the program is the terminal. */
bool terminal_is_stream(int which);

/*
 * Open it to read and write; *out is one reference of the caller's. -ENODEV
 * without a terminal, or an error of opening.
 */
int terminal_open(struct file **out) must_check;

/*
 * Make it the terminal of init's session, with the group of `program`, one of
 * that session, in its foreground. Without a terminal nothing happens. 0,
 * -EPERM.
 */
int terminal_begin(struct process *init, struct process *program) must_check;

/* A signal has stopped the program: cairn-run stops as well. */
void terminal_tell_stop(int signo);

/* The program has ended: the terminal is of no session any more. */
void terminal_end(struct process *init);

/* Sleep until all that is to be shown has been sent. */
void terminal_drain(void);

/* TYPED and WINDOW have come. Called with interrupts off. */
void terminal_take_typed(const char *s, size_t nbytes);
void terminal_take_window(const unsigned char *numbers);

#endif
