/*
 * Serial lines: 16550 UARTs and what pretends to be one.
 *
 * Two ways lead out: the polled one, for the log and the panic, works from the
 * first instruction on; a terminal is driven by interrupts once serial_start
 * has run.
 */
#ifndef DEV_SERIAL_H
#define DEV_SERIAL_H

#include "lib/types.h"

#define SERIAL_NLINES 2

struct tty;

/* Find the lines by loopback and set them to 115200 8N1. Any time. */
void serial_early_init(void);

/* True if line 0 or 1 exists. */
bool serial_is_present(unsigned line);

/*
 * Write and wait until the UART has taken all of it, newline as CR LF. Gives
 * up on a line that takes nothing any more. Any context.
 */
void serial_write_polled(unsigned line, const char *s, size_t nbytes);

/* The same with every byte as it is. */
void serial_send_polled(unsigned line, const char *s, size_t nbytes);

/*
 * Join the line to a terminal: received bytes go to tty_receive, and what the
 * terminal has to say is fetched by tty_fetch. 0, -ENODEV, -ENOSPC.
 */
int serial_start(unsigned line, struct tty *tty) must_check;

/*
 * The terminal has something to say: fetch and send what fits now; the rest
 * goes out by interrupt. Any context.
 */
void serial_kick(unsigned line);

/* Bytes that the receiver lost, because nobody read in time. */
uint32_t serial_overruns(unsigned line);

#endif
