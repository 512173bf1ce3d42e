/*
 * Timers of processes (POSIX.1-2017, timer_create to timer_delete).
 *
 *      table [0] -> timer -> timer of the kernel      CLOCK_MONOTONIC
 *            [1]    NULL  -> deadline, wall clock     CLOCK_REALTIME, absolute
 *            [2] -> timer -> deadline, process        CLOCK_PROCESS_CPUTIME_ID
 *                         -> deadline, thread         CLOCK_THREAD_CPUTIME_ID
 *
 * A timer brings the node for its signal along (sched/sigqueue.h), which is
 * counted as a queued signal from the start. While the signal is pending the
 * timer is not armed: when the signal is taken, the times that have gone by
 * since are counted as overruns, and it is armed for the next one. So one
 * timer, of however short an interval, rings at most once for each signal that
 * is taken. If the signal is ignored, a timer with an interval goes on, at
 * IGNORED_NS or slower.
 *
 * `expiry_ns` is the time, by the timer's clock, of the ring that is awaited or
 * whose signal is pending; 0: none. All fields change with interrupts off.
 */
#include "proc/posix_timer.h"

#include <cairn/errno.h>
#include <cairn/time.h>

#include "arch/i386/cpu.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/user.h"
#include "sched/walltimer.h"

#define IGNORED_NS 10000000u /* the same, if nobody hears them */
#define FIRST_SIZE 8u

/* What it waits for. */
enum kind { MONOTONIC, WALL, PROCESS_TIME, THREAD_TIME };

struct posix_timer {
    struct sigqueue_node node;
    struct timer timer;       /* MONOTONIC */
    struct deadline deadline; /* of the others */
    struct process *process;  /* (c) */
    enum kind kind;           /* (c) */
    bool relative;            /* (i) WALL: setting the clock is ignored */
    int notify;               /* (c) SIGEV_* */
    int target;               /* (c) a thread's number, or 0: the process */
    int owner;                /* (c) THREAD_TIME: whose time it is */
    uint64_t expiry_ns;       /* (i) */
    uint64_t interval_ns;     /* (i) 0: it rings once */
    uint64_t overrun,
        overrun_before;     /* (i) being counted; of the last signal */
    struct sigqueue *queue; /* (i) where the node is or was */
};

static struct slab_cache timer_cache =
    SLAB_CACHE("timer", sizeof(struct posix_timer), 8);

/* ---- clocks ---- */

/* A thread of the process, or NULL. */
static struct thread *find_thread(struct process *p, int tid)
{
    struct thread *t = thread_find(tid);

    return t && t->process == p ? t : NULL;
}

/* Is it a timer that rings by the wall clock, wherever that is set? */
static bool is_by_wall(const struct posix_timer *pt)
{
    return pt->kind == WALL && !pt->relative;
}

static uint64_t now_of(const struct posix_timer *pt)
{
    struct thread *t;

    switch (pt->kind) {
    case PROCESS_TIME:
        return process_runtime(pt->process);
    case THREAD_TIME:
        t = find_thread(pt->process, pt->owner);
        return t ? thread_runtime(t) : 0;
    case WALL:
        if (!pt->relative)
            return clock_realtime_ns();
        return clock_monotonic_ns();
    default:
        return clock_monotonic_ns();
    }
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}

/* ---- arming and ringing ---- */

static void disarm(struct posix_timer *pt)
{
    timer_cancel(&pt->timer);
    deadline_cancel(&pt->deadline);
}

/* Wait for expiry_ns, but for `least_ns` from `now` at least. */
static void arm(struct posix_timer *pt, uint64_t now, uint64_t least_ns)
{
    uint64_t at = pt->expiry_ns;
    struct thread *t;

    if (at < add(now, least_ns))
        at = add(now, least_ns);
    if (pt->kind == PROCESS_TIME) {
        deadline_arm(&pt->process->timers.cpu, &pt->deadline, at);
        sched_sample_in(at - now);
    } else if (pt->kind == THREAD_TIME) {
        t = find_thread(pt->process, pt->owner);
        if (!t)
            return;
        deadline_arm(&t->cpu_timers, &pt->deadline, at);
        if (t == current)
            sched_sample_in(at - now);
    } else if (is_by_wall(pt)) {
        walltimer_arm(&pt->deadline, at);
    } else {
        timer_arm(&pt->timer, at);
    }
}

/*
 * Move the expiry beyond `now` by whole intervals: how many rings were passed
 * over, that of the expiry itself not counted.
 */
static uint64_t go_on(struct posix_timer *pt, uint64_t now)
{
    uint64_t passed = 0;

    if (now >= pt->expiry_ns)
        passed = (now - pt->expiry_ns) / pt->interval_ns;
    pt->expiry_ns = add(pt->expiry_ns, pt->interval_ns);
    if (passed != 0)
        pt->expiry_ns = passed > (INT64_MAX - pt->expiry_ns) / pt->interval_ns
                            ? INT64_MAX
                            : pt->expiry_ns + passed * pt->interval_ns;
    return passed;
}

