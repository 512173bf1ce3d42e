/*
 * Event counters: eventfd(2).
 */
#ifndef FS_EVENTFD_H
#define FS_EVENTFD_H

#include "fs/file.h"

/*
 * A counter that starts at `count`; a read takes all of it, or with
 * `semaphore` 1. `flags`: O_NONBLOCK. -ENOMEM.
 */
int eventfd_create(uint32_t count, bool semaphore, uint32_t flags,
                   struct file **out) must_check;

#endif
