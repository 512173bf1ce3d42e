/*
 * Waiting for children: one pass over the list of children finds what is to be
 * reported; without anything the caller sleeps until a child changes.
 */
#include <cairn/errno.h>
#include <cairn/wait.h>

#include "lib/string.h"
#include "proc/process.h"

static bool matches(const struct process *child, int which)
{
    if (which > 0)
        return child->pid == which;
    if (which == -1)
        return true;
    return child->pgid == (which == 0 ? current_process()->pgid : -which);
}

static void fill(struct wait_result *out, const struct process *child,
                 int status)
{
    out->pid = child->pid;
    out->status = status;
    out->uid = child->creds.uid;
    out->user_ns = child->user_ns + child->child_user_ns;
    out->kernel_ns = child->kernel_ns + child->child_kernel_ns;
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
            child->stop_signal = 0;
        return true;
    }
    if ((options & WCONTINUED) && child->continued) {
        fill(out, child, __W_CONTINUED);
        if (!keep)
            child->continued = false;
        return true;
    }
    return false;
}

/* 1: reported; 0: nothing yet; -ECHILD: there is no such child. */
static int look(int which, uint32_t options, struct wait_result *out)
{
    struct list *link, *next;
    int result = -ECHILD;

    list_for_each_safe(link, next, &current_process()->children)
    {
        struct process *child = list_entry(link, struct process, sibling);

        if (!matches(child, which))
            continue;
        if (report(child, options, out))
            return 1;
        result = 0;
    }
    return result;
}

int process_wait(int which, uint32_t options, struct wait_result *out)
{
    memset(out, 0, sizeof(*out));
    for (;;) {
        int found = look(which, options, out), error;

        if (found < 0)
            return found;
        if (found || (options & WNOHANG))
            return 0;
        error =
            waitq_sleep(&current_process()->child_event, true, WAITQ_FOREVER);
        if (error)
            return error;
    }
}
