/*
 * Pipes and FIFOs.
 */
#ifndef FS_PIPE_H
#define FS_PIPE_H

#include "lib/types.h"
#include "fs/file.h"

/* What a pipe holds unless F_SETPIPE_SZ says otherwise. */
#define PIPE_CAPACITY 65536u

/*
 * The two ends of a new pipe, one reference each. `flags` may hold O_NONBLOCK.
 * -ENOMEM.
 */
int pipe_create(uint32_t flags, struct file **reader,
                struct file **writer) must_check;

/* No pipe holds more. */
#define PIPE_MAX 1048576u

/*
 * F_GETPIPE_SZ and F_SETPIPE_SZ: the capacity, the new one rounded up to a
 * power of two of at least a page. -EBADF (no pipe), -EBUSY (it holds more),
 * -EINVAL (beyond PIPE_MAX, or 0), -ENOMEM.
 */
int pipe_size(const struct file *file) must_check;
int pipe_resize(struct file *file, uint32_t nbytes) must_check;

/* The functions of a FIFO's files. */
extern const struct file_ops fifo_ops;

#endif
