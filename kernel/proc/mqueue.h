/*
 * Message queues of POSIX (mq_overview(7)): names of their own, and descriptors
 * that are files.
 */
#ifndef PROC_MQUEUE_H
#define PROC_MQUEUE_H

#include <cairn/mqueue.h>
#include <cairn/signal.h>

#include "fs/file.h"
#include "sched/sigqueue.h"

/* Bytes of a name at most. */
#define MQUEUE_NAME_MAX 255

/* What a user without privilege may ask for, and what is had without asking. */
#define MQUEUE_MAX_MESSAGES  10u
#define MQUEUE_MAX_BYTES     8192u
#define MQUEUE_ROOT_MESSAGES 65536u
#define MQUEUE_ROOT_BYTES    (1u << 20)

/*
 * Open the queue `name`, or with O_CREAT make it with permissions `mode` and
 * (`attr` may be NULL) these limits. All errors of mq_open.
 */
int mqueue_open(const char *name, uint32_t flags, uint32_t mode,
                const struct __cairn_mq_attr *attr,
                struct file **out) must_check;

/* Take a name away. -ENOENT, -EACCES; -EPERM if the queue is another's. */
int mqueue_unlink(const char *name) must_check;

/* Whether a file is a queue. */
bool mqueue_is(const struct file *file);

/* The queue's limits and state. */
void mqueue_get(const struct file *file, struct __cairn_mq_attr *attr);

/*
 * Send what is in user space. -EBADF, -EMSGSIZE, -EAGAIN, -EINTR, -ETIMEDOUT,
 * -EFAULT, -ENOMEM.
 */
int mqueue_send(struct file *file, uaddr_t from, uint32_t nbytes,
                uint32_t priority, uint64_t deadline_ns) must_check;

/*
 * Receive the oldest of the highest priority: its size, or an error as above.
 */
ssize_t mqueue_receive(struct file *file, uaddr_t to, uint32_t nbytes,
                       uaddr_t priority, uint64_t deadline_ns) must_check;

/*
 * Tell the current process, once, when a message comes to the empty queue, by
 * a signal (signo 0: not at all), or (event NULL) no longer. -EBUSY.
 */
int mqueue_notify(struct file *file,
                  const struct __cairn_sigevent *event) must_check;

/* For leak checks: claim what named queues have, as fs_claim() files. */
struct fs_claims;
void mqueue_claim(struct fs_claims *claims);

#endif
