/*
 * Threads: how they begin, sleep, follow one another and end. The running
 * thread is not in the run queue. The idle thread, which boot becomes, never
 * is.
 *
 * Time is charged to the running thread at every switch and every alarm. Time
 * between two charges that is longer than alarms can be apart was not the
 * thread's: the host had stopped the machine.
 *
 * The alarm rings for the first timer, for the end of a slice if threads wait,
 * and, if any thread runs at all, in time for the next sample of it
 * (cputime.c). It may be set earlier than needed, since making it later is
 * left to its next ringing: most timers are disarmed before they fire.
 *
 * Fields marked (i) change with interrupts off only.
 */
#include "sched/thread.h"

#include <cairn/errno.h>
#include <cairn/sched.h>

#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "arch/i386/trap.h"
#include "arch/i386/window.h"
#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "mm/zeroing.h"
#include "sched/cputime.h"
#include "sched/inherit.h"
#include "sched/kstack.h"
#include "sched/runq.h"

#define LOST_NS 0x4000000u /* 67 ms */

static struct slab_cache thread_cache =
    SLAB_CACHE("thread", sizeof(struct thread), 16);
static struct thread idle;
static struct list dead = LIST_INIT(dead);
static int last_tid;
static bool need_switch, slice_over;
static uint64_t charged_at; /* up to here the current thread is charged */
static uint64_t slice_end;  /* of the current thread; 0 if it has no slice */
static uint64_t alarm_at = CLOCK_NEVER;

struct thread *current = &idle;
uint64_t sched_switches;

static void end_sleep(struct timer *timer)
{
    thread_wake(container_of(timer, struct thread, timeout));
}

static void thread_setup(struct thread *t)
{
    list_init(&t->run_link);
    list_init(&t->inherit_locks);
    sigqueue_init(&t->signals.queue);
    deadlines_init(&t->cpu_timers);
    timer_init(&t->timeout, end_sleep);
    list_init(&t->proc_link);
    t->check_ns = CPUTIME_SAMPLE_NS;
    runq_set_weight(t);
}

void sched_init(void)
{
    runq_init();
    thread_setup(&idle);
    idle.state = THREAD_RUNNABLE;
}

int thread_create(void (*entry)(void *), void *arg, struct thread **out)
{
    struct thread *t = slab_zalloc(&thread_cache);
    int error;

    if (!t)
        return -ENOMEM;
    error = kstack_alloc(&t->stack);
    if (error) {
        slab_free(&thread_cache, t);
        return error;
    }
    thread_setup(t);
    t->tid = ++last_tid;
    t->state = THREAD_BLOCKED;
    context_init(&t->context, (char *)t->stack + KSTACK_SIZE, entry, arg);
    *out = t;
    return 0;
}

void thread_destroy(struct thread *t)
{
    kstack_free(t->stack);
    slab_free(&thread_cache, t);
}

/* ---- time ---- */

/* Charge a thread that has not run for all of the time, or not at 1024. */
static never_inline void charge_slowly(uint64_t delta, uint64_t now)
{
    if (delta > LOST_NS && current != &idle)
        delta = LOST_NS;
    current->runtime_ns += delta;
    if (current->inverse == RUNQ_NORMAL)
        current->vruntime += delta;
    else
        runq_charge(current, delta, now);
}

/* Charge the current thread for what it has run. Return the time. */
static inline uint64_t charge(void)
{
    uint64_t now = clock_now(), delta = now - charged_at;

    charged_at = now;
    if (unlikely(delta > LOST_NS || current->inverse != RUNQ_NORMAL)) {
        charge_slowly(delta, now);
        return now;
    }
    current->runtime_ns += delta;
    current->vruntime += delta;
    return now;
}

uint64_t thread_runtime(struct thread *t)
{
    uint32_t flags = irq_save();
    uint64_t ns;

    if (t == current)
        (void)charge();
    ns = t->runtime_ns;
    irq_restore(flags);
    return ns;
}

uint64_t sched_idle_ns(void)
{
    return thread_runtime(&idle);
}

static void set_alarm(uint64_t deadline, uint64_t now)
{
    alarm_at = deadline;
    clock_set_alarm(deadline, now);
}

void sched_want_alarm(uint64_t deadline)
{
    if (deadline < alarm_at)
        set_alarm(deadline, clock_now());
}

/* The current thread begins a slice at `now`. */
static inline void begin_slice(uint64_t now)
{
    uint64_t end = now + (current->check_ns - current->runtime_ns);

    slice_over = false;
    slice_end = 0;
    if (unlikely(runq.nwaiting != 0)) {
        slice_end = now + (likely(runq.weight == current->weight)
                               ? RUNQ_LATENCY_NS / 2
                               : runq_slice(current));
        end = slice_end < end ? slice_end : end;
    }
    if (unlikely(end < alarm_at))
        set_alarm(end, now);
}

void sched_sample_now(void)
{
    uint32_t flags = irq_save();

    (void)charge();
    cputime_sample(current, true);
    irq_restore(flags);
}

