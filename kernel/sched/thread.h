/*
 * Threads of the kernel and the scheduler: preemptive round robin between
 * threads in user mode, none inside the kernel. One CPU.
 *
 * A thread has a kernel stack with an unmapped guard page under it, and the
 * FPU and SSE state of its user side, which is switched always, never lazily.
 */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include "lib/list.h"
#include "lib/types.h"
#include "arch/i386/clock.h"
#include "arch/i386/context.h"
#include "sched/sigqueue.h"
#include "sched/timer.h"
#include "sched/waitq.h"

struct process;
struct space;

enum thread_state {
    THREAD_RUNNABLE, /* running, or in the run queue */
    THREAD_BLOCKED,  /* in sched_block */
    THREAD_DEAD      /* left for good; the next one to run frees it */
};

/* What a thread has of signals; proc/signal.c owns it. */
struct thread_signals {
    uint64_t blocked;          /* bit n - 1: signal n waits */
    uint64_t saved_blocked;    /* to be back after sigsuspend and the like */
    bool restore_blocked;      /* saved_blocked is valid */
    uint64_t waiting;          /* sigtimedwait waits for these */
    struct sigqueue queue;     /* (i) sent to this very thread */
    uint32_t alt_sp, alt_size; /* the alternate stack; size 0: none */
    uint32_t alt_flags;        /* SS_AUTODISARM */
};

struct thread {
    struct context context;  /* saved kernel side, see arch */
    struct list run_link;    /* (i) in the run queue */
    struct timer timeout;    /* ends a sleep */
    struct list proc_link;   /* in process.threads */
    enum thread_state state; /* (i) */
    bool interruptible;      /* (i) a signal may end the sleep */
    bool woken;              /* (i) a wake-up came while it was running */
    bool signal_pending;     /* (i) hint: look before entering user mode */
    unsigned slice;          /* (i) ticks left before others may run */
    unsigned slice_length;   /* with how many it begins, by its nice value */
    struct space *space;     /* NULL: a kernel thread; counted by process */
    struct process *process; /* NULL: a kernel thread; no reference */
    int tid;                 /* (c) */
    uint32_t user_ticks;     /* ticks that hit its user side */
    uint32_t kernel_ticks;   /* and its kernel side */
    uint32_t switches;       /* how often it was switched to */
    uint64_t resume_ns;      /* end of a sleep to be made again, or 0 */
    uint32_t clear_tid;      /* user address of set_tid_address, or 0 */
    struct thread_signals signals;
    void *stack; /* (c) lowest usable address of the stack */
};

/* The thread that runs now. */
extern struct thread *current;

/* Turn the boot stack into the idle thread; see sched_idle. */
void sched_init(void);

/* What the idle thread does for ever. */
_Noreturn void sched_idle(void);

/*
 * A thread that will run entry(arg) in the kernel, not yet runnable, without
 * process or space; `entry` must not return. -ENOMEM.
 */
int thread_create(void (*entry)(void *), void *arg,
                  struct thread **out) must_check;

/* Wake a thread, or start a new one. Interrupt-safe. */
void thread_wake(struct thread *thread);

/* Set signal_pending and end an interruptible sleep. Interrupt-safe. */
void thread_interrupt(struct thread *thread);

/* Let others run. */
void sched_yield(void);

/*
 * How much of the processor a thread gets while others want it too: from twice
 * a slice, for a nice value of -20, down to a fifth of one, for 19.
 */
void thread_set_nice(struct thread *t, int nice);

/* Run threads of higher need first, if the tick or a wake-up said so. */
void sched_preempt(void);

/* End the current thread; its memory goes back when another one runs. */
_Noreturn void thread_exit(void);

/* Free a thread that never ran. */
void thread_destroy(struct thread *thread);

/* Use `space` (NULL: the kernel's) from now on, in the current thread. */
void thread_set_space(struct space *space);

/* Called by the clock interrupt, `user` if it hit user mode. */
void sched_tick(bool user);

/* Called from every tick that hits a thread of a process; proc sets it. */
extern void (*sched_tick_hook)(struct thread *thread, bool user);

extern volatile uint64_t sched_idle_ticks;

/* How often one thread has followed another. */
extern uint64_t sched_switches;

/* Threads in the run queue and running, the idle one not counted. */
unsigned sched_nrunnable(void);

#endif
