/*
 * What futex.c and futex_pi.c share: waiters and their keys. futex.c draws
 * them.
 */
#ifndef PROC_FUTEX_PRIVATE_H
#define PROC_FUTEX_PRIVATE_H

#include "lib/list.h"
#include "proc/futex.h"
#include "sched/inherit.h"

struct futex_pi;
struct mobject;

struct futex_key {
    const void *object; /* a memory object or a space */
    uint64_t offset;
    struct mobject *held; /* the object, counted; NULL: a space */
};

struct futex_sleeper {
    struct list link; /* in a bucket, or on no list */
    struct thread *thread;
    struct futex_key key; /* counted */
    uint32_t bits;
    unsigned priority; /* of real time, or 0 */
    bool woken;

    /* Used by futex_pi.c alone. */
    bool is_heir;                   /* woken by the death of the owner */
    struct futex_pi *pi;            /* the lock that it waits for, or NULL */
    struct inherit_waiter waiter;   /* for this lock */
    const struct futex_key *target; /* where it may be moved, or NULL */
};

/* The key of a word of the current space: 0, -EINVAL, -EFAULT. */
int futex_key_get(uaddr_t word, bool shared, struct futex_key *key) must_check;
void futex_key_put(struct futex_key *key);
bool futex_key_same(const struct futex_key *a, const struct futex_key *b);

/* The first that waits for the key, or NULL. */
struct futex_sleeper *futex_first(const struct futex_key *key);

/*
 * Set the current thread up as a waiter, whose key is set, and put it into its
 * bucket.
 */
void futex_join(struct futex_sleeper *w, uint32_t bits);

/* Take it out of its bucket. */
void futex_leave(struct futex_sleeper *w);

/* Make it wait for another word. */
void futex_move(struct futex_sleeper *w, const struct futex_key *to);

/* Wake a waiter that has left its bucket, or is to leave it by itself. */
void futex_wake_one(struct futex_sleeper *w);

/* Sleep until woken: 0, -EINTR, -ETIMEDOUT. It stays in its bucket. */
int futex_sleep(struct futex_sleeper *w,
                const struct futex_timeout *timeout) must_check;

/* The current thread ends: others own what it owned and they wait for. */
void futex_pi_end_thread(void);

/* Check a waiter for a lock: NULL, or what is broken. */
const char *futex_pi_check(const struct futex_sleeper *w);

#endif
