/* System calls about resource limits and the use of resources. */
#include <cairn/resource.h>
#include <cairn/time.h>

#include "mm/space.h"
#include "proc/process.h"
#include "proc/rights.h"
#include "sys/sys.h"
#include "sys/timeval.h"

/* Let the address space enforce what has been set. */
static void apply_limits(struct process *p)
{
    if (p->space)
        *space_limits(p->space) = process_space_limits(p);
}

static int set_limit(struct process *p, unsigned which, uint64_t cur,
                     uint64_t max)
{
    if (cur > max)
        return -EINVAL;
    if (max > p->limits[which].max && current_process()->creds.euid != 0)
        return -EPERM;
    if (max > p->limits[which].max && max > process_limit_cap(which))
        return -EPERM;
    if (which == RLIMIT_NOFILE && max > 1048576)
        return -EPERM;
    p->limits[which].cur = cur;
    p->limits[which].max = max;
    apply_limits(p);
    return 0;
}

SYSCALL_DEFINE(prlimit64, int pid, uint32_t which, uaddr_t new_limit,
               uaddr_t old_limit)
{
    struct process *p = process_find_or_self(pid);
    struct __cairn_rlimit64 old, new;
    int error;

    if (which >= RLIM_NLIMITS)
        return -EINVAL;
    if (new_limit != 0 && copy_from_user(&new, new_limit, sizeof(new)) != 0)
        return -EFAULT;
    if (!p)
        return -ESRCH;
    if (!may_limit(p))
        return -EPERM;
    old.rlim_cur = p->limits[which].cur;
    old.rlim_max = p->limits[which].max;
    if (new_limit != 0) {
        error = set_limit(p, which, new.rlim_cur, new.rlim_max);
        if (error)
            return error;
    }
    if (old_limit != 0)
        return copy_to_user(old_limit, &old, sizeof(old));
    return 0;
}

static uint32_t narrow(uint64_t limit)
{
    return limit < __CAIRN_RLIM32_INFINITY ? (uint32_t)limit
                                           : __CAIRN_RLIM32_INFINITY;
}

static uint64_t widen(uint32_t limit)
{
    return limit == __CAIRN_RLIM32_INFINITY ? __CAIRN_RLIM64_INFINITY : limit;
}

SYSCALL_DEFINE(ugetrlimit, uint32_t which, uaddr_t address)
{
    struct process *p = current_process();
    struct __cairn_rlimit32 limit;

    if (which >= RLIM_NLIMITS)
        return -EINVAL;
    limit.rlim_cur = narrow(p->limits[which].cur);
    limit.rlim_max = narrow(p->limits[which].max);
    return copy_to_user(address, &limit, sizeof(limit));
}

/* The oldest form: values end at 2^31 - 1, which also means no limit. */
SYSCALL_DEFINE(getrlimit, uint32_t which, uaddr_t address)
{
    struct process *p = current_process();
    struct __cairn_rlimit32 limit;

    if (which >= RLIM_NLIMITS)
        return -EINVAL;
    limit.rlim_cur = narrow(p->limits[which].cur);
    limit.rlim_max = narrow(p->limits[which].max);
    if (limit.rlim_cur > INT32_MAX)
        limit.rlim_cur = INT32_MAX;
    if (limit.rlim_max > INT32_MAX)
        limit.rlim_max = INT32_MAX;
    return copy_to_user(address, &limit, sizeof(limit));
}

SYSCALL_DEFINE(setrlimit, uint32_t which, uaddr_t address)
{
    struct __cairn_rlimit32 limit;

    if (which >= RLIM_NLIMITS)
        return -EINVAL;
    if (copy_from_user(&limit, address, sizeof(limit)) != 0)
        return -EFAULT;
    return set_limit(current_process(), which, widen(limit.rlim_cur),
                     widen(limit.rlim_max));
}

struct use {
    uint64_t user_ns, kernel_ns;
};

static struct use thread_use(void)
{
    struct use use;

    thread_cpu_times(current, &use.user_ns, &use.kernel_ns);
    return use;
}

static struct use process_use(void)
{
    struct use use;

    process_cpu_times(current_process(), &use.user_ns, &use.kernel_ns);
    return use;
}

SYSCALL_DEFINE(getrusage, int who, uaddr_t address)
{
    const struct process *p = current_process();
    struct __cairn_rusage ru = {0};
    struct space_stats stats;
    struct use use;

    if (who == RUSAGE_SELF)
        use = process_use();
    else if (who == RUSAGE_THREAD)
        use = thread_use();
    else if (who == RUSAGE_CHILDREN)
        use = (struct use){p->child_user_ns, p->child_kernel_ns};
    else
        return -EINVAL;
    ru.ru_utime = to_timeval(use.user_ns);
    ru.ru_stime = to_timeval(use.kernel_ns);
    if (who != RUSAGE_CHILDREN) {
        space_read_stats(p->space, &stats);
        ru.ru_maxrss = (int32_t)(stats.resident * (PAGE_SIZE / 1024));
        ru.ru_nvcsw = (int32_t)current->switches;
    }
    return copy_to_user(address, &ru, sizeof(ru));
}

static int32_t clock_ticks_of(uint64_t ns)
{
    return (int32_t)(ns / (NS_PER_S / __CAIRN_CLK_TCK));
}

SYSCALL_DEFINE(times, uaddr_t address)
{
    const struct process *p = current_process();
    struct use use = process_use();
    struct __cairn_tms tms = {.tms_utime = clock_ticks_of(use.user_ns),
                              .tms_stime = clock_ticks_of(use.kernel_ns),
                              .tms_cutime = clock_ticks_of(p->child_user_ns),
                              .tms_cstime = clock_ticks_of(p->child_kernel_ns)};

    if (address != 0 && copy_to_user(address, &tms, sizeof(tms)) != 0)
        return -EFAULT;
    return clock_ticks_of(clock_monotonic_ns()) & INT32_MAX;
}
