/* Wait queues: lists of threads to wake. */
#include "sched/waitq.h"

#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "sched/thread.h"

/* Waiters that are woken without a chance for interrupts. */
#define MANY 16

void waitq_init(struct waitq *wq)
{
    list_init(&wq->waiters);
}

void waitq_join(struct waitq *wq, struct waiter *w)
{
    uint32_t flags = irq_save();

    w->thread = current;
    w->notify = NULL;
    w->woken = false;
    w->exclusive = false;
    list_add_head(&wq->waiters, &w->link); /* before the exclusive ones */
    irq_restore(flags);
}

void waitq_join_notify(struct waitq *wq, struct waiter *w,
                       void (*notify)(struct waiter *w), void *owner)
{
    uint32_t flags = irq_save();

    waitq_join(wq, w);
    w->notify = notify;
    w->owner = owner;
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

int waitq_wait_killable(struct waitq *wq)
{
    uint32_t flags = irq_save();

    if (!current->killed) {
        current->killable = true;
        waitq_wait(wq);
        current->killable = false;
    }
    irq_restore(flags);
    return current->killed ? -EINTR : 0;
}

static int sleep_exclusive(struct waitq *wq, size_t need, bool interruptible,
                           uint64_t deadline_ns)
{
    struct waiter w = {.thread = current, .exclusive = true, .need = need};
    uint32_t flags = irq_save();
    int error;

    list_add_tail(&wq->waiters, &w.link);
    error = sched_block(interruptible, deadline_ns);
    list_remove(&w.link);
    irq_restore(flags);
    return error;
}

int waitq_sleep_exclusive(struct waitq *wq, size_t need)
{
    return sleep_exclusive(wq, need, true, WAITQ_FOREVER);
}

int waitq_sleep_exclusive_until(struct waitq *wq, size_t need,
                                uint64_t deadline_ns)
{
    return sleep_exclusive(wq, need, true, deadline_ns);
}

void waitq_wait_exclusive(struct waitq *wq)
{
    (void)!sleep_exclusive(wq, 0, false, WAITQ_FOREVER);
}

static void wake(struct waiter *w)
{
    list_remove(&w->link);
    w->woken = true;
    if (w->notify)
        w->notify(w);
    else
        thread_wake(w->thread);
}

void waitq_wake(struct waitq *wq)
{
    uint32_t flags = irq_save();

    for (unsigned n = 1; !list_is_empty(&wq->waiters); n++) {
        wake(list_entry(wq->waiters.next, struct waiter, link));
        if (n % MANY == 0) {
            irq_restore(flags); /* they are as the caller has them */
            flags = irq_save();
        }
    }
    irq_restore(flags);
}

void waitq_wake_one(struct waitq *wq, bool (*fits)(void *ctx, size_t need),
                    void *ctx)
{
    struct list *link, *next;
    uint32_t flags = irq_save();

    list_for_each_safe(link, next, &wq->waiters)
    {
        struct waiter *w = list_entry(link, struct waiter, link);

        if (!w->exclusive) {
            wake(w);
        } else if (fits(ctx, w->need)) {
            wake(w);
            break;
        }
    }
    irq_restore(flags);
}

static struct waitq pauses = {.waiters = LIST_INIT(pauses.waiters)};

void pause_wait(void)
{
    waitq_wait(&pauses);
}

void pause_over(void)
{
    waitq_wake(&pauses);
}

static bool any_fits(void *ctx, size_t need)
{
    (void)ctx;
    (void)need;
    return true;
}

void waitq_wake_first(struct waitq *wq)
{
    if (!list_is_empty(&wq->waiters))
        waitq_wake_one(wq, any_fits, NULL);
}
