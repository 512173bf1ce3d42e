/*
 * The scheduler's choice: fair by virtual time, with real time above it.
 *
 * Fair threads (SCHED_OTHER, SCHED_BATCH, SCHED_IDLE). The algorithm is that
 * of virtual time round-robin with sleepers placed near the front: weighted
 * fair queueing (Demers, Keshav, Shenker 1989) of processor time, as Linux's
 * CFS had it and as Borrowed Virtual Time (Duda, Cheriton 1999) analyses it.
 * Each thread has a virtual runtime: the time that it has run, divided by its
 * weight, which is 1024 for nice value 0 and 1.25 times less for each step.
 * The thread of the least virtual runtime runs next, so all that want to run
 * advance together, and get time in proportion to their weights.
 *
 *     vruntime  ----|--------|----|------|------------->
 *                 floor    first  other  the one that runs
 *
 * A thread runs for one slice: RUNQ_LATENCY_NS divided by weight among those
 * that want to run, but not less than SLICE_MIN_NS. The slice ends by the
 * alarm, and only if others wait.
 *
 * `floor` follows the least virtual runtime and never goes back. A thread
 * that wakes after a long sleep is placed CREDIT_NS before the floor: it has
 * not saved up the time that it slept, but it is ahead of threads that burn
 * their slices, so it runs at once, on the way back to user mode. One that
 * slept for a moment keeps the virtual runtime that it had, so sleeping often
 * gains nothing. A new thread has the virtual runtime of the one that made it;
 * one that ends leaves its own to its parent if it is greater, so a chain of
 * short children counts as one.
 *
 * Whoever is woken is preferred to the first in the queue, and to its waker,
 * if it is at most RUNQ_WAKE_NS after them: a pipe's two ends alternate without
 * detours. SCHED_BATCH does not preempt when it wakes. SCHED_IDLE has the
 * weight 3, no credit, and gives way to any other.
 *
 * Real time threads (SCHED_FIFO, SCHED_RR) run before all fair ones, by
 * priority, each priority a list. While fair threads wait they may use
 * RT_SHARE_NS of each second, so that a loop in one of them does not lock its
 * owner out. Their virtual runtime stands still; one that becomes fair again is
 * placed as one that slept.
 *
 * Costs: O(log n) for each change, and O(1) with one or two that wait. The
 * first fair thread is kept outside the tree (which is empty most of the time).
 */
#include "sched/runq.h"

#include <cairn/sched.h>

#include "lib/bits.h"
#include "lib/panic.h"

#define SLICE_MIN_NS 1000000u
#define CREDIT_NS    3000000u
#define RT_PERIOD_NS 1000000000u
#define RT_SHARE_NS  950000000u
#define WEIGHT_IDLE  3u

/* 1024 / 1.25^nice, for -20 to 19. */
static const uint32_t weights[40] = {88818, 71054, 56843, 45475, 36380, 29104,
                                     23283, 18626, 14901, 11921, 9537,  7629,
                                     6104,  4883,  3906,  3125,  2500,  2000,
                                     1600,  1280,  1024,  819,   655,   524,
                                     419,   336,   268,   215,   172,   137,
                                     110,   88,    70,    56,    45,    36,
                                     29,    23,    18,    15};

static const struct tree_ops tree_ops;

struct runq runq;

static struct thread *thread_of(struct tree_node *node)
{
    return container_of(node, struct thread, run_node);
}

void runq_init(void)
{
    tree_init(&runq.tree, &tree_ops);
    for (unsigned i = 0; i < RUNQ_NPRIORITIES; i++)
        list_init(&runq.rt[i]);
}

void runq_set_weight(struct thread *t)
{
    t->weight = t->policy == SCHED_IDLE ? WEIGHT_IDLE : weights[t->nice + 20];
    t->inverse = (uint32_t)((1ull << 32) / t->weight);
    if (thread_is_rt(t))
        t->inverse = 0; /* so that runq_charge sees it */
}

/* ---- fair threads ---- */

/* Equal ones are served in the order in which they came. */
static void insert_in_tree(struct thread *t)
{
    struct tree_node **slot = &runq.tree.root, *parent = NULL;

    while (*slot) {
        parent = *slot;
        slot = vruntime_before(t->vruntime, thread_of(parent)->vruntime)
                   ? &parent->left
                   : &parent->right;
    }
    tree_insert_at(&runq.tree, &t->run_node, parent, slot);
}

/* One that was first goes before its equals: it came before them. */
static void insert_at_front(struct thread *t)
{
    struct tree_node **slot = &runq.tree.root, *parent = NULL;

    while (*slot) {
        parent = *slot;
        slot = &parent->left;
    }
    tree_insert_at(&runq.tree, &t->run_node, parent, slot);
}

void runq_insert(struct thread *t)
{
    if (!vruntime_before(t->vruntime, runq.first->vruntime)) {
        insert_in_tree(t);
        return;
    }
    insert_at_front(runq.first);
    runq.first = t;
}

/* Replace runq.first by the next one, or by none. */
static void refill(void)
{
    struct tree_node *node = tree_first(&runq.tree);

    runq.first = NULL;
    if (!node)
        return;
    tree_remove(&runq.tree, node);
    runq.first = thread_of(node);
}

