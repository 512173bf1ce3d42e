/*
 * Walk over all processes, or over a group: signals to many, and questions
 * about many.
 *
 * A few processes are visited at once. More may take longer than a thread may
 * keep the processor, so such a walk lets others run in its midst, and still
 * each process is visited once: those that were there when it began and, since
 * it could otherwise get away from kill(-1, SIGKILL), a child that one of them
 * has made before its own turn came. A child made after it is not: what the
 * walk brings is older than the child. For that a process knows the number of
 * the last such walk that was there, and a child has its parent's.
 *
 * Such walks take turns. One over all processes goes by pid, and again if a
 * child was missed, whose pid may be lower. One over a group goes along its
 * members, to which new ones are added at the end; a member that leaves when it
 * would be the next moves the walk on.
 *
 *     members   a(7)  b(7)  c(6)  d(6)  e(7)     walk 7: e is a child of b
 *                           ^ next
 */
#include "lib/checkpoint.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/waitq.h"

/* Visits between two chances for others. */
#define FEW PROCESS_FEW

static struct {
    bool busy;
    bool missed;       /* a child of a process that was yet to be visited */
    unsigned number;   /* of the walk that goes on, or was the last */
    struct list *next; /* the member of the group to be visited next */
} walk;

static struct waitq turn = {.waiters = LIST_INIT(turn.waiters)};

/* Not even SIGKILL ends the wait: what a walk brings must arrive. */
static void begin(void)
{
    while (walk.busy)
        waitq_wait(&turn);
    walk.busy = true;
    walk.number++;
}

static void end(void)
{
    walk.busy = false;
    walk.next = NULL;
    waitq_wake(&turn);
}

void process_visit_child(struct process *child, const struct process *parent)
{
    child->visited = parent->visited;
    if (walk.busy && parent->visited != walk.number)
        walk.missed = true;
}

void process_visit_leaves(const struct process *p)
{
    if (walk.next == &p->group_link)
        walk.next = p->group_link.next;
}

static void visit_once(struct process *p,
                       void (*meet)(struct process *p, void *ctx), void *ctx)
{
    if (p->visited == walk.number)
        return;
    p->visited = walk.number;
    meet(p, ctx);
}

/* ---- all processes ---- */

static void each_at_once(void (*meet)(struct process *p, void *ctx), void *ctx)
{
    struct process *p = process_next(1);

    while (p) {
        int pid = p->pid;

        meet(p, ctx);
        p = process_next(pid + 1);
    }
}

void process_each(void (*meet)(struct process *p, void *ctx), void *ctx)
{
    unsigned n = 0;

    if (process_count() <= FEW) {
        each_at_once(meet, ctx);
        return;
    }
    begin();
    do {
        struct process *p = process_next(1);

        walk.missed = false;
        while (p) {
            int pid = p->pid;

            visit_once(p, meet, ctx);
            if (++n % FEW == 0)
                checkpoint();
            p = process_next(pid + 1);
        }
    } while (walk.missed);
    end();
}

/* ---- the members of a group ---- */

static void members_at_once(struct pid *pid,
                            void (*meet)(struct process *p, void *ctx),
                            void *ctx)
{
    struct list *link, *next;

    list_for_each_safe(link, next, &pid->group)
        meet(list_entry(link, struct process, group_link), ctx);
}

void process_each_in_group(int pgid, void (*meet)(struct process *p, void *ctx),
                           void *ctx)
{
    struct pid *pid = pid_find(pgid);
    unsigned n = 0;

    if (!pid || pid->nmembers <= FEW) {
        if (pid)
            members_at_once(pid, meet, ctx);
        return;
    }
    pid_hold(pgid);
    begin();
    for (walk.next = pid->group.next; walk.next != &pid->group;) {
        struct process *p = list_entry(walk.next, struct process, group_link);

        walk.next = walk.next->next;
        visit_once(p, meet, ctx);
        if (++n % FEW == 0)
            checkpoint();
    }
    end();
    pid_drop(pgid);
}
