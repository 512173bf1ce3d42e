/*
 * Wait queues. The kernel is not preempted: a thread runs until it sleeps or
 * returns to user mode, so a condition tested just before waitq_sleep cannot
 * be changed by another thread in between. Interrupt handlers may change
 * conditions and call waitq_wake: a condition that an interrupt changes is
 * tested with interrupts off, which waitq_sleep accepts and keeps.
 */
#ifndef SCHED_WAITQ_H
#define SCHED_WAITQ_H

#include "lib/list.h"
#include "lib/types.h"

struct waitq {
    struct list waiters; /* (i) of struct waiter */
};

struct thread;

/* A place in a queue; one thread may hold several (poll, select). */
struct waiter {
    struct list link;      /* (i) in waitq.waiters; empty when not queued */
    struct thread *thread; /* (c) who sleeps */
    void (*notify)(struct waiter *w); /* (c) or what is to be called instead */
    void *owner;                      /* (c) of `notify` */
    bool woken;                       /* (i) waitq_wake has seen it */
    bool exclusive; /* (c) waitq_wake_one wakes one such at a time */
    size_t need;    /* (c) of an exclusive one: what it waits for */
};

void waitq_init(struct waitq *wq);

/*
 * Join a queue to have `notify` called, once, when it is woken: the waiter is
 * in no queue any more by then, and interrupts are off.
 */
void waitq_join_notify(struct waitq *wq, struct waiter *w,
                       void (*notify)(struct waiter *w), void *owner);

/* Join or leave a queue without sleeping; leaving twice is harmless. */
void waitq_join(struct waitq *wq, struct waiter *w);
void waitq_leave(struct waiter *w);

/*
 * Sleep until woken: by any queue joined, by a signal if `interruptible`, or
 * at the deadline (nanoseconds of clock_monotonic_ns; WAITQ_FOREVER: none).
 * Returns 0, -EINTR or -ETIMEDOUT. Spurious wake-ups happen: test again.
 */
#define WAITQ_FOREVER UINT64_MAX
int sched_block(bool interruptible, uint64_t deadline_ns) must_check;

/* Join one queue, sleep, leave. */
int waitq_sleep(struct waitq *wq, bool interruptible,
                uint64_t deadline_ns) must_check;

/* The same without an end but a wake-up. */
void waitq_wait(struct waitq *wq);

/* The same as one of those that waitq_wake_one wakes singly, see below. */
void waitq_wait_exclusive(struct waitq *wq);

/* The same, or until the process is to be killed: 0 or -EINTR. */
int waitq_wait_killable(struct waitq *wq) must_check;

/* Make every thread of the queue runnable. Interrupt-safe. */
void waitq_wake(struct waitq *wq);

/*
 * Sleep as one of many of whom each can take what another one leaves:
 * interruptibly, without a deadline, in order of arrival. A thread that comes
 * back, with or without an error, has perhaps been woken in place of another
 * one: if it leaves something, it calls waitq_wake_one.
 */
int waitq_sleep_exclusive(struct waitq *wq, size_t need) must_check;

/* The same with a deadline: also -ETIMEDOUT. */
int waitq_sleep_exclusive_until(struct waitq *wq, size_t need,
                                uint64_t deadline_ns) must_check;

/* Wake the first exclusive sleeper, whatever it needs, and all others. */
void waitq_wake_first(struct waitq *wq);

/*
 * Wake all that sleep otherwise, and of the exclusive ones the first whose need
 * `fits`. Interrupt-safe if `fits` is.
 */
void waitq_wake_one(struct waitq *wq, bool (*fits)(void *ctx, size_t need),
                    void *ctx);

#endif