/* A fair thread has left the structure. */
static struct thread *taken(struct thread *t)
{
    runq.nwaiting--;
    runq.nfair--;
    runq.weight -= t->weight;
    return t;
}

struct thread *runq_take_first(void)
{
    struct thread *t = runq.first;

    refill();
    return taken(t);
}

static void remove_fair(struct thread *t)
{
    if (t == runq.first)
        refill();
    else
        tree_remove(&runq.tree, &t->run_node);
    taken(t);
}

struct thread *runq_take_wakee(struct thread *t)
{
    if (!vruntime_before(t->vruntime, runq.first->vruntime + RUNQ_WAKE_NS))
        return NULL;
    remove_fair(t);
    return t;
}

void runq_raise_floor(const struct thread *t)
{
    const struct thread *first = runq.first;
    uint64_t least = t->vruntime;

    if (thread_is_rt(t) && !first)
        return;
    if (first && (thread_is_rt(t) || vruntime_before(first->vruntime, least)))
        least = first->vruntime;
    if (vruntime_before(runq.floor, least))
        runq.floor = least;
}

void runq_place(struct thread *t)
{
    uint64_t least = runq.floor;

    if (t->policy != SCHED_IDLE)
        least -= CREDIT_NS;
    if (vruntime_before(t->vruntime, least))
        t->vruntime = least;
}

uint32_t runq_slice(const struct thread *t)
{
    uint32_t all = runq.weight + t->weight, slice;

    if (thread_is_rt(t))
        return t->policy == SCHED_RR ? RUNQ_RR_NS : RT_PERIOD_NS;
    if (all < t->weight) /* thousands of the highest weight */
        return SLICE_MIN_NS;
    slice = (uint32_t)((uint64_t)RUNQ_LATENCY_NS * t->weight / all);
    return slice < SLICE_MIN_NS ? SLICE_MIN_NS : slice;
}

/* ---- real time ---- */

void runq_add_rt(struct thread *t, bool at_head)
{
    struct list *queue = &runq.rt[t->rt_priority];

    runq.nwaiting++;
    runq.rt_bits[t->rt_priority / 32] |= 1u << t->rt_priority % 32;
    if (at_head)
        list_add_head(queue, &t->run_link);
    else
        list_add_tail(queue, &t->run_link);
}

/* The highest priority of which threads wait, or 0. */
static unsigned rt_highest(void)
{
    for (unsigned w = 4; w-- > 0;)
        if (runq.rt_bits[w] != 0)
            return w * 32 + 31 - (unsigned)__builtin_clz(runq.rt_bits[w]);
    return 0;
}

static void remove_rt(struct thread *t)
{
    unsigned priority = t->rt_priority;

    list_remove(&t->run_link);
    runq.nwaiting--;
    if (list_is_empty(&runq.rt[priority]))
        runq.rt_bits[priority / 32] &= ~(1u << priority % 32);
}

/* True if real time has used its share, and a fair thread waits. */
static bool rt_is_throttled(uint64_t now)
{
    if (now - runq.rt_period_ns >= RT_PERIOD_NS) {
        runq.rt_period_ns = now;
        runq.rt_used_ns = 0;
    }
    return runq.rt_used_ns >= RT_SHARE_NS && runq.nfair > 0;
}

struct thread *runq_take_rt(uint64_t now)
{
    unsigned priority = rt_highest();
    struct thread *t;

    if (priority == 0 || rt_is_throttled(now))
        return NULL;
    t = list_entry(runq.rt[priority].next, struct thread, run_link);
    remove_rt(t);
    return t;
}

/* ---- both ---- */

void runq_remove(struct thread *t)
{
    if (thread_is_rt(t))
        remove_rt(t);
    else
        remove_fair(t);
    if (runq.wakee == t)
        runq.wakee = NULL;
}

void runq_charge(struct thread *t, uint64_t delta, uint64_t now)
{
    if (!thread_is_rt(t)) {
        t->vruntime += delta * t->inverse >> 22;
        return;
    }
    (void)rt_is_throttled(now);
    runq.rt_used_ns += delta;
}

/* A fair thread that runs: shall the first one that waits, or the wakee? */
static bool fair_should_switch(const struct thread *t, bool slice_over)
{
    const struct thread *first = runq.first, *wakee = runq.wakee;

    if (!first)
        return false;
    if (wakee && vruntime_before(wakee->vruntime, t->vruntime + RUNQ_WAKE_NS))
        return true;
    if (t->policy == SCHED_IDLE && first->policy != SCHED_IDLE)
        return true;
    if (slice_over)
        return !vruntime_before(t->vruntime, first->vruntime);
    return vruntime_before(first->vruntime + RUNQ_WAKE_NS, t->vruntime);
}

static bool rt_should_switch(const struct thread *t, bool slice_over,
                             uint64_t now)
{
    unsigned highest = rt_highest();

    if (rt_is_throttled(now))
        return true;
    if (highest > t->rt_priority)
        return true;
    return highest == t->rt_priority && slice_over && t->policy == SCHED_RR;
}

bool runq_should_switch(const struct thread *t, bool slice_over, uint64_t now)
{
    if (unlikely(thread_is_rt(t)))
        return rt_should_switch(t, slice_over, now);
    if (unlikely(runq.nwaiting != runq.nfair) && !rt_is_throttled(now))
        return true;
    return fair_should_switch(t, slice_over);
}
