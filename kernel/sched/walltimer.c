/*
 * One timer of the monotonic clock rings for the first of all; it is armed
 * again whenever the wall clock is set.
 */
#include "sched/walltimer.h"

#include "arch/i386/clock.h"
#include "sched/timer.h"

static struct deadlines walls;
static struct timer bell;

uint32_t walltimer_moves;

static void ring_for_first(void)
{
    uint64_t at = deadlines_next(&walls), wall = clock_realtime_ns(),
             now = clock_monotonic_ns(), left = at > wall ? at - wall : 0;

    if (at == UINT64_MAX)
        timer_cancel(&bell);
    else
        timer_arm(&bell,
                  left < CLOCK_NEVER - 1 - now ? now + left : CLOCK_NEVER - 1);
}

static void on_bell(struct timer *timer)
{
    (void)timer;
    deadlines_run(&walls, clock_realtime_ns());
    ring_for_first();
}

void walltimer_moved(void)
{
    walltimer_moves++;
    on_bell(&bell);
}

void walltimer_init(void)
{
    deadlines_init(&walls);
    timer_init(&bell, on_bell);
}

void walltimer_arm(struct deadline *alarm, uint64_t wall_ns)
{
    deadline_arm(&walls, alarm, wall_ns);
    if (walls.first == alarm)
        ring_for_first();
}