void sched_sample_in(uint64_t ns)
{
    uint32_t flags = irq_save();
    uint64_t now = charge(), check = current->runtime_ns + ns;

    if (check < current->check_ns)
        current->check_ns = check;
    if (now + ns < alarm_at)
        set_alarm(now + ns, now);
    irq_restore(flags);
}

/* ---- the queue ---- */

/* Ask for a choice on the way to user mode. */
static void request_choice(void)
{
    need_switch = true;
    trap_user_work = 1;
}

static void enqueue(struct thread *t)
{
    if (unlikely(thread_is_rt(t)))
        runq_add_rt(t, false);
    else
        runq_add_fair(t);
}

/* Put the current thread back. A preempted one is the first of its priority. */
static void enqueue_current(void)
{
    if (unlikely(thread_is_rt(current)))
        runq_add_rt(current, !slice_over);
    else
        runq_add_fair(current);
}

/* A fair thread has been woken. */
static inline void request_choice_for(struct thread *t)
{
    if (likely(t->policy == SCHED_OTHER))
        runq.wakee = t;
    if (t->policy != SCHED_BATCH || current->policy == SCHED_IDLE)
        request_choice();
}

void thread_wake(struct thread *t)
{
    uint32_t flags = irq_save();

    t->woken = true;
    if (t->state == THREAD_BLOCKED) {
        t->state = THREAD_RUNNABLE;
        runq_place(t);
        enqueue(t);
        if (unlikely(thread_is_rt(t)))
            request_choice();
        else
            request_choice_for(t);
    }
    irq_restore(flags);
}

/* Change what decides on a thread's place in the queue. */
static void set_place(struct thread *t, int policy, int nice, unsigned priority)
{
    uint32_t flags = irq_save();
    bool waits = t != current && t->state == THREAD_RUNNABLE;
    bool was_rt = thread_is_rt(t);

    if (t == current) {
        (void)charge();
        slice_end = 0; /* the slice was one of the old policy */
    }
    if (waits)
        runq_remove(t);
    if (current != &idle)
        runq_raise_floor(current);
    t->policy = (uint8_t)policy;
    t->nice = (int8_t)nice;
    t->rt_priority = (uint8_t)priority;
    runq_set_weight(t);
    if (was_rt && priority == 0) /* its virtual time stood still */
        runq_place(t);
    if (waits)
        enqueue(t);
    request_choice();
    irq_restore(flags);
}

void thread_set_policy(struct thread *t, int policy, int nice, int priority)
{
    t->own_priority = (uint8_t)priority;
    set_place(t, policy, nice, t->rt_priority);
    if (t->rt_priority != t->own_priority)
        inherit_update(t);
}

void thread_set_inherited(struct thread *t, unsigned priority)
{
    set_place(t, t->policy, t->nice, priority);
}

uint32_t thread_slice_ns(const struct thread *t)
{
    uint32_t flags = irq_save(), ns = runq_slice(t);

    irq_restore(flags);
    return ns;
}

void thread_inherit(struct thread *t, const struct thread *maker)
{
    bool reset = maker->reset_on_fork;
    int nice = reset && maker->nice < 0 ? 0 : maker->nice;

    t->vruntime = maker->vruntime;
    thread_set_policy(t, reset ? SCHED_OTHER : maker->policy, nice,
                      reset ? 0 : maker->own_priority);
}

void thread_leave_debt(struct thread *heir)
{
    uint32_t flags = irq_save();

    (void)charge();
    if (heir->state == THREAD_BLOCKED &&
        vruntime_before(heir->vruntime, current->vruntime))
        heir->vruntime = current->vruntime;
    irq_restore(flags);
}

void thread_interrupt(struct thread *t)
{
    assert(!irq_is_on());
    t->signal_pending = true;
    if (t == current)
        trap_user_work = 1;
    if (t->state == THREAD_BLOCKED && t->interruptible)
        thread_wake(t);
}

/* Free threads that have left; their stacks are not in use any more. */
static void bury_dead(void)
{
    struct list *link;

    while ((link = list_take_first(&dead)) != NULL)
        thread_destroy(list_entry(link, struct thread, run_link));
}

/* Take the thread that is to run, or the idle one. */
static struct thread *pick_next(uint64_t now)
{
    struct thread *t = NULL, *wakee = runq.wakee;

    if (unlikely(runq.nwaiting != runq.nfair)) {
        t = runq_take_rt(now);
        if (t)
            return t;
    }
    if (!runq.first)
        return &idle;
    runq.wakee = NULL;
    if (unlikely(wakee && wakee != runq.first))
        t = runq_take_wakee(wakee);
    return likely(!t) ? runq_take_fair() : t;
}

/*
 * Give the CPU to `next`, which is not in the queue. The current thread has
 * been put where it can be found again, and charged up to `now`. Interrupts
 * are off.
 */
static void switch_to(struct thread *next, uint64_t now)
{
    struct thread *prev = current;

    assert(!irq_is_on() && !window_any_open());
    latency_chance();
    need_switch = false;
    current = next;
    if (likely(next != &idle))
        begin_slice(now);
    if (next == prev)
        return;
    next->switches++;
    sched_switches++;
    if (prev == &idle)
        clock_epoch++;
    if (prev->space)
        context_leave(&prev->context);
    trap_set_stack(next->context.esp0);
    if (next->space) {
        space_activate(next->space);
        context_load(&next->context);
    }
    if (next->signal_pending)
        trap_user_work = 1;
    context_switch(&prev->context.esp, next->context.esp);
    if (!list_is_empty(&dead))
        bury_dead();
}

