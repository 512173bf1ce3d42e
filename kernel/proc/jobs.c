/*
 * Job control: processes stop and go on, and their parents hear of it.
 *
 * A group is orphaned when no member's parent is outside of it but in its
 * session (POSIX.1-2017, XBD 3.264): nobody is there who could continue it. The
 * terminal's signals do not stop such a group, and one that becomes orphaned
 * while a member is stopped gets SIGHUP and SIGCONT.
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
    info.words[SIGNAL_UTIME] = (uint32_t)(p->user_ns / CLOCK_TICK_NS);
    info.words[SIGNAL_STIME] = (uint32_t)(p->kernel_ns / CLOCK_TICK_NS);
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

void process_stop(int signo)
{
    struct process *p = current_process();
    uint32_t flags = irq_save();
    bool killed = is_killed(p); /* by an interrupt, a moment ago */

    if (!killed) {
        p->stopped = true;
        p->continued = false;
        p->stop_signal = signo;
    }
    irq_restore(flags);
    if (killed)
        return;
    tell_of_job(p, CLD_STOPPED, signo);
    flags = irq_save();
    while (p->stopped)
        waitq_wait(&p->resumed);
    killed = is_killed(p);
    irq_restore(flags);
    if (!killed)
        tell_of_job(p, CLD_CONTINUED, SIGCONT);
}

void process_continue(struct process *p, bool report)
{
    if (!p->stopped)
        return;
    p->stopped = false;
    p->stop_signal = 0;
    p->continued = report;
    waitq_wake(&p->resumed);
    waitq_wake(&p->parent->child_event);
}

/* ---- orphaned groups ---- */

struct group_search {
    int pgid, sid;
    bool has_shell;   /* a parent in the session but outside of the group */
    bool has_stopped; /* a stopped member */
};

static void look_at_member(struct process *p, void *ctx)
{
    struct group_search *g = ctx;

    if (p->pgid != g->pgid || p->state != PROCESS_ALIVE || !p->parent)
        return;
    if (p->parent->pgid != g->pgid && p->parent->sid == g->sid)
        g->has_shell = true;
    if (p->stopped)
        g->has_stopped = true;
}

bool process_group_is_orphaned(int pgid, int sid)
{
    struct group_search g = {.pgid = pgid, .sid = sid};

    process_each(look_at_member, &g);
    return !g.has_shell;
}

void process_group_check(int pgid, int sid, const struct process *parent)
{
    struct group_search g = {.pgid = pgid, .sid = sid};

    if (parent->pgid == pgid || parent->sid != sid)
        return; /* it was not this parent who kept it from being orphaned */
    process_each(look_at_member, &g);
    if (g.has_shell || !g.has_stopped)
        return;
    (void)signal_send_group(pgid, SIGHUP);
    (void)signal_send_group(pgid, SIGCONT);
}
