/*
 * Priority inheritance. Threads and locks form trees: a thread waits for at
 * most one lock, and a lock has one owner.
 *
 *      thread --waits for--> lock --is owned by--> thread --> lock --> thread
 *      thread ------------->  |                                ^
 *      thread -------------------------------------------------+
 *
 * Invariant: the priority at which a thread runs is the greatest of its own and
 * those of the first waiters of its locks; waiters are in the order of the
 * priorities at which they run, equal ones in the order in which they came. A
 * change is carried along the path to the root, and stops where it changes
 * nothing. A cycle would be a deadlock, and inherit_wait refuses it.
 *
 * Rajkumar, Sha, Lehoczky 1988 ("Real-Time Synchronization Protocols for
 * Multiprocessors") and POSIX (PTHREAD_PRIO_INHERIT) describe the protocol.
 */
#include "sched/inherit.h"

#include <cairn/errno.h>

#include "lib/panic.h"
#include "sched/thread.h"

static struct inherit_waiter *first_waiter(const struct inherit_lock *lock)
{
    return list_entry(lock->waiters.next, struct inherit_waiter, link);
}

struct inherit_waiter *inherit_next(const struct inherit_lock *lock)
{
    return list_is_empty(&lock->waiters) ? NULL : first_waiter(lock);
}

/* The priority at which a thread is to run. */
static unsigned priority_for(const struct thread *t)
{
    unsigned most = t->own_priority;
    const struct inherit_lock *lock;

    list_for_each_entry(lock, &t->inherit_locks, struct inherit_lock, link)
    {
        const struct inherit_waiter *w = inherit_next(lock);

        if (w && w->thread->rt_priority > most)
            most = w->thread->rt_priority;
    }
    return most;
}

/* Put a waiter into its place. */
static void insert(struct inherit_waiter *w)
{
    struct list *waiters = &w->lock->waiters, *before = waiters->prev;

    while (
        before != waiters &&
        list_entry(before, struct inherit_waiter, link)->thread->rt_priority <
            w->thread->rt_priority)
        before = before->prev;
    list_add_after(before, &w->link);
}

void inherit_update(struct thread *t)
{
    unsigned priority = priority_for(t);
    struct inherit_waiter *w;

    while (priority != t->rt_priority) {
        thread_set_inherited(t, priority);
        w = t->inherit_wait;
        if (!w)
            return;
        list_remove(&w->link);
        insert(w);
        t = w->lock->owner;
        priority = priority_for(t);
    }
}

void inherit_lock_init(struct inherit_lock *lock, struct thread *owner)
{
    list_init(&lock->waiters);
    lock->owner = owner;
    list_add_tail(&owner->inherit_locks, &lock->link);
}

void inherit_lock_end(struct inherit_lock *lock)
{
    assert(list_is_empty(&lock->waiters));
    list_remove(&lock->link);
}

/* True if `t` owns the lock, or what its owner waits for, and so on. */
static bool leads_to(const struct inherit_lock *lock, const struct thread *t)
{
    while (lock->owner != t) {
        if (!lock->owner->inherit_wait)
            return false;
        lock = lock->owner->inherit_wait->lock;
    }
    return true;
}

int inherit_wait(struct inherit_waiter *w, struct thread *t,
                 struct inherit_lock *lock)
{
    assert(!t->inherit_wait);
    if (leads_to(lock, t))
        return -EDEADLK;
    w->thread = t;
    w->lock = lock;
    t->inherit_wait = w;
    insert(w);
    inherit_update(lock->owner);
    return 0;
}

/* Take a waiter out, without a look at what its lock's owner inherits. */
static void remove(struct inherit_waiter *w)
{
    list_remove(&w->link);
    w->thread->inherit_wait = NULL;
    w->lock = NULL;
}

void inherit_give_up(struct inherit_waiter *w)
{
    struct inherit_lock *lock = w->lock;

    remove(w);
    inherit_update(lock->owner);
}

struct inherit_waiter *inherit_pass(struct inherit_lock *lock)
{
    struct inherit_waiter *w = first_waiter(lock);
    struct thread *before = lock->owner;

    remove(w);
    list_remove(&lock->link);
    lock->owner = w->thread;
    list_add_tail(&w->thread->inherit_locks, &lock->link);
    inherit_update(w->thread);
    inherit_update(before);
    return w;
}

const char *inherit_check(const struct inherit_lock *lock)
{
    const struct inherit_waiter *w;
    unsigned least = lock->owner->rt_priority;

    if (priority_for(lock->owner) != lock->owner->rt_priority)
        return "inherit: an owner runs at another priority";
    list_for_each_entry(w, &lock->waiters, struct inherit_waiter, link)
    {
        if (w->lock != lock || w->thread->inherit_wait != w)
            return "inherit: a waiter of another lock";
        if (w->thread->rt_priority > least)
            return "inherit: a waiter of a higher priority comes later";
        least = w->thread->rt_priority;
    }
    return NULL;
}
