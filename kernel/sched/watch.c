/* The clocks say themselves when they want to be looked at again. */
#include "sched/watch.h"

#include "arch/i386/clock.h"
#include "arch/i386/wall.h"
#include "sched/timer.h"
#include "sched/walltimer.h"

struct waitq watch_wall_moved;
static struct timer clock_timer, wall_timer;

static void arm_in(struct timer *timer, uint64_t ns)
{
    if (ns != CLOCK_NEVER)
        timer_arm(timer, clock_now() + ns);
}

static void on_clock(struct timer *timer)
{
    arm_in(timer, clock_watch());
}

static void on_wall(struct timer *timer)
{
    arm_in(timer, wall_watch());
}

static void on_moved(void)
{
    uint32_t flags = irq_save();

    walltimer_moved();
    waitq_wake(&watch_wall_moved);
    irq_restore(flags);
}

void watch_init(void)
{
    uint32_t flags = irq_save();

    waitq_init(&watch_wall_moved);
    walltimer_init();
    wall_moved = on_moved;
    timer_init(&clock_timer, on_clock);
    timer_init(&wall_timer, on_wall);
    on_clock(&clock_timer);
    on_wall(&wall_timer);
    irq_restore(flags);
}
