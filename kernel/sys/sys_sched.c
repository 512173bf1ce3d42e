/*
 * System calls about scheduling (sched/runq.c says what the policies do), with
 * Linux's rules. And prctl.
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
#define PRIORITY_RT_MAX     99

static bool is_fair_policy(uint32_t policy)
{
    return policy == SCHED_OTHER || policy == SCHED_BATCH ||
           policy == SCHED_IDLE;
}

static bool is_rt_policy(uint32_t policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

/*
 * The thread with a number (0: the current one) and its process: -EINVAL,
 * -ESRCH; NULL for a zombie, and for a process whose first thread has left.
 */
static int find_thread(int tid, struct process **p, struct thread **t)
{
    if (tid < 0)
        return -EINVAL;
    *t = tid == 0 ? current : thread_find(tid);
    *p = *t ? (*t)->process : process_find(tid);
    return *p ? 0 : -ESRCH;
}

SYSCALL_DEFINE(sched_getscheduler, int pid)
{
    struct process *p;
    struct thread *t;
    int error = find_thread(pid, &p, &t);

    if (error || !t)
        return error ? error : SCHED_OTHER;
    return t->policy | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

/*
 * What a process may take without being root (sched(7)): a real time priority
 * up to RLIMIT_RTPRIO, or not above the one it has; from SCHED_IDLE back only
 * with a nice value that it might set.
 */
static bool may_take(const struct process *p, const struct thread *t,
                     uint32_t policy, int priority)
{
    uint64_t most = p->limits[RLIMIT_RTPRIO].cur;

    if (current_process()->creds.euid == 0)
        return true;
    if (is_rt_policy(policy)) {
        if (policy != t->policy && most == 0)
            return false;
        return priority <= t->own_priority || (uint64_t)priority <= most;
    }
    if (t->policy == SCHED_IDLE && policy != SCHED_IDLE)
        return (uint64_t)(20 - p->nice) <= p->limits[RLIMIT_NICE].cur;
    return true;
}

static int set_scheduler(struct process *p, struct thread *t, uint32_t policy,
                         int priority, bool reset_on_fork)
{
    bool rt = is_rt_policy(policy);

    if (!rt && !is_fair_policy(policy))
        return -EINVAL;
    if (rt ? priority < 1 || priority > PRIORITY_RT_MAX : priority != 0)
        return -EINVAL;
    if (!t)
        return 0;
    if (!may_schedule(p) || !may_take(p, t, policy, priority) ||
        (t->reset_on_fork && !reset_on_fork &&
         current_process()->creds.euid != 0))
        return -EPERM;
    t->reset_on_fork = reset_on_fork;
    thread_set_policy(t, (int)policy, p->nice, priority);
    return 0;
}

SYSCALL_DEFINE(sched_setscheduler, int pid, uint32_t policy, uaddr_t param)
{
    bool reset = policy & SCHED_RESET_ON_FORK;
    struct process *p;
    struct thread *t;
    int priority, error;

    if ((int)policy < 0 || pid < 0 || param == 0)
        return -EINVAL;
    if (copy_from_user(&priority, param, sizeof(priority)) != 0)
        return -EFAULT;
    error = find_thread(pid, &p, &t);
    if (error)
        return error;
    return set_scheduler(p, t, policy & ~(uint32_t)SCHED_RESET_ON_FORK,
                         priority, reset);
}

SYSCALL_DEFINE(sched_getparam, int pid, uaddr_t param)
{
    struct process *p;
    struct thread *t;
    int priority, error = param == 0 ? -EINVAL : find_thread(pid, &p, &t);

    if (error)
        return error;
    priority = t ? t->own_priority : 0;
    return copy_to_user(param, &priority, sizeof(priority));
}

SYSCALL_DEFINE(sched_setparam, int pid, uaddr_t param)
{
    struct process *p;
    struct thread *t;
    int priority, error;

    if (pid < 0 || param == 0)
        return -EINVAL;
    if (copy_from_user(&priority, param, sizeof(priority)) != 0)
        return -EFAULT;
    error = find_thread(pid, &p, &t);
    if (error)
        return error;
    return set_scheduler(p, t, t ? t->policy : SCHED_OTHER, priority,
                         t && t->reset_on_fork);
}

SYSCALL_DEFINE(sched_get_priority_max, uint32_t policy)
{
    if (is_fair_policy(policy))
        return 0;
    return is_rt_policy(policy) ? PRIORITY_RT_MAX : -EINVAL;
}

SYSCALL_DEFINE(sched_get_priority_min, uint32_t policy)
{
    if (is_fair_policy(policy))
        return 0;
    return is_rt_policy(policy) ? 1 : -EINVAL;
}

/* The slice of a thread; SCHED_FIFO has none. */
static int get_interval(int pid, uint32_t *ns)
{
    struct process *p;
    struct thread *t;
    int error = find_thread(pid, &p, &t);

    *ns = 0;
    if (!error && t && t->policy != SCHED_FIFO)
        *ns = thread_slice_ns(t);
    return error;
}

SYSCALL_DEFINE(sched_rr_get_interval_time64, int pid, uaddr_t address)
{
    uint32_t ns;
    int error = get_interval(pid, &ns);
    int64_t slice[2] = {0, ns};

    return error ? error : copy_to_user(address, slice, sizeof(slice));
}

SYSCALL_DEFINE(sched_rr_get_interval, int pid, uaddr_t address)
{
    uint32_t ns;
    int error = get_interval(pid, &ns);
    int32_t slice[2] = {0, (int32_t)ns};

    return error ? error : copy_to_user(address, slice, sizeof(slice));
}

/* One processor: bit 0. The size is in bytes, whole words, as on Linux. */
SYSCALL_DEFINE(sched_getaffinity, int pid, uint32_t nbytes, uaddr_t address)
{
    uint32_t mask = 1;

    if (nbytes < sizeof(mask) || nbytes % sizeof(mask) != 0)
        return -EINVAL;
    if (pid != 0 && !thread_find(pid) && !process_find(pid))
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

/* A mask without the one processor is refused. */
SYSCALL_DEFINE(sched_setaffinity, int pid, uint32_t nbytes, uaddr_t address)
{
    struct process *p;
    struct thread *t;
    uint8_t mask = 0;
    int error;

    if (nbytes > 0 && copy_from_user(&mask, address, 1) != 0)
        return -EFAULT;
    error = find_thread(pid, &p, &t);
    if (error)
        return error == -EINVAL ? -ESRCH : error;
    if (!may_schedule(p))
        return -EPERM;
    return mask & 1 ? 0 : -EINVAL;
}

/* Where the caller runs: on the one processor, of the one node. */
SYSCALL_DEFINE(getcpu, uaddr_t number, uaddr_t node, uaddr_t unused)
{
    (void)unused;
    if (number != 0 && put_user_word(number, 0) != 0)
        return -EFAULT;
    return node != 0 && put_user_word(node, 0) != 0 ? -EFAULT : 0;
}

#define MEMBARRIER_QUERY    0
#define MEMBARRIER_COMMANDS 0x1FF /* global, private, and to register */

/* On one processor all memory is always in order, seen from anywhere. */
SYSCALL_DEFINE(membarrier, int command, uint32_t flags, int which)
{
    (void)which;
    if (flags != 0)
        return -EINVAL;
    if (command == MEMBARRIER_QUERY)
        return MEMBARRIER_COMMANDS;
    if (command < 0 || (command & (command - 1)) != 0 ||
        (command & ~MEMBARRIER_COMMANDS) != 0)
        return -EINVAL;
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
        memcpy(current->tid == p->pid ? p->name : current->name, name,
               sizeof(name));
        return 0;
    case PR_GET_NAME:
        return copy_to_user(address, thread_name(current), sizeof(name));
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
