/* Armed timers, in a list sorted by deadline. */
#include "sched/timer.h"

#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"

static struct list armed = LIST_INIT(armed);

static struct timer *timer_of(struct list *link)
{
    return list_entry(link, struct timer, link);
}

void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
    list_init(&timer->link);
    timer->deadline_ns = 0;
    timer->fire = fire;
}

bool timer_is_armed(const struct timer *timer)
{
    return !list_is_empty(&timer->link);
}

void timer_arm(struct timer *timer, uint64_t deadline_ns)
{
    uint32_t flags = irq_save();
    struct list *link;

    list_remove(&timer->link);
    timer->deadline_ns = deadline_ns;
    list_for_each(link, &armed)
    {
        if (timer_of(link)->deadline_ns > deadline_ns)
            break;
    }
    list_add_before(link, &timer->link);
    irq_restore(flags);
}

void timer_cancel(struct timer *timer)
{
    uint32_t flags = irq_save();

    list_remove(&timer->link);
    irq_restore(flags);
}

void timer_run(void)
{
    uint64_t now;

    if (list_is_empty(&armed))
        return;
    now = clock_monotonic_ns();
    while (!list_is_empty(&armed)) {
        struct timer *timer = timer_of(armed.next);

        if (timer->deadline_ns > now)
            return;
        list_remove(&timer->link);
        timer->fire(timer);
    }
}
