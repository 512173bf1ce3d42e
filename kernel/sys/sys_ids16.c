/*
 * The old system calls about users and groups, whose ids have 16 bits. An id
 * that has more is told as 65534; of an argument the low 16 bits count, and
 * 0xFFFF means -1, which is "leave it as it is" and never an id.
 */
#include "fs/creds.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/sys_ids.h"

#define GETS(name)                    \
    SYSCALL_DEFINE(name, void)        \
    {                                 \
        long id = sys_##name##32();   \
                                      \
        return ids_low((uint32_t)id); \
    }

#define SETS_ONE(name)                           \
    long stack_args sys_##name##32(uint32_t id); \
    SYSCALL_DEFINE(name, uint32_t id)            \
    {                                            \
        return sys_##name##32(wide(id));         \
    }

long stack_args sys_getuid32(void);
long stack_args sys_geteuid32(void);
long stack_args sys_getgid32(void);
long stack_args sys_getegid32(void);
long stack_args sys_setreuid32(uint32_t id, uint32_t eid);
long stack_args sys_setregid32(uint32_t id, uint32_t eid);
long stack_args sys_setresuid32(uint32_t id, uint32_t eid, uint32_t sid);
long stack_args sys_setresgid32(uint32_t id, uint32_t eid, uint32_t sid);
long stack_args sys_chown32(uaddr_t path, uint32_t uid, uint32_t gid);
long stack_args sys_lchown32(uaddr_t path, uint32_t uid, uint32_t gid);
long stack_args sys_fchown32(int fd, uint32_t uid, uint32_t gid);

static uint32_t wide(uint32_t id)
{
    return (id & 0xFFFF) == 0xFFFF ? IDS_KEEP : id & 0xFFFF;
}

GETS(getuid)
GETS(geteuid)
GETS(getgid)
GETS(getegid)
SETS_ONE(setuid)
SETS_ONE(setgid)
SETS_ONE(setfsuid)
SETS_ONE(setfsgid)

SYSCALL_DEFINE(setreuid, uint32_t uid, uint32_t euid)
{
    return sys_setreuid32(wide(uid), wide(euid));
}

SYSCALL_DEFINE(setregid, uint32_t gid, uint32_t egid)
{
    return sys_setregid32(wide(gid), wide(egid));
}

SYSCALL_DEFINE(setresuid, uint32_t uid, uint32_t euid, uint32_t suid)
{
    return sys_setresuid32(wide(uid), wide(euid), wide(suid));
}

SYSCALL_DEFINE(setresgid, uint32_t gid, uint32_t egid, uint32_t sgid)
{
    return sys_setresgid32(wide(gid), wide(egid), wide(sgid));
}

static int put_id(uaddr_t to, uint32_t id)
{
    uint16_t low = ids_low(id);

    return copy_to_user(to, &low, sizeof(low));
}

static long put_three(uaddr_t to, uaddr_t to_effective, uaddr_t to_saved,
                      const uint32_t *ids)
{
    if (put_id(to, ids[0]) != 0 || put_id(to_effective, ids[1]) != 0)
        return -EFAULT;
    return put_id(to_saved, ids[2]);
}

SYSCALL_DEFINE(getresuid, uaddr_t uid, uaddr_t euid, uaddr_t suid)
{
    const struct creds *c = creds_current();
    const uint32_t ids[3] = {c->uid, c->euid, c->suid};

    return put_three(uid, euid, suid, ids);
}

SYSCALL_DEFINE(getresgid, uaddr_t gid, uaddr_t egid, uaddr_t sgid)
{
    const struct creds *c = creds_current();
    const uint32_t ids[3] = {c->gid, c->egid, c->sgid};

    return put_three(gid, egid, sgid, ids);
}

SYSCALL_DEFINE(getgroups, int size, uaddr_t list)
{
    const struct creds *c = creds_current();
    uint16_t groups[CREDS_NGROUPS];
    uint32_t n = c->ngroups;

    if (size < 0 || (size > 0 && (uint32_t)size < n))
        return -EINVAL;
    for (uint32_t i = 0; i < n; i++)
        groups[i] = ids_low(c->groups[i]);
    if (size > 0 && copy_to_user(list, groups, n * sizeof(groups[0])) != 0)
        return -EFAULT;
    return (long)n;
}

SYSCALL_DEFINE(setgroups, uint32_t size, uaddr_t list)
{
    uint16_t groups[CREDS_NGROUPS];
    uint32_t wanted[CREDS_NGROUPS];
    int error = ids_may_set_groups(size);

    if (error)
        return error;
    if (copy_from_user(groups, list, size * sizeof(groups[0])) != 0)
        return -EFAULT;
    for (uint32_t i = 0; i < size; i++)
        wanted[i] = wide(groups[i]);
    return ids_set_groups(wanted, size);
}

SYSCALL_DEFINE(chown, uaddr_t path, uint32_t uid, uint32_t gid)
{
    return sys_chown32(path, wide(uid), wide(gid));
}

SYSCALL_DEFINE(lchown, uaddr_t path, uint32_t uid, uint32_t gid)
{
    return sys_lchown32(path, wide(uid), wide(gid));
}

SYSCALL_DEFINE(fchown, int fd, uint32_t uid, uint32_t gid)
{
    return sys_fchown32(fd, wide(uid), wide(gid));
}
