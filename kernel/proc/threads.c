/*
 * The threads of one process: how they come, and how they all go.
 *
 * A process has threads in p->threads, its first one too. Each has a number, of
 * which the first one's is the process's. A thread that ends leaves: it is off
 * the list, its number is free, its time and its debt are the process's. The
 * last one does not leave but ends the process (process.c).
 *
 * Two calls want the other threads gone: exit_group, and the like of it by a
 * signal, sets p->ending; exec sets p->execer. Each other thread gets a SIGKILL
 * of its own, which ends it, and nothing else, on its way to user mode. Only
 * one of the two can be under way: who comes second finds that he is one of
 * those who have to leave.
 */
#include <cairn/errno.h>
#include <cairn/signal.h>

#include "arch/i386/cpu.h"
#include "lib/panic.h"
#include "proc/futex.h"
#include "proc/pid.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/user.h"

static unsigned nthreads; /* of all processes, but the first of each */

struct thread *thread_find(int tid)
{
    struct pid *pid = pid_find(tid);

    return pid ? pid->thread : NULL;
}

unsigned process_count_threads(void)
{
    return nthreads + process_count();
}

/* The number of a thread names it, or (NULL) nothing. */
static void name_thread(int tid, struct thread *t)
{
    uint32_t flags = irq_save();

    pid_find(tid)->thread = t;
    irq_restore(flags);
}

static void enroll(struct process *p, struct thread *t)
{
    uint32_t flags = irq_save();

    t->process = p;
    t->space = p->space;
    list_add_tail(&p->threads, &t->proc_link);
    p->nthreads++;
    p->user->nprocesses++;
    nthreads++;
    irq_restore(flags);
}

int process_add_thread(void (*entry)(void *), void *arg, struct thread **out)
{
    struct process *p = current_process();
    struct thread *t;
    struct pid *pid;
    int error;

    if (p->ending || p->execer)
        return -EINTR;
    error = thread_create(entry, arg, &t);
    if (error)
        return error;
    error = pid_create(&pid);
    if (error) {
        thread_destroy(t);
        return error;
    }
    t->tid = pid->number;
    name_thread(t->tid, t);
    enroll(p, t);
    thread_inherit(t, current);
    *out = t;
    return 0;
}

void process_forget_thread(struct process *p, struct thread *t)
{
    name_thread(t->tid, NULL);
    if (t->tid != p->pid)
        pid_release(t->tid);
}

static void end_one(struct thread *t)
{
    uint32_t flags = irq_save();

    sigmask_add(&t->signals.queue.pending, SIGKILL);
    t->killed = true;
    if (t->killable)
        thread_wake(t);
    thread_interrupt(t);
    irq_restore(flags);
}

void process_end_others(struct process *p)
{
    uint32_t flags = irq_save();
    struct thread *t;

    process_continue(p, false);
    irq_restore(flags);
    list_for_each_entry(t, &p->threads, struct thread, proc_link)
    {
        if (t != current)
            end_one(t);
    }
}

void process_leave(struct process *p)
{
    struct thread *t = current;
    struct use use = thread_use(t);
    uint32_t flags;

    assert(p->nthreads > 1);
    use_add(&p->ended, &use);
    flags = irq_save();
    list_remove(&t->proc_link);
    p->nthreads--;
    p->user->nprocesses--;
    nthreads--;
    t->process = NULL;
    irq_restore(flags);
    signal_flush_thread(p, t);
    signal_pass_on(p, UINT64_MAX);
    process_forget_thread(p, t);
    thread_leave_debt(process_thread(p));
    process_check_stopped(p);
    if (p->nthreads == 1)
        waitq_wake(&p->left);
    thread_exit();
}

/* The thread that stays takes the number of the process. */
static void take_number(struct process *p)
{
    if (current->tid == p->pid)
        return;
    process_forget_thread(p, current);
    current->tid = p->pid;
    name_thread(p->pid, current);
}

int process_be_alone(void)
{
    struct process *p = current_process();
    int error = 0;

    if (p->nthreads > 1) {
        if (p->ending || p->execer)
            return -EINTR;
        p->execer = current;
        process_end_others(p);
        while (p->nthreads > 1 && error == 0)
            error = waitq_wait_killable(&p->left);
        p->execer = NULL;
        if (error)
            return error;
    }
    take_number(p);
    return 0;
}

void use_add(struct use *sum, const struct use *part)
{
    sum->user_ns += part->user_ns;
    sum->kernel_ns += part->kernel_ns;
    sum->faults += part->faults;
    sum->switches += part->switches;
    if (sum->peak < part->peak)
        sum->peak = part->peak;
}

struct use thread_use(struct thread *t)
{
    struct use use = {.faults = t->faults, .switches = t->switches};

    thread_cpu_times(t, &use.user_ns, &use.kernel_ns);
    return use;
}

struct use process_use(struct process *p)
{
    struct use sum = p->ended, part;
    struct thread *t;

    list_for_each_entry(t, &p->threads, struct thread, proc_link)
    {
        part = thread_use(t);
        use_add(&sum, &part);
    }
    return sum;
}

void process_keep_peak(struct process *p, const struct space *space)
{
    struct space_stats stats;

    space_read_stats(space, &stats);
    if (p->ended.peak < stats.peak)
        p->ended.peak = stats.peak;
}

uint64_t process_runtime(struct process *p)
{
    uint64_t ns = p->ended.user_ns + p->ended.kernel_ns;
    struct thread *t;

    list_for_each_entry(t, &p->threads, struct thread, proc_link) ns +=
        thread_runtime(t);
    return ns;
}
