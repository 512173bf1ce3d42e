/* Wait queues: lists of threads to wake. */
#include "sched/waitq.h"

#include "arch/i386/cpu.h"
#include "lib/panic.h"
#include "sched/thread.h"

void waitq_init(struct waitq *wq)
{
    list_init(&wq->waiters);
}

void waitq_join(struct waitq *wq, struct waiter *w)
{
    uint32_t flags = irq_save();

    w->thread = current;
    w->woken = false;
    list_add_tail(&wq->waiters, &w->link);
    irq_restore(flags);
}

void waitq_leave(struct waiter *w)
{
    uint32_t flags = irq_save();

    list_remove(&w->link);
    irq_restore(flags);
}

int waitq_sleep(struct waitq *wq, bool interruptible, uint64_t deadline_ns)
{
    struct waiter w;
    int error;

    waitq_join(wq, &w);
    error = sched_block(interruptible, deadline_ns);
    waitq_leave(&w);
    return error;
}

void waitq_wait(struct waitq *wq)
{
    int error = waitq_sleep(wq, false, WAITQ_FOREVER);

    assert(error == 0);
}

static void wake_first(struct waitq *wq)
{
    struct waiter *w = list_entry(wq->waiters.next, struct waiter, link);

    list_remove(&w->link);
    w->woken = true;
    thread_wake(w->thread);
}

void waitq_wake(struct waitq *wq)
{
    uint32_t flags = irq_save();

    while (!list_is_empty(&wq->waiters))
        wake_first(wq);
    irq_restore(flags);
}
