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
#include "arch/i386/context.h"
#include "sched/waitq.h"

struct process;
struct space;

enum thread_state {
    THREAD_RUNNABLE, /* running, or in the run queue */
    THREAD_BLOCKED,  /* in sched_block */
    THREAD_STOPPED,  /* by a job control signal */
    THREAD_DEAD      /* left for good; the reaper frees it */
};

struct thread {
    struct context context;  /* saved kernel side, see arch */
    struct list run_link;    /* (i) in the run queue */
    struct list timer_link;  /* (i) in the list of deadlines */
    struct list proc_link;   /* in process.threads */
    uint64_t deadline_ns;    /* (i) */
    enum thread_state state; /* (i) */
    bool interruptible;      /* (i) a signal may end the sleep */
    bool timed_out;          /* (i) */
    bool signal_pending;     /* (i) hint: look before returning to user mode */
    struct space *space;     /* NULL: a kernel thread */
    struct process *process; /* NULL: a kernel thread; no reference */
    int tid;                 /* (c) */
    uint64_t user_ns, kernel_ns; /* times of run, sampled by the tick */
    void *stack;             /* (c) lowest usable address of the kernel stack */
    void (*entry)(void *arg); /* (c) kernel threads: where they start */
    void *arg;
};

/* The thread that runs now. */
extern struct thread *current;

void sched_init(void);

/*
 * A thread that will run entry(arg) in the kernel, not yet runnable. -ENOMEM.
 */
int thread_create(void (*entry)(void *), void *arg,
                  struct thread **out) must_check;

/* Put a new or woken thread into the run queue. Interrupt-safe. */
void thread_wake(struct thread *thread);

/* Let others run. */
void sched_yield(void);

/* End the current thread; its memory goes back when another one runs. */
_Noreturn void thread_exit(void);

/* Free a thread that never ran. */
void thread_destroy(struct thread *thread);

/* Called by the clock interrupt, `user` if it hit user mode. */
void sched_tick(bool user);

/* True if the current thread's time is up: asked on the way to user mode. */
extern volatile bool sched_need_switch;

/* Nanoseconds since the start, never going back. */
uint64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970, UTC. */
uint64_t clock_realtime_ns(void);

/* Seconds the CPU was idle, in ticks; ticks since the start. */
extern volatile uint64_t sched_ticks, sched_idle_ticks;
#define SCHED_HZ 100

#endif
