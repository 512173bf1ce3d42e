/*
 * Waiting for children. Those that have something to report are in lists of
 * their parent, so that none is looked at in vain; a pid is found by its
 * number. Without a report the caller sleeps until a child changes.
 */
#include <cairn/errno.h>
#include <cairn/wait.h>

#include "arch/i386/cpu.h"
#include "lib/string.h"
#include "proc/pid.h"
#include "proc/process.h"

/* pgid 0: any. */
static bool matches(const struct process *child, int pgid)
{
    return pgid == 0 || child->pgid == pgid;
}

static void fill(struct wait_result *out, const struct process *child,
                 int status)
{
    out->pid = child->pid;
    out->status = status;
    out->uid = child->creds.uid;
    out->use = child->ended;
    use_add(&out->use, &child->reaped);
}

/* The stop, or the end of it, has been told. */
static void take_stop(struct process *child)
{
    uint32_t flags = irq_save();

    child->stop_signal = 0;
    child->continued = false;
    list_remove(&child->news_link);
    irq_restore(flags);
}

int process_take_stop(struct process *child)
{
    int signo = child->stopped ? child->stop_signal : 0;

    if (signo != 0)
        take_stop(child);
    return signo;
}

/* Report one child if it has something new that `options` ask for. */
static bool report(struct process *child, uint32_t options,
                   struct wait_result *out)
{
    bool keep = options & WNOWAIT;

    if (child->state == PROCESS_ZOMBIE) {
        if (!(options & WEXITED))
            return false;
        fill(out, child, child->wait_status);
        if (!keep)
            process_reap(child);
        return true;
    }
    if ((options & WSTOPPED) && child->stopped && child->stop_signal != 0) {
        fill(out, child, __W_STOPPED(child->stop_signal));
        if (!keep)
            take_stop(child);
        return true;
    }
    if ((options & WCONTINUED) && child->continued) {
        fill(out, child, __W_CONTINUED);
        if (!keep)
            take_stop(child);
        return true;
    }
    return false;
}

/* Report the first child of a list of news that is in the group. */
static bool look_through(const struct list *news, int pgid, uint32_t options,
                         struct wait_result *out)
{
    struct process *child;

    list_for_each_entry(child, news, struct process, news_link)
    {
        if (matches(child, pgid) && report(child, options, out))
            return true;
    }
    return false;
}

/*
 * Has the process a child in the group? The children and the members are looked
 * at in turn: there may be many of either.
 */
static bool has_child(int pgid)
{
    const struct process *me = current_process(), *child, *member;
    const struct list *c = me->children.next, *m;
    const struct pid *group;

    if (pgid == 0)
        return !list_is_empty(&me->children);
    group = pid_find(pgid);
    if (!group)
        return false;
    m = group->group.next;
    for (; c != &me->children && m != &group->group; c = c->next, m = m->next) {
        child = list_entry(c, struct process, sibling);
        member = list_entry(m, struct process, group_link);
        if (child->pgid == pgid || member->parent == me)
            return true;
    }
    return false;
}

/* What a look at the children found. */
enum look {
    LOOK_NOTHING, /* no child has news yet */
    LOOK_REPORTED,
};

/* Look once: LOOK_*, or -ECHILD if there is no such child. */
static int look(int which, uint32_t options, struct wait_result *out)
{
    struct process *me = current_process(), *child;
    int pgid = which == 0 ? me->pgid : which == -1 ? 0 : -which;

    if (which > 0) {
        child = process_find(which);
        if (!child || child->parent != me)
            return -ECHILD;
        return report(child, options, out) ? LOOK_REPORTED : LOOK_NOTHING;
    }
    if ((options & WEXITED) && look_through(&me->zombies, pgid, options, out))
        return LOOK_REPORTED;
    if (look_through(&me->changed, pgid, options, out))
        return LOOK_REPORTED;
    return has_child(pgid) ? LOOK_NOTHING : -ECHILD;
}

int process_wait(int which, uint32_t options, struct wait_result *out)
{
    memset(out, 0, sizeof(*out));
    for (;;) {
        int found = look(which, options, out), error;

        if (found < 0)
            return found;
        if (found == LOOK_REPORTED || (options & WNOHANG))
            return 0;
        error =
            waitq_sleep(&current_process()->child_event, true, WAITQ_FOREVER);
        if (error)
            return error;
    }
}
