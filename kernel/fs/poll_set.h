/*
 * What a poll call waits on: see poll.c.
 */
#ifndef FS_POLL_SET_H
#define FS_POLL_SET_H

#include "lib/types.h"
#include "sched/waitq.h"

#define POLL_SET_FIRST 8

struct poll_chunk;

struct poll_set {
    unsigned used;                       /* of `first` */
    struct waiter first[POLL_SET_FIRST]; /* enough for most calls */
    struct poll_chunk *chunks;           /* further ones */
    bool no_memory;                      /* a place could not be had */
    void (*notify)(struct waiter *w);    /* NULL: the thread sleeps */
    void *owner;
};

void poll_set_init(struct poll_set *set);

/*
 * The same for who does not sleep: `notify` is called, with interrupts off,
 * for each queue that is woken, which is left by then. w->owner is `owner`.
 */
void poll_set_init_notify(struct poll_set *set,
                          void (*notify)(struct waiter *w), void *owner);

/*
 * Sleep, unless a queue has been woken since it was joined: 0, -EINTR,
 * -ETIMEDOUT, or -ENOMEM at once if a place could not be had.
 */
int poll_set_sleep(struct poll_set *set, uint64_t deadline_ns) must_check;

/* Leave all queues and free everything; the set can be used again. */
void poll_set_clear(struct poll_set *set);

#endif
