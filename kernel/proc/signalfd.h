/*
 * Signals as a file: signalfd(2). Who reads it gets the signals of its own,
 * whoever made the file.
 */
#ifndef PROC_SIGNALFD_H
#define PROC_SIGNALFD_H

#include "fs/file.h"

/* A file of the signals in `mask`. `flags`: O_NONBLOCK. -ENOMEM. */
int signalfd_create(uint64_t mask, uint32_t flags,
                    struct file **out) must_check;

/* Take another mask: -EINVAL if the file is none. */
int signalfd_set(struct file *file, uint64_t mask) must_check;

#endif
