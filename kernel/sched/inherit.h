/*
 * Priority inheritance: the owner of a lock runs at the priority of the highest
 * thread that waits for it, and so does the thread that the owner itself waits
 * for. Only priorities of real time are inherited. inherit.c draws the graph.
 *
 * The kernel's threads alone call this, never an interrupt.
 */
#ifndef SCHED_INHERIT_H
#define SCHED_INHERIT_H

#include "lib/list.h"
#include "lib/types.h"

struct thread;

struct inherit_lock {
    struct thread *owner;
    struct list link;    /* in owner->inherit_locks */
    struct list waiters; /* of struct inherit_waiter, the highest first */
};

struct inherit_waiter {
    struct thread *thread;
    struct inherit_lock *lock; /* NULL: it does not wait */
    struct list link;          /* in lock->waiters */
};

/* A lock of `owner` that no thread waits for. */
void inherit_lock_init(struct inherit_lock *lock, struct thread *owner);

/* Forget a lock that no thread waits for. */
void inherit_lock_end(struct inherit_lock *lock);

/*
 * Let `t`, which waits for no such lock, wait for this one. -EDEADLK: the
 * owner is `t`, or waits for it, perhaps through others; nothing has changed.
 */
int inherit_wait(struct inherit_waiter *w, struct thread *t,
                 struct inherit_lock *lock) must_check;

/* The thread waits no more. */
void inherit_give_up(struct inherit_waiter *w);

/* The waiter that is next to own the lock, or NULL. */
struct inherit_waiter *inherit_next(const struct inherit_lock *lock);

/* The next waiter, of which there is one, owns the lock from now on. */
struct inherit_waiter *inherit_pass(struct inherit_lock *lock);

/* The thread's own priority has changed, or what it inherits. */
void inherit_update(struct thread *t);

/* Check a lock and its waiters: NULL, or what is broken. */
const char *inherit_check(const struct inherit_lock *lock);

#endif
