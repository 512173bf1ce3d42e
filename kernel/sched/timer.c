/*
 * Armed timers: a tree sorted by deadline, of which the first is kept at hand.
 */
#include "sched/timer.h"

#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "sched/thread.h"

static const struct tree_ops tree_ops;
static struct tree armed = {.ops = &tree_ops};
static struct timer *first; /* the leftmost, or NULL */

static struct timer *timer_of(struct tree_node *node)
{
    return node ? container_of(node, struct timer, node) : NULL;
}

void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
    timer->deadline_ns = 0;
    timer->armed = false;
    timer->fire = fire;
}

/* Those of one deadline fire in the order in which they were armed. */
static void insert(struct timer *timer)
{
    struct tree_node **slot = &armed.root, *parent = NULL;
    bool leftmost = true;

    while (*slot) {
        parent = *slot;
        if (timer->deadline_ns < timer_of(parent)->deadline_ns) {
            slot = &parent->left;
        } else {
            slot = &parent->right;
            leftmost = false;
        }
    }
    tree_insert_at(&armed, &timer->node, parent, slot);
    timer->armed = true;
    if (leftmost)
        first = timer;
}

static void remove(struct timer *timer)
{
    if (timer == first)
        first = timer_of(tree_next(&timer->node));
    tree_remove(&armed, &timer->node);
    timer->armed = false;
}

void timer_arm(struct timer *timer, uint64_t deadline_ns)
{
    uint32_t flags = irq_save();

    if (timer->armed)
        remove(timer);
    timer->deadline_ns = deadline_ns;
    insert(timer);
    if (timer == first)
        sched_want_alarm(deadline_ns);
    irq_restore(flags);
}

void timer_cancel(struct timer *timer)
{
    uint32_t flags = irq_save();

    if (timer->armed)
        remove(timer);
    irq_restore(flags);
}

void timer_run(uint64_t now)
{
    while (first && first->deadline_ns <= now) {
        struct timer *timer = first;

        remove(timer);
        timer->fire(timer);
    }
}

uint64_t timer_next(void)
{
    return first ? first->deadline_ns : CLOCK_NEVER;
}
