/*
 * The channel to cairn-run: a program's stdin, stdout, stderr and status as
 * length-prefixed frames over one virtio-serial port. See channel.c for the
 * protocol; tools/cairn-run speaks the other end.
 */
#ifndef DEV_CHANNEL_H
#define DEV_CHANNEL_H

#include "lib/types.h"

struct file;

/* The port's name, as cairn-run gives it to QEMU. */
#define CHANNEL_PORT "org.cairn.run"

/*
 * Look for the port and set it up: true if the machine was started by
 * cairn-run. Needs kmalloc, interrupts, threads; may sleep for a moment. With
 * `steady` the host says nothing, so nothing is waited for.
 */
bool channel_init(bool steady);

/*
 * Open one of the three streams: 0 stdin (read only), 1 stdout, 2 stderr
 * (write only). *out is one reference of the caller's. They are no terminals
 * (see dev/terminal.h for those), and fstat calls them FIFOs. Reads return 0 at
 * the end of the host's input; writes keep the order in which they were made
 * and sleep while the host does not take them; -EPIPE (and SIGPIPE) when the
 * host's side of the stream is closed. 0, -EINVAL, -ENODEV without channel,
 * -ENOMEM.
 */
int channel_open(int which, struct file **out) must_check;

/*
 * Begin a frame of trace records (dev/trace_proto.h): return room for
 * CHANNEL_TRACE_BYTES of them, or NULL without channel or once it is broken.
 * Sleeps until a buffer is free. The caller fills it and calls
 * channel_trace_end, with 0 bytes if there is nothing to send.
 */
#define CHANNEL_TRACE_BYTES (16384u - 8u)
char *channel_trace_begin(void);
void channel_trace_end(char *records, size_t nbytes);

/*
 * The program has ended: wait until all it wrote has left, then send the end
 * record. `wait_status` is as wait4 reports it (exit code << 8, or the
 * signal's number). The caller then switches the machine off. Without channel,
 * nothing happens, here and in channel_fail.
 */
void channel_exit(int wait_status);

/*
 * Tell the host that Cairn could not run the program, with the reason as one
 * line of text. `error` is the positive errno of the failed exec or 0: the
 * host exits with 127 for ENOENT, 126 for what a shell calls not executable,
 * else 125.
 */
void channel_fail(int error, const char *reason);

#endif
