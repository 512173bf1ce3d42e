/*
 * The run queue: which thread runs next, and for how long. The algorithm is
 * described in runq.c. All of it is called with interrupts off.
 */
#ifndef SCHED_RUNQ_H
#define SCHED_RUNQ_H

#include "lib/compiler.h"
#include "lib/tree.h"
#include "lib/types.h"
#include "sched/thread.h"

#define RUNQ_NPRIORITIES 100        /* of real time: 1 to 99 */
#define RUNQ_NORMAL      (1u << 22) /* thread.inverse of nice value 0 */
#define RUNQ_RR_NS       100000000u /* slice of SCHED_RR */

struct runq {
    struct thread *first;     /* of the least vruntime; not in the tree */
    struct tree tree;         /* the other fair threads */
    struct thread *wakee;     /* the last one woken, if it may be preferred */
    uint64_t floor;           /* least vruntime of those that want to run */
    uint32_t weight;          /* sum over the fair threads that wait */
    unsigned nfair, nwaiting; /* waiting: the fair ones; and all */
    uint32_t rt_bits[4];      /* priorities with waiting threads */
    struct list rt[RUNQ_NPRIORITIES];
    uint64_t rt_period_ns; /* start of the second that is counted */
    uint64_t rt_used_ns;   /* by real time in that second */
};
extern struct runq runq;

void runq_init(void);

/* Put a fair thread into its place among others. */
void runq_insert(struct thread *t);

/* Take runq.first out, when there are more. */
struct thread *runq_take_first(void);

/* How long it takes until each of a few threads has run. */
#define RUNQ_LATENCY_NS 6000000u

/* By how much a thread that was woken is preferred. */
#define RUNQ_WAKE_NS 1000000u

/* Add a real time thread, at the end or the head of its priority. */
void runq_add_rt(struct thread *t, bool at_head);

/* Take the real time thread to run now, or NULL. */
struct thread *runq_take_rt(uint64_t now);

/* Take a thread that is not the first, if it is not far from it, or NULL. */
struct thread *runq_take_wakee(struct thread *wakee);

/* Move the floor up, to the current thread or the first that waits. */
void runq_raise_floor(const struct thread *now_running);

/* Take a waiting thread out, wherever it is. */
void runq_remove(struct thread *t);

/* Charge `delta` to a thread that is not of nice value 0. */
void runq_charge(struct thread *t, uint64_t delta, uint64_t now);

/* How long a thread may run while others wait. */
uint32_t runq_slice(const struct thread *t);

/*
 * True if the current thread, which has just been charged, shall give way;
 * `slice_over`: it has used its slice.
 */
bool runq_should_switch(const struct thread *now_running, bool slice_over,
                        uint64_t now);

/* A thread that slept has its place among those that did not. */
void runq_place(struct thread *t);

/* A thread's weight, by policy and nice value. */
void runq_set_weight(struct thread *t);

static inline bool thread_is_rt(const struct thread *t)
{
    return t->rt_priority != 0;
}

/* a comes before b. */
static inline bool vruntime_before(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) < 0;
}

/*
 * True if the current thread, a fair one, shall give way to the only one that
 * waits, which was woken last: what runq_should_switch says, quickly.
 */
static inline bool runq_should_swap(const struct thread *now_running)
{
    return runq.nwaiting == 1 && runq.wakee && runq.wakee == runq.first &&
           now_running->inverse != 0 &&
           vruntime_before(runq.wakee->vruntime,
                           now_running->vruntime + RUNQ_WAKE_NS);
}

static inline void runq_add_fair(struct thread *t)
{
    runq.nwaiting++;
    runq.nfair++;
    runq.weight += t->weight;
    if (likely(!runq.first))
        runq.first = t;
    else
        runq_insert(t);
}

/* Take the fair thread that is to run next; there is one. */
static inline struct thread *runq_take_fair(void)
{
    struct thread *t = runq.first;

    if (unlikely(runq.tree.root))
        return runq_take_first();
    runq.first = NULL;
    runq.nwaiting--;
    runq.nfair--;
    runq.weight -= t->weight;
    return t;
}

#endif
