/*
 * Rights between processes, as Linux has them (ptrace(2), kill(2),
 * setpriority(2), sched(7), prlimit(2)).
 *
 * They differ in which ids count. A process that has or had rights of two
 * users (a set-id program, a server that serves a user for a while) can be
 * killed by both, but only be looked into by root.
 */
#include "proc/rights.h"

static const struct creds *mine(void)
{
    return &current_process()->creds;
}

static bool has_all_uids(const struct creds *c, uint32_t uid)
{
    return uid == c->uid && uid == c->euid && uid == c->suid;
}

static bool has_all_gids(const struct creds *c, uint32_t gid)
{
    return gid == c->gid && gid == c->egid && gid == c->sgid;
}

bool may_inspect(const struct process *p)
{
    if (p == current_process() || mine()->fsuid == 0)
        return true;
    return p->dumpable && has_all_uids(&p->creds, mine()->fsuid) &&
           has_all_gids(&p->creds, mine()->fsgid);
}

/* Is root one of its users: a set-id program, or who can become root again. */
static bool is_half_root(const struct creds *c)
{
    return c->uid == 0 || c->euid == 0 || c->suid == 0;
}

bool may_schedule(const struct process *p)
{
    const struct creds *c = &p->creds;
    uint32_t euid = mine()->euid;

    return euid == 0 ||
           ((euid == c->uid || euid == c->euid) && !is_half_root(c));
}

bool may_limit(const struct process *p)
{
    return p == current_process() || mine()->euid == 0 ||
           (has_all_uids(&p->creds, mine()->uid) &&
            has_all_gids(&p->creds, mine()->gid));
}
