/*
 * Job control: processes stop and go on, and their parents hear of it.
 */
#include "proc/process.h"

#include "arch/i386/cpu.h"

/* What the end of a process, or a stop, is to its parent: SIGCHLD, mostly. */
void process_tell_parent(struct process *p, int signo, int code, int status)
{
    struct signal_info info = {.signo = signo, .code = code};

    if (signo == 0)
        return;
    info.words[SIGNAL_PID] = (uint32_t)p->pid;
    info.words[SIGNAL_UID] = p->creds.uid;
    info.words[SIGNAL_STATUS] = (uint32_t)status;
    info.words[SIGNAL_UTIME] = (uint32_t)(p->ended.user_ns / CLOCK_TICK_NS);
    info.words[SIGNAL_STIME] = (uint32_t)(p->ended.kernel_ns / CLOCK_TICK_NS);
    if (signal_send_info(p->parent, NULL, &info) != 0)
        (void)signal_send(p->parent, signo);
}

static void tell_of_job(struct process *p, int code, int signo)
{
    const struct signal_handlers *h = p->parent->handlers;

    if (h && !(h->actions[SIGCHLD - 1].flags & SA_NOCLDSTOP))
        process_tell_parent(p, SIGCHLD, code, signo);
    waitq_wake(&p->parent->child_event);
}

static bool is_killed(const struct process *p)
{
    return (p->queue.pending | current->signals.queue.pending) &
           SIGNAL_BIT(SIGKILL);
}

/* Put the process among the parent's news, or take it off. */
static void set_changed(struct process *p, bool news)
{
    list_remove(&p->news_link);
    if (news)
        list_add_tail(&p->parent->changed, &p->news_link);
}

/* All threads are to look at p->stopped. */
static void interrupt_all(struct process *p)
{
    struct thread *t;

    list_for_each_entry(t, &p->threads, struct thread, proc_link)
        thread_interrupt(t);
}

void process_stop(int signo)
{
    struct process *p = current_process();
    uint32_t flags = irq_save();

    /* An interrupt may have killed it a moment ago. */
    if (!is_killed(p) && !p->ending && !p->execer) {
        p->stopped = true;
        p->continued = p->tell_continued = p->stop_told = false;
        p->stop_signal = 0;
        p->stopped_by = signo;
        interrupt_all(p);
    }
    irq_restore(flags);
}

void process_check_stopped(struct process *p)
{
    uint32_t flags = irq_save();
    bool now = p->stopped && !p->stop_told && p->nstopped == p->nthreads;

    if (now) {
        p->stop_told = true;
        p->stop_signal = p->stopped_by;
        set_changed(p, true);
    }
    irq_restore(flags);
    if (now)
        tell_of_job(p, CLD_STOPPED, p->stopped_by);
}

void process_stay_stopped(void)
{
    struct process *p = current_process();
    uint32_t flags;
    bool tell;

    p->nstopped++;
    process_check_stopped(p);
    flags = irq_save();
    while (p->stopped)
        waitq_wait(&p->resumed);
    p->nstopped--;
    tell = p->tell_continued;
    p->tell_continued = false;
    irq_restore(flags);
    if (tell)
        tell_of_job(p, CLD_CONTINUED, SIGCONT);
}

/* The parent hears of it if it has heard of the stop. */
void process_continue(struct process *p, bool report)
{
    if (!p->stopped)
        return;
    report &= p->stop_told;
    p->stopped = false;
    p->stop_signal = 0;
    p->continued = p->tell_continued = report;
    set_changed(p, report);
    waitq_wake(&p->resumed);
    waitq_wake(&p->parent->child_event);
}
