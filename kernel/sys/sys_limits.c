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

void sys_fill_rusage(struct __cairn_rusage *ru, const struct use *use)
{
    *ru = (struct __cairn_rusage){
        .ru_utime = to_timeval(use->user_ns),
        .ru_stime = to_timeval(use->kernel_ns),
        .ru_maxrss = (int32_t)(use->peak * (PAGE_SIZE / 1024)),
        .ru_minflt = (int32_t)use->faults,
        .ru_nvcsw = (int32_t)use->switches,
    };
}

SYSCALL_DEFINE(getrusage, int who, uaddr_t address)
{
    struct process *p = current_process();
    struct __cairn_rusage ru;
    struct use use;

    if (who == RUSAGE_SELF)
        use = process_use(p);
    else if (who == RUSAGE_THREAD)
        use = thread_use(current);
    else if (who == RUSAGE_CHILDREN)
        use = p->reaped;
    else
        return -EINVAL;
    if (who != RUSAGE_CHILDREN) {
        process_keep_peak(p, p->space);
        use.peak = p->ended.peak;
    }
    sys_fill_rusage(&ru, &use);
    return copy_to_user(address, &ru, sizeof(ru));
}

static int32_t clock_ticks_of(uint64_t ns)
{
    return (int32_t)(ns / (NS_PER_S / __CAIRN_CLK_TCK));
}

SYSCALL_DEFINE(times, uaddr_t address)
{
    struct process *p = current_process();
    struct use use = process_use(p);
    struct __cairn_tms tms = {.tms_utime = clock_ticks_of(use.user_ns),
                              .tms_stime = clock_ticks_of(use.kernel_ns),
                              .tms_cutime = clock_ticks_of(p->reaped.user_ns),
                              .tms_cstime =
                                  clock_ticks_of(p->reaped.kernel_ns)};

    if (address != 0 && copy_to_user(address, &tms, sizeof(tms)) != 0)
        return -EFAULT;
    return clock_ticks_of(clock_monotonic_ns()) & INT32_MAX;
}
