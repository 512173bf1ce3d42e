/*
 * Signals that were sent and not taken yet: a mask, and what is known of
 * each. A thread has one such queue, and a process another.
 *
 *     pending  ...0000100000000010        a bit for each signal
 *     infos    first <-> node <-> node    the oldest in front
 *
 * Signals below 32 are pending at most once; those from 32 up queue. The
 * node `first` is part of the queue, so that one signal is always known
 * without memory being asked for, and the usual one needs none. A signal that
 * is pending without a node is one of which nothing is known: an interrupt
 * sent it, or memory was short.
 *
 * A signal that is forgotten, which an interrupt may cause, leaves its node
 * behind with signo 0, since slabs are not for interrupts; it is freed before
 * the next one is added.
 *
 * A timer of a process brings a node of its own, which is in a queue once at
 * most: so it can send from an interrupt, and as often as it likes. Such a node
 * has a `source`, and is not counted here.
 *
 * Context: interrupts are off, but for sigqueue_init. sigqueue_add with
 * information and sigqueue_take are not for interrupts.
 */
#ifndef SCHED_SIGQUEUE_H
#define SCHED_SIGQUEUE_H

#include "lib/list.h"
#include "lib/types.h"

/* The bit of a signal in a mask. */
#define SIGNAL_BIT(signo) (1ull << ((signo)-1))

/* Masks in memory, by the half that holds the signal. */
static inline bool sigmask_has(const uint64_t *mask, int signo)
{
    unsigned bit = (unsigned)signo - 1;

    return ((const uint32_t *)mask)[bit / 32] >> bit % 32 & 1;
}

static inline void sigmask_add(uint64_t *mask, int signo)
{
    unsigned bit = (unsigned)signo - 1;

    ((uint32_t *)mask)[bit / 32] |= 1u << bit % 32;
}

static inline void sigmask_remove(uint64_t *mask, int signo)
{
    unsigned bit = (unsigned)signo - 1;

    ((uint32_t *)mask)[bit / 32] &= ~(1u << bit % 32);
}

/*
 * What is known of a signal: the beginning of struct __cairn_siginfo, which is
 * all of it that anybody fills (the rest, up to 128 bytes, is zero).
 */
struct signal_info {
    int32_t signo, error, code;
    uint32_t words[5]; /* the union: see proc/signal.h */
};

/* Nothing but a number and a code. */
static inline void signal_info_init(struct signal_info *info, int signo,
                                    int code)
{
    info->signo = signo;
    info->error = 0;
    info->code = code;
    for (unsigned i = 0; i < 5; i++)
        info->words[i] = 0;
}

struct sigqueue_node {
    struct list link;
    struct signal_info info;              /* signo 0: forgotten */
    const struct sigqueue_source *source; /* (c) NULL: see above */
};

/*
 * The owner of a node that is not from the pool. One of the functions is called
 * after the node has left its queue, with interrupts off: `taken` may complete
 * what is known of the signal, `forgotten` says that it was not taken.
 */
struct sigqueue_source {
    void (*taken)(struct sigqueue_node *node, struct signal_info *info);
    void (*forgotten)(struct sigqueue_node *node);
};

struct sigqueue {
    uint64_t pending;           /* (i) bit n - 1: signal n */
    uint64_t bare;              /* (i) of these, sent without a node */
    struct list infos;          /* (i) of struct sigqueue_node */
    struct sigqueue_node first; /* (i) in use while it is linked */
    bool has_forgotten;         /* (i) there are nodes to be freed */
    unsigned nsources;          /* (i) nodes that have a source */
};

void sigqueue_init(struct sigqueue *queue);

/*
 * Add what is known of a signal that the caller then makes pending. `*nnodes`
 * counts the nodes of a process's queues. -EAGAIN: there is no memory.
 */
int sigqueue_add(struct sigqueue *queue, const struct signal_info *info,
                 unsigned *nnodes) must_check;

/*
 * Put a source's node, whose information is set and which is in no queue, into
 * this one, and make its signal pending; and take it out again, if it is in.
 */
void sigqueue_add_own(struct sigqueue *queue, struct sigqueue_node *node);
void sigqueue_remove_own(struct sigqueue *queue, struct sigqueue_node *node);

/* Make a signal pending of which nothing is known. */
static inline void sigqueue_add_bare(struct sigqueue *queue, int signo)
{
    sigmask_add(&queue->pending, signo);
    sigmask_add(&queue->bare, signo);
}

/*
 * Take signal `signo`, which is pending, and the oldest that is known of it;
 * if nothing is, the kernel sent it. `info` may be NULL.
 */
void sigqueue_take(struct sigqueue *queue, int signo, struct signal_info *info,
                   unsigned *nnodes);

/* Forget the pending signals of a mask. */
void sigqueue_forget(struct sigqueue *queue, uint64_t mask, unsigned *nnodes);

/* Free the nodes that were left behind. Not from interrupts. */
void sigqueue_sweep(struct sigqueue *queue, unsigned *nnodes);

#endif
