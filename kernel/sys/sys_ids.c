/*
 * System calls about users and groups. sys_ids16.c has the forms for ids of 16
 * bits.
 */
#include "fs/creds.h"
#include "proc/process.h"
#include "proc/user.h"
#include "sys/sys.h"
#include "sys/sys_ids.h"

static struct creds *creds(void)
{
    return &current_process()->creds;
}

SYSCALL_DEFINE(getuid32, void)
{
    return (long)creds()->uid;
}

SYSCALL_DEFINE(geteuid32, void)
{
    return (long)creds()->euid;
}

SYSCALL_DEFINE(getgid32, void)
{
    return (long)creds()->gid;
}

SYSCALL_DEFINE(getegid32, void)
{
    return (long)creds()->egid;
}

static bool is_root(void)
{
    return creds()->euid == 0;
}

/*
 * Take on new ids. Who had others may know what their user must not see, so
 * that from now on only root may look into the process.
 */
static int change_ids(const struct creds *new)
{
    struct process *p = current_process();
    const struct creds *old = &p->creds;
    struct user *user;

    if (old->uid != new->uid) {
        if (user_get(new->uid, &user) != 0)
            return -EAGAIN;
        user_take_process(user, p);
    }
    if (old->euid != new->euid || old->egid != new->egid ||
        old->fsuid != new->fsuid || old->fsgid != new->fsgid)
        p->dumpable = false;
    p->creds = *new;
    p->too_many = user_is_over_limit(p);
    return 0;
}

SYSCALL_DEFINE(setuid32, uint32_t uid)
{
    struct creds new = *creds(), *c = &new;

    if (uid == IDS_KEEP)
        return -EINVAL;
    if (is_root())
        c->uid = c->suid = uid;
    else if (uid != c->uid && uid != c->suid)
        return -EPERM;
    c->euid = c->fsuid = uid;
    return change_ids(&new);
}

SYSCALL_DEFINE(setgid32, uint32_t gid)
{
    struct creds new = *creds(), *c = &new;

    if (gid == IDS_KEEP)
        return -EINVAL;
    if (is_root())
        c->gid = c->sgid = gid;
    else if (gid != c->gid && gid != c->sgid)
        return -EPERM;
    c->egid = c->fsgid = gid;
    return change_ids(&new);
}

/* True if an unprivileged caller may change to `id`. */
static bool is_one_of(uint32_t id, uint32_t a, uint32_t b, uint32_t c)
{
    return id == IDS_KEEP || id == a || id == b || id == c;
}

SYSCALL_DEFINE(setresuid32, uint32_t uid, uint32_t euid, uint32_t suid)
{
    struct creds new = *creds(), *c = &new;

    if (!is_root() && (!is_one_of(uid, c->uid, c->euid, c->suid) ||
                       !is_one_of(euid, c->uid, c->euid, c->suid) ||
                       !is_one_of(suid, c->uid, c->euid, c->suid)))
        return -EPERM;
    c->uid = uid == IDS_KEEP ? c->uid : uid;
    c->euid = euid == IDS_KEEP ? c->euid : euid;
    c->suid = suid == IDS_KEEP ? c->suid : suid;
    c->fsuid = c->euid;
    return change_ids(&new);
}

SYSCALL_DEFINE(setresgid32, uint32_t gid, uint32_t egid, uint32_t sgid)
{
    struct creds new = *creds(), *c = &new;

    if (!is_root() && (!is_one_of(gid, c->gid, c->egid, c->sgid) ||
                       !is_one_of(egid, c->gid, c->egid, c->sgid) ||
                       !is_one_of(sgid, c->gid, c->egid, c->sgid)))
        return -EPERM;
    c->gid = gid == IDS_KEEP ? c->gid : gid;
    c->egid = egid == IDS_KEEP ? c->egid : egid;
    c->sgid = sgid == IDS_KEEP ? c->sgid : sgid;
    c->fsgid = c->egid;
    return change_ids(&new);
}