static void switch_away(uint64_t now)
{
    switch_to(pick_next(now), now);
}

/*
 * Others of the same need run first: a fair thread goes after the first that
 * waits, one of real time to the end of its priority.
 */
void sched_yield(void)
{
    uint32_t flags = irq_save();

    if (runq.nwaiting > 0) {
        uint64_t now = charge();

        if (runq.first &&
            vruntime_before(current->vruntime, runq.first->vruntime + 1))
            current->vruntime = runq.first->vruntime + 1;
        slice_over = true;
        if (current != &idle)
            enqueue_current();
        switch_away(now);
    }
    irq_restore(flags);
}

/* The one that waits takes the place of the current one, and the reverse. */
static void swap(uint64_t now)
{
    struct thread *next = runq.first;

    runq.first = current;
    runq.wakee = NULL;
    runq.weight += current->weight - next->weight;
    switch_to(next, now);
}

void sched_preempt(void)
{
    uint32_t flags;
    uint64_t now;

    if (!need_switch)
        return;
    flags = irq_save();
    need_switch = false;
    if (runq.nwaiting > 0) {
        now = charge();
        if (likely(runq_should_swap(current))) {
            swap(now);
        } else if (runq_should_switch(current, slice_over, now)) {
            /* Taken first: the queue is then often empty, which is quick. */
            struct thread *next = pick_next(now);

            enqueue_current();
            switch_to(next, now);
        } else {
            runq.wakee = NULL;
            if (slice_over || slice_end == 0)
                begin_slice(now);
        }
    }
    irq_restore(flags);
}

bool checkpoint(void)
{
    if (unlikely(current == &idle))
        return false; /* there are no others yet */
    assert(irq_is_on() && !window_any_open());
    latency_chance();
    sched_preempt();
    return current->killed;
}

bool checkpoint_signal(void)
{
    return checkpoint() || current->signal_pending;
}

int sched_block(bool interruptible, uint64_t deadline_ns)
{
    uint32_t flags = irq_save();
    int result = 0;

    if (current->woken)
        goto out;
    result = -EINTR;
    if (interruptible && current->signal_pending)
        goto out;
    result = -ETIMEDOUT;
    if (deadline_ns != WAITQ_FOREVER && clock_monotonic_ns() >= deadline_ns)
        goto out;
    current->state = THREAD_BLOCKED;
    current->interruptible = interruptible;
    if (deadline_ns != WAITQ_FOREVER)
        timer_arm(&current->timeout, deadline_ns);
    switch_away(charge());
    if (timer_is_armed(&current->timeout))
        timer_cancel(&current->timeout);
    current->interruptible = false;
    result = 0;
    if (interruptible && current->signal_pending)
        result = -EINTR;
    else if (deadline_ns != WAITQ_FOREVER &&
             clock_monotonic_ns() >= deadline_ns)
        result = -ETIMEDOUT;
out:
    current->woken = false;
    irq_restore(flags);
    return result;
}

void thread_exit(void)
{
    irq_disable();
    current->state = THREAD_DEAD;
    current->space = NULL;
    list_add_tail(&dead, &current->run_link);
    switch_away(charge());
    panic("sched: a dead thread runs");
}

void thread_set_space(struct space *space)
{
    uint32_t flags = irq_save();

    current->space = space;
    space_activate(space);
    irq_restore(flags);
}

/* When the alarm must ring next, at the latest. */
static uint64_t next_alarm(uint64_t now)
{
    uint64_t next = timer_next(), check;

    if (current == &idle)
        return next;
    check = now + (current->check_ns - current->runtime_ns);
    next = check < next ? check : next;
    if (runq.nwaiting > 0 && !slice_over && slice_end < next)
        next = slice_end;
    return next;
}

void sched_alarm(bool user)
{
    uint64_t now = charge();

    alarm_at = CLOCK_NEVER;
    clock_epoch++;
    if (current != &idle && current->runtime_ns >= current->check_ns)
        cputime_sample(current, user);
    if (current != &idle)
        runq_raise_floor(current);
    timer_run(now);
    if (current != &idle && runq.nwaiting > 0) {
        slice_over = now >= slice_end;
        if (slice_over || runq.nwaiting != runq.nfair || thread_is_rt(current))
            request_choice();
    }
    set_alarm(next_alarm(now), now);
}

unsigned sched_nrunnable(void)
{
    return runq.nwaiting + (current == &idle ? 0 : 1);
}

static void wait_for_interrupt(void)
{
    latency_idle();
    latency_irqs_on();
    __asm__ volatile("sti\n\thlt" : : : "memory");
}

void sched_idle(void)
{
    for (;;) {
        latency_chance();
        irq_disable();
        if (runq.nwaiting > 0)
            switch_away(charge());
        else if (!zeroing_step())
            wait_for_interrupt();
    }
}
