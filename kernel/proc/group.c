/*
 * Process groups and sessions: who is in them, and when a group is orphaned.
 *
 * A group is orphaned when no member has a parent outside of it but in its
 * session (POSIX.1-2017, XBD 3.264): no process is there that could continue
 * it. A member with such a parent is an anchor. Each group counts its anchors,
 * so that neither the end of a process nor a read from a terminal looks at all
 * members. Who is an anchor changes with the group, the session, the parent and
 * the end of a process: all four are changed here.
 *
 * The terminal's signals do not stop an orphaned group, and one that becomes
 * orphaned while a member is stopped gets SIGHUP and SIGCONT.
 */
#include "proc/process.h"

#include "arch/i386/cpu.h"
#include "proc/pid.h"

/*
 * Init continues only the program on cairn-run's terminal, which is in its
 * session; the first program of any other machine has a session of its own.
 */
static bool is_anchor(const struct process *p)
{
    return p->state == PROCESS_ALIVE && p->parent &&
           p->parent->pgid != p->pgid && p->parent->sid == p->sid &&
           (p->parent->pid != 1 || p->pid == 2);
}

/* Count a member if it is an anchor, or take it off the count. */
static bool count_anchor(const struct process *p, int by)
{
    bool anchor = is_anchor(p);

    if (anchor)
        pid_find(p->pgid)->nanchors += (unsigned)by;
    return anchor;
}

static void count_children(const struct process *p, int by)
{
    struct process *child;

    list_for_each_entry(child, &p->children, struct process, sibling)
        count_anchor(child, by);
}

/* Interrupts are off. */
static void leave_lists(struct process *p)
{
    process_visit_leaves(p);
    if (!list_is_empty(&p->group_link))
        pid_find(p->pgid)->nmembers--;
    list_remove(&p->group_link);
    list_remove(&p->session_link);
}

void process_enter_group(struct process *p, int pgid, int sid)
{
    struct pid *group = pid_find(pgid), *session = pid_find(sid);
    uint32_t flags = irq_save();

    leave_lists(p);
    list_add_tail(&group->group, &p->group_link);
    group->nmembers++;
    list_add_tail(&session->session, &p->session_link);
    p->pgid = pgid;
    p->sid = sid;
    irq_restore(flags);
}

void process_leave_group(struct process *p)
{
    uint32_t flags = irq_save();

    leave_lists(p);
    irq_restore(flags);
    pid_release(p->pgid);
    pid_release(p->sid);
}

void process_change_group(struct process *p, int pgid, int sid)
{
    int old_pgid = p->pgid, old_sid = p->sid;

    if (pgid == old_pgid && sid == old_sid)
        return;
    count_anchor(p, -1);
    count_children(p, -1);
    process_enter_group(p, pgid, sid);
    pid_release(old_pgid);
    pid_release(old_sid);
    count_anchor(p, 1);
    count_children(p, 1);
}

bool process_group_exists(int pgid, int sid)
{
    struct pid *pid = pid_find(pgid);
    struct list *first = pid ? list_first(&pid->group) : NULL;

    /* All members of a group are in one session. */
    return first && list_entry(first, struct process, group_link)->sid == sid;
}

/* ---- orphaned groups ---- */

bool process_group_is_orphaned(int pgid)
{
    const struct pid *pid = pid_find(pgid);

    return !pid || pid->nanchors == 0;
}

static bool has_stopped(int pgid)
{
    const struct pid *pid = pid_find(pgid);
    const struct process *p;

    if (!pid)
        return false;
    list_for_each_entry(p, &pid->group, struct process, group_link)
    {
        if (p->state == PROCESS_ALIVE && p->stopped)
            return true;
    }
    return false;
}

/* The group has lost an anchor. Sleeps if it has many members. */
static void check_orphaned(int pgid)
{
    if (!process_group_is_orphaned(pgid) || !has_stopped(pgid))
        return;
    (void)signal_send_group(pgid, SIGHUP);
    (void)signal_send_group(pgid, SIGCONT);
}

void process_set_parent(struct process *p, struct process *parent)
{
    bool was_anchor = count_anchor(p, -1);

    p->parent = parent;
    if (!count_anchor(p, 1) && was_anchor)
        check_orphaned(p->pgid);
}

void process_set_zombie(struct process *p)
{
    uint32_t flags;
    bool was_anchor = count_anchor(p, -1);

    flags = irq_save();
    p->state = PROCESS_ZOMBIE;
    irq_restore(flags);
    if (was_anchor)
        check_orphaned(p->pgid);
}

/* ---- checking ---- */

struct group_count {
    const struct pid *pid;
    unsigned nanchors, nmembers;
    bool stray; /* a member says that it is in another group */
};

static void count_member(struct process *p, void *ctx)
{
    struct group_count *count = ctx;

    count->nmembers++;
    count->nanchors += is_anchor(p);
    count->stray |= p->pgid != count->pid->number;
}

const char *process_check_groups(void)
{
    struct pid *pid;

    for (pid = pid_next(1); pid; pid = pid_next(pid->number + 1)) {
        struct group_count count = {.pid = pid};
        const struct process *p;

        process_each_in_group(pid->number, count_member, &count);
        if (count.stray)
            return "group: a member of another group";
        if (count.nanchors != pid->nanchors)
            return "group: the count of anchors is wrong";
        if (count.nmembers != pid->nmembers)
            return "group: the count of members is wrong";
        list_for_each_entry(p, &pid->session, struct process, session_link)
        {
            if (p->sid != pid->number)
                return "group: a member of another session";
        }
    }
    return pid_check();
}