SYSCALL_DEFINE(setreuid32, uint32_t uid, uint32_t euid)
{
    struct creds new = *creds(), *c = &new;
    bool resave = uid != IDS_KEEP || (euid != IDS_KEEP && euid != c->uid);

    if (!is_root() && (!is_one_of(uid, c->uid, c->euid, IDS_KEEP) ||
                       !is_one_of(euid, c->uid, c->euid, c->suid)))
        return -EPERM;
    c->uid = uid == IDS_KEEP ? c->uid : uid;
    c->euid = euid == IDS_KEEP ? c->euid : euid;
    c->suid = resave ? c->euid : c->suid;
    c->fsuid = c->euid;
    return change_ids(&new);
}

SYSCALL_DEFINE(setregid32, uint32_t gid, uint32_t egid)
{
    struct creds new = *creds(), *c = &new;
    bool resave = gid != IDS_KEEP || (egid != IDS_KEEP && egid != c->gid);

    if (!is_root() && (!is_one_of(gid, c->gid, c->egid, IDS_KEEP) ||
                       !is_one_of(egid, c->gid, c->egid, c->sgid)))
        return -EPERM;
    c->gid = gid == IDS_KEEP ? c->gid : gid;
    c->egid = egid == IDS_KEEP ? c->egid : egid;
    c->sgid = resave ? c->egid : c->sgid;
    c->fsgid = c->egid;
    return change_ids(&new);
}

static int put_three(uaddr_t a, uaddr_t b, uaddr_t c, const uint32_t *ids)
{
    if (copy_to_user(a, &ids[0], 4) != 0 || copy_to_user(b, &ids[1], 4) != 0)
        return -EFAULT;
    return copy_to_user(c, &ids[2], 4);
}

SYSCALL_DEFINE(getresuid32, uaddr_t ruid, uaddr_t euid, uaddr_t suid)
{
    uint32_t ids[3] = {creds()->uid, creds()->euid, creds()->suid};

    return put_three(ruid, euid, suid, ids);
}

SYSCALL_DEFINE(getresgid32, uaddr_t rgid, uaddr_t egid, uaddr_t sgid)
{
    uint32_t ids[3] = {creds()->gid, creds()->egid, creds()->sgid};

    return put_three(rgid, egid, sgid, ids);
}

/* The id for files alone: the old one is returned, whatever comes of it. */
SYSCALL_DEFINE(setfsuid32, uint32_t uid)
{
    struct creds new = *creds();
    uint32_t old = new.fsuid;

    new.fsuid = uid;
    if (uid != IDS_KEEP && (is_root() || uid == old ||
                            is_one_of(uid, new.uid, new.euid, new.suid)))
        (void)!change_ids(&new);
    return (long)old;
}

SYSCALL_DEFINE(setfsgid32, uint32_t gid)
{
    struct creds new = *creds();
    uint32_t old = new.fsgid;

    new.fsgid = gid;
    if (gid != IDS_KEEP && (is_root() || gid == old ||
                            is_one_of(gid, new.gid, new.egid, new.sgid)))
        (void)!change_ids(&new);
    return (long)old;
}

SYSCALL_DEFINE(getgroups32, int size, uaddr_t list)
{
    const struct creds *c = creds();

    if (size < 0 || (size > 0 && (uint32_t)size < c->ngroups))
        return -EINVAL;
    if (size > 0 && copy_to_user(list, c->groups, c->ngroups * 4) != 0)
        return -EFAULT;
    return (long)c->ngroups;
}

int ids_may_set_groups(uint32_t n)
{
    if (!is_root())
        return -EPERM;
    return n > CREDS_NGROUPS ? -EINVAL : 0;
}

/* They are kept in order, as Linux does. */
int ids_set_groups(const uint32_t *groups, uint32_t n)
{
    struct creds *c = creds();

    for (uint32_t i = 0; i < n; i++)
        if (groups[i] == IDS_KEEP)
            return -EINVAL;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;

        for (; at > 0 && c->groups[at - 1] > groups[i]; at--)
            c->groups[at] = c->groups[at - 1];
        c->groups[at] = groups[i];
    }
    c->ngroups = n;
    return 0;
}

SYSCALL_DEFINE(setgroups32, uint32_t size, uaddr_t list)
{
    uint32_t groups[CREDS_NGROUPS];
    int error = ids_may_set_groups(size);

    if (error)
        return error;
    if (copy_from_user(groups, list, size * 4) != 0)
        return -EFAULT;
    return ids_set_groups(groups, size);
}
