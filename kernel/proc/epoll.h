/*
 * Sets of files to watch: epoll(7).
 */
#ifndef PROC_EPOLL_H
#define PROC_EPOLL_H

#include <cairn/event.h>

#include "fs/file.h"

struct epoll;

/* An empty set. -ENOMEM. */
int epoll_create(struct file **out) must_check;

/* The set of a file, or NULL. */
struct epoll *epoll_of(struct file *file);

/*
 * Watch a file under its descriptor `fd`, change what is watched for, and stop.
 * -EEXIST, -ENOENT, -EPERM (the file has no events), -ELOOP (sets that watch
 * each other in a circle, or more than EPOLL_DEPTH above each other), -ENOSPC
 * (the user watches too many), -ENOMEM.
 */
#define EPOLL_DEPTH 5
int epoll_add(struct epoll *ep, struct file *file, int fd,
              const struct __cairn_epoll_event *event) must_check;
int epoll_modify(struct epoll *ep, struct file *file, int fd,
                 const struct __cairn_epoll_event *event) must_check;
int epoll_remove(struct epoll *ep, struct file *file, int fd) must_check;

/*
 * Write up to `max` events to user space; wait for one until the deadline (0:
 * not at all). How many, 0 at the deadline, -EFAULT, -EINTR. The caller holds
 * the set's file.
 */
int epoll_wait_events(struct epoll *ep, uaddr_t events, uint32_t max,
                      uint64_t deadline_ns) must_check;

#endif
