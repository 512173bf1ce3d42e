/*
 * System calls about nice values, with Linux's rules: a value belongs to a
 * process, is inherited, and moves the length of its threads' time slices.
 * The call getpriority returns 20 minus the value, so that it is never an
 * error; of several processes it tells the most favoured one.
 */
#include <cairn/resource.h>

#include "proc/process.h"
#include "proc/rights.h"
#include "sys/sys.h"

#define NICE_MIN (-20)
#define NICE_MAX 19

/* A group of processes by PRIO_..., and what is done to each of them. */
struct selection {
    int which, who; /* who: never 0 */
    int nice;       /* to set */
    int best;       /* 20 - nice of the most favoured, 0 for none */
    int error;      /* the last refusal */
    bool found;
};

static bool is_selected(const struct process *p, const struct selection *s)
{
    return p->state == PROCESS_ALIVE &&
           (s->which != PRIO_USER || p->creds.uid == (unsigned)s->who);
}

/* Call `meet` for all that may be selected. */
static void each_of(struct selection *s,
                    void (*meet)(struct process *p, void *ctx))
{
    struct process *p;

    if (s->which == PRIO_USER) {
        process_each(meet, s);
    } else if (s->which == PRIO_PGRP) {
        process_each_in_group(s->who, meet, s);
    } else {
        p = process_find(s->who);
        if (!p && thread_find(s->who))
            p = thread_find(s->who)->process; /* all threads are as nice */
        if (p)
            meet(p, s);
    }
}

/* Fill in a selection; who 0 is the caller. */
static int select(struct selection *s, int which, int who)
{
    const struct process *me = current_process();

    if (which < PRIO_PROCESS || which > PRIO_USER)
        return -EINVAL;
    *s = (struct selection){.which = which, .who = who};
    if (who == 0 && which == PRIO_PROCESS)
        s->who = me->pid;
    if (who == 0 && which == PRIO_PGRP)
        s->who = me->pgid;
    if (who == 0 && which == PRIO_USER)
        s->who = (int)me->creds.uid;
    return 0;
}

static int clamp(int nice)
{
    if (nice < NICE_MIN)
        return NICE_MIN;
    return nice > NICE_MAX ? NICE_MAX : nice;
}

static void set_nice(struct process *p, int nice)
{
    struct thread *t;

    p->nice = nice;
    list_for_each_entry(t, &p->threads, struct thread, proc_link)
        thread_set_policy(t, t->policy, nice, t->own_priority);
}

static void look_at(struct process *p, void *ctx)
{
    struct selection *s = ctx;

    if (is_selected(p, s) && 20 - p->nice > s->best)
        s->best = 20 - p->nice;
}

/* A lower value takes time from others: up to RLIMIT_NICE, or for root. */
static bool may_nice(const struct process *p, int nice)
{
    return nice >= p->nice || current_process()->creds.euid == 0 ||
           (uint64_t)(20 - nice) <= p->limits[RLIMIT_NICE].cur;
}

static void change(struct process *p, void *ctx)
{
    struct selection *s = ctx;

    if (!is_selected(p, s))
        return;
    s->found = true;
    if (!may_schedule(p))
        s->error = -EPERM;
    else if (!may_nice(p, s->nice))
        s->error = -EACCES;
    else
        set_nice(p, s->nice);
}

SYSCALL_DEFINE(getpriority, int which, int who)
{
    struct selection s;
    int error = select(&s, which, who);

    if (error)
        return error;
    each_of(&s, look_at);
    return s.best ? s.best : -ESRCH;
}

SYSCALL_DEFINE(setpriority, int which, int who, int nice)
{
    struct selection s;
    int error = select(&s, which, who);

    if (error)
        return error;
    s.nice = clamp(nice);
    each_of(&s, change);
    return s.found ? s.error : -ESRCH;
}

SYSCALL_DEFINE(nice, int increment)
{
    struct process *me = current_process();

    /* Beyond these it is the same, and the sum cannot overflow. */
    if (increment < -40)
        increment = -40;
    if (increment > 40)
        increment = 40;
    if (!may_nice(me, clamp(me->nice + increment)))
        return -EPERM;
    set_nice(me, clamp(me->nice + increment));
    return 0;
}