/* The signal has come to nothing. */
static void lose(struct posix_timer *pt)
{
    uint64_t now = now_of(pt);

    if (pt->interval_ns == 0) {
        pt->expiry_ns = 0;
        return;
    }
    (void)go_on(pt, now);
    arm(pt, now, IGNORED_NS);
}

static struct posix_timer *timer_of(struct sigqueue_node *node)
{
    return container_of(node, struct posix_timer, node);
}

static void on_taken(struct sigqueue_node *node, struct signal_info *info)
{
    struct posix_timer *pt = timer_of(node);
    uint64_t now = now_of(pt);

    pt->overrun_before = pt->overrun;
    pt->overrun = 0;
    if (pt->interval_ns == 0) {
        pt->expiry_ns = 0;
    } else {
        pt->overrun_before += go_on(pt, now);
        arm(pt, now, CLOCK_MIN_PERIOD_NS);
    }
    if (pt->overrun_before > INT32_MAX)
        pt->overrun_before = INT32_MAX;
    info->words[SIGNAL_OVERRUN] = (uint32_t)pt->overrun_before;
}

static void on_forgotten(struct sigqueue_node *node)
{
    lose(timer_of(node));
}

static const struct sigqueue_source source = {.taken = on_taken,
                                              .forgotten = on_forgotten};

static void ring(struct posix_timer *pt)
{
    struct process *p = pt->process;
    struct thread *t = NULL;

    if (pt->target != 0) {
        t = find_thread(p, pt->target);
        if (!t) {
            lose(pt);
            return;
        }
    }
    pt->queue = t ? &t->signals.queue : &p->queue;
    if (!signal_send_own(p, t, &pt->node))
        lose(pt);
}

static void on_timer(struct timer *timer)
{
    ring(container_of(timer, struct posix_timer, timer));
}

static void on_deadline(struct deadline *deadline)
{
    ring(container_of(deadline, struct posix_timer, deadline));
}

/* Run what is due in a set: how long it is to the next. */
static uint64_t run_due(struct deadlines *set, uint64_t now)
{
    deadlines_run(set, now);
    return set->first ? deadlines_next(set) - now : UINT64_MAX;
}

uint64_t posix_timers_sample(struct thread *t)
{
    struct deadlines *own = &t->cpu_timers, *all = &t->process->timers.cpu;
    uint64_t next = UINT64_MAX, next_of_all;

    if (own->first)
        next = run_due(own, t->runtime_ns);
    if (all->first) {
        next_of_all = run_due(all, process_runtime(t->process));
        next = next_of_all < next ? next_of_all : next;
    }
    return next;
}

/* ---- numbers ---- */

static struct posix_timer *find(int id)
{
    struct posix_timers *timers = &current_process()->timers;

    return (uint32_t)id < timers->size ? timers->table[id] : NULL;
}

static int grow(struct posix_timers *timers)
{
    unsigned size = timers->size ? 2 * timers->size : FIRST_SIZE;
    struct posix_timer **table = kzalloc(size * sizeof(*table));

    if (!table)
        return -ENOMEM;
    memcpy(table, timers->table, timers->size * sizeof(*table));
    kfree(timers->table);
    timers->table = table;
    timers->size = size;
    return 0;
}

/* Find the lowest number that is free. */
static int pick_number(struct posix_timers *timers, unsigned *id)
{
    int error = timers->used == timers->size ? grow(timers) : 0;

    if (error)
        return error;
    while (timers->table[timers->hint])
        timers->hint++;
    *id = timers->hint;
    return 0;
}

/* ---- life ---- */

