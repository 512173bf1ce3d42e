/*
 * The scheduler: one queue of runnable threads, served in turn. The running
 * thread is not in it. The idle thread, which boot becomes, never is.
 *
 * Fields marked (i) change with interrupts off only.
 */
#include "sched/thread.h"

#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "arch/i386/trap.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "mm/zeroing.h"
#include "sched/kstack.h"

/* Ticks of a thread whose nice value is 0. */
#define SLICE_TICKS 5

static struct slab_cache thread_cache =
    SLAB_CACHE("thread", sizeof(struct thread), 16);
static struct thread idle;
static struct list run_queue = LIST_INIT(run_queue);
static struct list dead = LIST_INIT(dead);
static unsigned nqueued;
static int last_tid;
static bool need_switch;

struct thread *current = &idle;
volatile uint64_t sched_idle_ticks;
uint64_t sched_switches;
void (*sched_tick_hook)(struct thread *thread, bool user);

static void end_sleep(struct timer *timer)
{
    thread_wake(container_of(timer, struct thread, timeout));
}

void thread_set_nice(struct thread *t, int nice)
{
    int length = SLICE_TICKS * (20 - nice) / 20;

    t->slice_length = length > 0 ? (unsigned)length : 1;
}

static void thread_setup(struct thread *t)
{
    list_init(&t->run_link);
    sigqueue_init(&t->signals.queue);
    timer_init(&t->timeout, end_sleep);
    list_init(&t->proc_link);
    thread_set_nice(t, 0);
    t->slice = t->slice_length;
}

void sched_init(void)
{
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

/* Ask for a switch on the way to user mode. */
static void request_switch(void)
{
    need_switch = true;
    trap_user_work = 1;
}

static void enqueue(struct thread *t)
{
    list_add_tail(&run_queue, &t->run_link);
    nqueued++;
}

void thread_wake(struct thread *t)
{
    uint32_t flags = irq_save();

    if (t->state == THREAD_BLOCKED) {
        t->state = THREAD_RUNNABLE;
        t->woken = true;
        enqueue(t);
        request_switch();
    } else {
        t->woken = true;
    }
    irq_restore(flags);
}

void thread_interrupt(struct thread *t)
{
    uint32_t flags = irq_save();

    t->signal_pending = true;
    if (t == current)
        trap_user_work = 1;
    if (t->state == THREAD_BLOCKED && t->interruptible)
        thread_wake(t);
    irq_restore(flags);
}

/* Free threads that have left; their stacks are not in use any more. */
static void bury_dead(void)
{
    struct list *link;

    while ((link = list_take_first(&dead)) != NULL)
        thread_destroy(list_entry(link, struct thread, run_link));
}

static struct thread *pick_next(void)
{
    struct list *link = list_take_first(&run_queue);

    if (!link)
        return &idle;
    nqueued--;
    return list_entry(link, struct thread, run_link);
}

/*
 * Give the CPU to the next thread; the current one has been put where it can
 * be found again. Interrupts are off.
 */
static void switch_away(void)
{
    struct thread *prev = current, *next = pick_next();

    need_switch = false;
    next->slice = next->slice_length;
    if (next == prev)
        return;
    next->switches++;
    sched_switches++;
    if (prev->space)
        context_leave(&prev->context);
    current = next;
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

void sched_yield(void)
{
    uint32_t flags = irq_save();

    if (nqueued > 0) {
        if (current != &idle)
            enqueue(current);
        switch_away();
    }
    irq_restore(flags);
}

void sched_preempt(void)
{
    if (need_switch)
        sched_yield();
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
    switch_away();
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
    switch_away();
    panic("sched: a dead thread runs");
}

void thread_set_space(struct space *space)
{
    uint32_t flags = irq_save();

    current->space = space;
    space_activate(space);
    irq_restore(flags);
}

void sched_tick(bool user)
{
    if (current == &idle)
        sched_idle_ticks++;
    else if (user)
        current->user_ticks++;
    else
        current->kernel_ticks++;
    if (current->process && sched_tick_hook)
        sched_tick_hook(current, user);
    timer_run();
    if (current->slice > 0)
        current->slice--;
    if (current->slice == 0 && nqueued > 0)
        request_switch();
}

unsigned sched_nrunnable(void)
{
    return nqueued + (current == &idle ? 0 : 1);
}

void sched_idle(void)
{
    for (;;) {
        irq_disable();
        if (nqueued > 0)
            switch_away();
        else if (!zeroing_step())
            __asm__ volatile("sti\n\thlt" : : : "memory");
    }
}
