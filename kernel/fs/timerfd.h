/*
 * Timers as files: timerfd_create(2).
 */
#ifndef FS_TIMERFD_H
#define FS_TIMERFD_H

#include "fs/file.h"

/*
 * A timer, not armed, of the wall clock or (not `wall`) of the monotonic one.
 * `flags`: O_NONBLOCK. -ENOMEM.
 */
int timerfd_create(bool wall, uint32_t flags, struct file **out) must_check;

/* Return whether `file` is a timerfd. */
bool timerfd_is(const struct file *file);

/* What is left until it is due (0: not armed), and the interval. */
void timerfd_get(struct file *file, uint64_t *value_ns, uint64_t *interval_ns);

/*
 * Arm, or with a value of 0 disarm. `absolute`: the value is a time of its
 * clock; `cancel`: setting that clock ends the wait, with -ECANCELED.
 */
void timerfd_set(struct file *file, bool absolute, bool cancel,
                 uint64_t value_ns, uint64_t interval_ns);

#endif
