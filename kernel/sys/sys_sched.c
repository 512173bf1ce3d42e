/*
 * System calls about scheduling, of which there is one kind: round robin on
 * one processor, SCHED_OTHER to programs. And prctl.
 */
#include <cairn/sched.h>

#include "lib/string.h"
#include "proc/process.h"
#include "proc/rights.h"
#include "sys/sys.h"

#define PR_GET_DUMPABLE     3
#define PR_SET_DUMPABLE     4
#define PR_SET_NAME         15
#define PR_GET_NAME         16
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39
#define SLICE_NS            50000000
#define PRIORITY_RT_MAX     99

static bool is_known_policy(uint32_t policy)
{
    return policy == SCHED_OTHER || policy == SCHED_BATCH ||
           policy == SCHED_IDLE;
}

static bool is_rt_policy(uint32_t policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

SYSCALL_DEFINE(sched_getscheduler, int pid)
{
    if (pid < 0)
        return -EINVAL;
    return process_find_or_self(pid) ? SCHED_OTHER : -ESRCH;
}

/* Real time is not offered: asking for it is not permitted. */
SYSCALL_DEFINE(sched_setscheduler, int pid, uint32_t policy, uaddr_t param)
{
    struct process *p;
    int priority;

    if (pid < 0 || (!is_known_policy(policy) && !is_rt_policy(policy)))
        return -EINVAL;
    if (copy_from_user(&priority, param, sizeof(priority)) != 0)
        return -EFAULT;
    p = process_find_or_self(pid);
    if (!p)
        return -ESRCH;
    if (is_rt_policy(policy) || !may_schedule(p))
        return -EPERM;
    return priority == 0 ? 0 : -EINVAL;
}

SYSCALL_DEFINE(sched_getparam, int pid, uaddr_t param)
{
    int priority = 0;

    if (pid < 0)
        return -EINVAL;
    if (!process_find_or_self(pid))
        return -ESRCH;
    return copy_to_user(param, &priority, sizeof(priority));
}

SYSCALL_DEFINE(sched_setparam, int pid, uaddr_t param)
{
    return sys_sched_setscheduler(pid, SCHED_OTHER, param);
}

SYSCALL_DEFINE(sched_get_priority_max, uint32_t policy)
{
    if (is_known_policy(policy))
        return 0;
    return is_rt_policy(policy) ? PRIORITY_RT_MAX : -EINVAL;
}

SYSCALL_DEFINE(sched_get_priority_min, uint32_t policy)
{
    if (is_known_policy(policy))
        return 0;
    return is_rt_policy(policy) ? 1 : -EINVAL;
}

SYSCALL_DEFINE(sched_rr_get_interval_time64, int pid, uaddr_t address)
{
    int64_t slice[2] = {0, SLICE_NS};

    if (pid < 0)
        return -EINVAL;
    if (!process_find_or_self(pid))
        return -ESRCH;
    return copy_to_user(address, slice, sizeof(slice));
}

/* One processor: bit 0. The size is in bytes, whole words, as on Linux. */
SYSCALL_DEFINE(sched_getaffinity, int pid, uint32_t nbytes, uaddr_t address)
{
    uint32_t mask = 1;

    if (nbytes < sizeof(mask) || nbytes % sizeof(mask) != 0)
        return -EINVAL;
    if (!process_find_or_self(pid))
        return -ESRCH;
    return copy_to_user(address, &mask, sizeof(mask)) ? -EFAULT
                                                      : (long)sizeof(mask);
}

/* Whether the user of the process may look into it; see proc/rights.h. */
static long set_dumpable(struct process *p, uint32_t value)
{
    if (value > 1)
        return -EINVAL;
    p->dumpable = value;
    return 0;
}

/* From now on exec heeds no set-id bits, for ever. */
static long set_no_new_privs(struct process *p, uint32_t value, uint32_t zeros)
{
    if (value != 1 || zeros != 0)
        return -EINVAL;
    p->no_new_privs = true;
    return 0;
}

SYSCALL_DEFINE(prctl, int option, uaddr_t address, uint32_t third,
               uint32_t fourth, uint32_t fifth)
{
    struct process *p = current_process();
    char name[PROCESS_NAME_LEN] = {0};
    ssize_t n;

    switch (option) {
    case PR_SET_NAME:
        n = copy_string_from_user(name, address, sizeof(name) - 1);
        if (n == -EFAULT)
            return -EFAULT;
        name[sizeof(name) - 1] = '\0';
        memcpy(p->name, name, sizeof(name));
        return 0;
    case PR_GET_NAME:
        return copy_to_user(address, p->name, sizeof(p->name));
    case PR_GET_DUMPABLE:
        return p->dumpable;
    case PR_SET_DUMPABLE:
        return set_dumpable(p, address);
    case PR_GET_NO_NEW_PRIVS:
        return address | third | fourth | fifth ? -EINVAL : p->no_new_privs;
    case PR_SET_NO_NEW_PRIVS:
        return set_no_new_privs(p, address, third | fourth | fifth);
    default:
        return -EINVAL;
    }
}
