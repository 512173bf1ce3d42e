/*
 * ITIMER_REAL is a timer of the kernel's; ITIMER_VIRTUAL, ITIMER_PROF and
 * RLIMIT_CPU count what the process runs, and are looked at when they are due
 * (sched/cputime.c).
 */
#include "lib/units.h"
#include "proc/itimer.h"

#include <cairn/errno.h>
#include <cairn/time.h>

#include "arch/i386/cpu.h"
#include "proc/posix_timer.h"
#include "proc/process.h"

/*
 * Periods that have gone by unseen are left out: the signal is pending once at
 * most, and a short interval must not keep the processor busy with interrupts.
 */
#define REAL_MIN_NS 20000u
void itimer_fire(struct timer *timer)
{
    struct process *p = container_of(timer, struct process, real_timer);
    uint64_t interval = p->real_interval_ns, now = clock_monotonic_ns();
    uint64_t next = timer->deadline_ns + interval;

    if (interval != 0 && next <= now)
        next += ((now - next) / interval + 1) * interval;
    if (interval != 0)
        timer_arm(timer, next > now + REAL_MIN_NS ? next : now + REAL_MIN_NS);
    (void)signal_send(p, SIGALRM);
}

/* `ns` have gone by. Return how many are left, or CLOCK_NEVER. */
static uint64_t count_down(struct process *p, struct cpu_timer *t, uint64_t ns,
                           int signo)
{
    if (t->left_ns == 0)
        return CLOCK_NEVER;
    if (t->left_ns > ns) {
        t->left_ns -= ns;
        return t->left_ns;
    }
    t->left_ns = t->interval_ns;
    (void)signal_send(p, signo);
    return t->left_ns ? t->left_ns : CLOCK_NEVER;
}

/*
 * SIGXCPU every second beyond the soft limit, SIGKILL at the hard one. Return
 * how long it is to the next second, if there is a limit.
 */
static uint64_t check_cpu_limit(struct process *p)
{
    uint64_t ns, seconds;

    if (p->limits[RLIMIT_CPU].cur == __CAIRN_RLIM64_INFINITY)
        return CLOCK_NEVER;
    ns = process_runtime(p);
    seconds = ns / NS_PER_S;
    if (seconds >= p->limits[RLIMIT_CPU].max) {
        (void)signal_send(p, SIGKILL);
    } else if (seconds >= p->limits[RLIMIT_CPU].cur &&
               seconds != p->cpu_seconds) {
        p->cpu_seconds = seconds;
        (void)signal_send(p, SIGXCPU);
    }
    return (seconds + 1) * NS_PER_S - ns;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t on_sample(struct thread *t, uint64_t ns, bool user)
{
    struct process *p = t->process;
    uint64_t next = count_down(p, &p->virtual_timer, user ? ns : 0, SIGVTALRM);

    next = least(next, count_down(p, &p->prof_timer, ns, SIGPROF));
    next = least(next, posix_timers_sample(t));
    return least(next, check_cpu_limit(p));
}

void itimer_init(void)
{
    sched_sample_hook = on_sample;
}

static struct cpu_timer *cpu_timer_of(struct process *p, int which)
{
    return which == ITIMER_VIRTUAL ? &p->virtual_timer : &p->prof_timer;
}

static bool is_timer(int which)
{
    return which == ITIMER_REAL || which == ITIMER_VIRTUAL ||
           which == ITIMER_PROF;
}

int itimer_get(int which, uint64_t *left_ns, uint64_t *interval_ns)
{
    struct process *p = current_process();
    uint64_t now = clock_monotonic_ns();
    uint32_t flags;

    if (!is_timer(which))
        return -EINVAL;
    if (which != ITIMER_REAL)
        sched_sample_now();
    flags = irq_save();
    if (which != ITIMER_REAL) {
        *left_ns = cpu_timer_of(p, which)->left_ns;
        *interval_ns = cpu_timer_of(p, which)->interval_ns;
    } else {
        *interval_ns = p->real_interval_ns;
        *left_ns = 0;
        if (timer_is_armed(&p->real_timer))
            *left_ns = p->real_timer.deadline_ns > now
                           ? p->real_timer.deadline_ns - now
                           : 1000;
    }
    irq_restore(flags);
    return 0;
}

int itimer_set(int which, uint64_t left_ns, uint64_t interval_ns)
{
    struct process *p = current_process();
    uint32_t flags;

    if (!is_timer(which))
        return -EINVAL;
    if (which != ITIMER_REAL)
        sched_sample_now();
    flags = irq_save();
    if (which != ITIMER_REAL) {
        if (left_ns != 0)
            sched_sample_in(left_ns);
        cpu_timer_of(p, which)->left_ns = left_ns;
        cpu_timer_of(p, which)->interval_ns = interval_ns;
    } else {
        p->real_interval_ns = interval_ns;
        timer_cancel(&p->real_timer);
        if (left_ns != 0)
            timer_arm(&p->real_timer, clock_monotonic_ns() + left_ns);
    }
    irq_restore(flags);
    return 0;
}
