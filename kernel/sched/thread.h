/*
 * Threads of the kernel and the scheduler. Threads in user mode are preempted,
 * those inside the kernel are not. One CPU. Which thread runs next is runq.c's
 * business.
 *
 * A thread has a kernel stack with an unmapped guard page under it, and the
 * FPU and SSE state of its user side, which is switched always, never lazily.
 */
#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H

#include "lib/list.h"
#include "lib/tree.h"
#include "lib/types.h"
#include "arch/i386/clock.h"
#include "arch/i386/context.h"
#include "sched/deadline.h"
#include "sched/sigqueue.h"
#include "sched/timer.h"
#include "sched/waitq.h"

struct inherit_waiter;
struct process;
struct space;
struct vfork_wait;

#define THREAD_NAME_LEN 16

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
    struct context context;    /* saved kernel side, see arch */
    struct tree_node run_node; /* (i) in the run queue, if it is fair */
    struct list run_link;      /* (i) in a queue of real time, or of the dead */
    uint64_t vruntime;         /* (i) ns it has run, divided by its weight */
    uint64_t runtime_ns;       /* (i) ns it has run, up to the last charge */
    uint64_t check_ns;         /* (i) runtime_ns at which an alarm must come */
    uint32_t weight, inverse;  /* (i) see runq.c; inverse is 2^32 / weight */
    uint8_t policy;            /* (i) SCHED_* */
    uint8_t rt_priority;       /* (i) runs at: 1 to 99, or 0: fair */
    uint8_t own_priority;      /* (i) the same, without what it inherits */
    int8_t nice;               /* (i) -20 to 19 */
    bool reset_on_fork;        /* (i) its children are SCHED_OTHER */
    struct list inherit_locks; /* that it owns, see inherit.h */
    struct inherit_waiter *inherit_wait; /* for such a lock, or NULL */
    struct timer timeout;                /* ends a sleep */
    struct list proc_link;               /* in process.threads */
    enum thread_state state;             /* (i) */
    bool interruptible;                  /* (i) a signal may end the sleep */
    bool woken;              /* (i) a wake-up came while it was running */
    bool killed;             /* (i) SIGKILL is pending: see checkpoint */
    bool killable;           /* (i) it may end the sleep */
    bool signal_pending;     /* (i) hint: look before entering user mode */
    struct space *space;     /* NULL: a kernel thread; counted by process */
    struct process *process; /* NULL: a kernel thread; no reference */
    int tid;                 /* changes only in exec */
    uint32_t switches;       /* how often it was switched to */
    uint32_t faults;         /* page faults, refused ones included */
    struct cpu_samples {
        uint64_t user_ns, kernel_ns;             /* as alarms found it */
        uint64_t shown_user_ns, shown_kernel_ns; /* never less than this */
    } cpu;                                       /* (i) see cputime.c */
    struct deadlines cpu_timers; /* (i) of the time that it runs */
    uint64_t resume_ns;          /* end of a sleep to be made again, or 0 */
    uint32_t clear_tid;          /* user address of set_tid_address, or 0 */
    uint32_t robust_list;        /* user address of set_robust_list, or 0 */
    bool owns_nothing;           /* it ends: futexes have no owner in it */
    struct vfork_wait *vfork;    /* its maker sleeps until exec or exit */
    char name[THREAD_NAME_LEN];  /* empty: as the process */
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

/* Set signal_pending and end an interruptible sleep. Interrupts are off. */
void thread_interrupt(struct thread *thread);

/* Let others run. */
void sched_yield(void);

/*
 * Set what decides on a thread's share: SCHED_* `policy`, `nice` (-20 to 19)
 * and, for SCHED_FIFO and SCHED_RR, `priority` (1 to 99, else 0). New threads
 * are SCHED_OTHER, 0, 0.
 */
void thread_set_policy(struct thread *t, int policy, int nice, int priority);

/* Let a thread run at a priority of 0 to 99; its own stays. For inherit.c. */
void thread_set_inherited(struct thread *t, unsigned priority);

/* The length of a thread's slices, were it to run now. */
uint32_t thread_slice_ns(const struct thread *t);

/*
 * A new thread gets policy, nice value and place among others of `maker`, as
 * fork wants it.
 */
void thread_inherit(struct thread *t, const struct thread *maker);

/* The current thread ends: what it has run counts for `heir`, too. */
void thread_leave_debt(struct thread *heir);

/* Run threads of higher need first, if the tick or a wake-up said so. */
void sched_preempt(void);

/* End the current thread; its memory goes back when another one runs. */
_Noreturn void thread_exit(void);

/* Free a thread that never ran. */
void thread_destroy(struct thread *thread);

/* Use `space` (NULL: the kernel's) from now on, in the current thread. */
void thread_set_space(struct space *space);

/* Called by the alarm's interrupt, `user` if it hit user mode. */
void sched_alarm(bool user);

/* Make sure that the alarm rings at `deadline`. Interrupts are off. */
void sched_want_alarm(uint64_t deadline);

/*
 * Called when an alarm hits a thread of a process, at least every 10 ms of its
 * running: it has run `ns` since the last time, in user mode if `user`. Returns
 * after how many more nanoseconds of running to call again at the latest. proc
 * sets it.
 */
extern uint64_t (*sched_sample_hook)(struct thread *thread, uint64_t ns,
                                     bool user);

/* Call the hook for the current thread now, as if it were in user mode. */
void sched_sample_now(void);

/* Call the hook for the current thread when it has run `ns` more. */
void sched_sample_in(uint64_t ns);

/* Nanoseconds that a thread has run, in all. Any context. */
uint64_t thread_runtime(struct thread *t);

/*
 * The same divided into what it has run in user mode and in the kernel, by
 * samples. Neither ever gets less.
 */
void thread_cpu_times(struct thread *t, uint64_t *user_ns, uint64_t *kernel_ns);

/* Nanoseconds without a thread to run. */
uint64_t sched_idle_ns(void);

/* How often one thread has followed another. */
extern uint64_t sched_switches;

/* Threads in the run queue and running, the idle one not counted. */
unsigned sched_nrunnable(void);

#endif