static int kind_of(int clock, enum kind *kind)
{
    switch (clock) {
    case __CAIRN_CLOCK_REALTIME:
    case __CAIRN_CLOCK_TAI:
        *kind = WALL;
        return 0;
    case __CAIRN_CLOCK_MONOTONIC:
    case __CAIRN_CLOCK_BOOTTIME:
        *kind = MONOTONIC;
        return 0;
    case __CAIRN_CLOCK_PROCESS_CPUTIME_ID:
        *kind = PROCESS_TIME;
        return 0;
    case __CAIRN_CLOCK_THREAD_CPUTIME_ID:
        *kind = THREAD_TIME;
        return 0;
    case __CAIRN_CLOCK_MONOTONIC_RAW:
    case __CAIRN_CLOCK_REALTIME_COARSE:
    case __CAIRN_CLOCK_MONOTONIC_COARSE:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

static int check_event(const struct timer_event *event)
{
    switch (event->notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_THREAD_ID:
        if (!find_thread(current_process(), event->tid))
            return -EINVAL;
        break;
    case SIGEV_SIGNAL:
    case SIGEV_THREAD:
        break;
    default:
        return -EINVAL;
    }
    return event->signo < 1 || event->signo > __CAIRN_NSIG ? -EINVAL : 0;
}

static void set_up(struct posix_timer *pt, unsigned id,
                   const struct timer_event *event)
{
    struct signal_info *info = &pt->node.info;

    pt->process = current_process();
    pt->owner = current->tid;
    pt->notify = event->notify;
    pt->target = event->notify == SIGEV_THREAD_ID ? event->tid : 0;
    timer_init(&pt->timer, on_timer);
    deadline_init(&pt->deadline, on_deadline);
    list_init(&pt->node.link);
    pt->node.source = &source;
    signal_info_init(info, event->signo, SI_TIMER);
    info->words[SIGNAL_TIMER] = id;
    info->words[SIGNAL_VALUE] = event->value_is_id ? id : event->value;
}

int posix_timer_create(int clock, const struct timer_event *event)
{
    struct process *p = current_process();
    struct posix_timer *pt;
    enum kind kind;
    unsigned id;
    int error = kind_of(clock, &kind);

    if (!error)
        error = check_event(event);
    if (error)
        return error;
    if (!user_may_queue(p))
        return -EAGAIN;
    pt = slab_zalloc(&timer_cache);
    if (!pt)
        return -ENOMEM;
    error = pick_number(&p->timers, &id);
    if (error) {
        slab_free(&timer_cache, pt);
        return error;
    }
    pt->kind = kind;
    set_up(pt, id, event);
    irq_disable();
    p->user->nsiginfos++;
    irq_enable();
    p->timers.table[id] = pt;
    p->timers.used++;
    return (int)id;
}

/* No ring and no signal of it is under way any more. Interrupts are off. */
static void silence(struct posix_timer *pt)
{
    disarm(pt);
    if (pt->queue)
        sigqueue_remove_own(pt->queue, &pt->node);
    pt->overrun = 0;
}

static void destroy(struct process *p, unsigned id)
{
    struct posix_timer *pt = p->timers.table[id];
    uint32_t flags = irq_save();

    silence(pt);
    p->user->nsiginfos--;
    irq_restore(flags);
    p->timers.table[id] = NULL;
    p->timers.used--;
    if (id < p->timers.hint)
        p->timers.hint = id;
    slab_free(&timer_cache, pt);
}

int posix_timer_delete(int id)
{
    if (!find(id))
        return -EINVAL;
    destroy(current_process(), (unsigned)id);
    return 0;
}

void posix_timers_delete(struct process *p)
{
    struct posix_timers *timers = &p->timers;

    for (unsigned id = 0; id < timers->size; id++)
        if (timers->table[id])
            destroy(p, id);
    kfree(timers->table);
    timers->table = NULL;
    timers->size = timers->hint = 0;
}

/* ---- reading and setting ---- */

int posix_timer_overrun(int id)
{
    const struct posix_timer *pt = find(id);

    return pt ? (int)pt->overrun_before : -EINVAL;
}

/* Whether nobody but who asks sees it ring. */
static bool is_silent(const struct posix_timer *pt)
{
    return pt->notify == SIGEV_NONE;
}

/*
 * A timer whose signal is pending is not armed, nor is a silent one: what has
 * gone by is reckoned when somebody asks.
 */
static void read_spec(struct posix_timer *pt, struct timer_spec *spec)
{
    uint64_t now = now_of(pt);
    bool waits = !list_is_empty(&pt->node.link);

    spec->interval_ns = pt->interval_ns;
    spec->value_ns = 0;
    if (pt->expiry_ns == 0)
        return;
    if (pt->expiry_ns <= now && pt->interval_ns != 0 &&
        (waits || is_silent(pt)))
        pt->overrun += go_on(pt, now) + 1;
    if (pt->expiry_ns > now)
        spec->value_ns = pt->expiry_ns - now;
    else if (!is_silent(pt) && !waits)
        spec->value_ns = 1; /* it is about to ring */
}

int posix_timer_get(int id, struct timer_spec *spec)
{
    struct posix_timer *pt = find(id);
    uint32_t flags;

    if (!pt)
        return -EINVAL;
    flags = irq_save();
    read_spec(pt, spec);
    irq_restore(flags);
    return 0;
}

int posix_timer_set(int id, bool absolute, const struct timer_spec *spec,
                    struct timer_spec *old)
{
    struct posix_timer *pt = find(id);
    uint32_t flags;

    if (!pt)
        return -EINVAL;
    flags = irq_save();
    read_spec(pt, old);
    silence(pt);
    pt->relative = !absolute;
    pt->interval_ns = spec->interval_ns;
    pt->expiry_ns = 0;
    if (spec->value_ns != 0) {
        pt->expiry_ns =
            absolute ? spec->value_ns : add(now_of(pt), spec->value_ns);
        pt->overrun_before = 0;
        if (!is_silent(pt))
            arm(pt, now_of(pt), 0);
    }
    irq_restore(flags);
    return 0;
}
