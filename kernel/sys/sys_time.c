/*
 * System calls about time. The 64-bit forms (Linux 5.1) are what the libc
 * uses; the 32-bit ones are the same with narrower structs.
 */
#include <cairn/time.h>

#include "lib/units.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/watch.h"
#include "sys/restart.h"
#include "sys/sys.h"
#include "sys/timespec.h"

/*
 * Processor time of any process or thread (Linux's clock ids): the number's
 * complement, above a bit that tells a thread, and two for the kind of time.
 */
#define CPU_CLOCK_THREAD 4
#define CPU_CLOCK_KIND   3 /* profiled, user's, scheduler's; 3 is none */

static int read_other_cpu_clock(int id, uint64_t *ns)
{
    int number = ~(id >> 3);
    struct process *p = process_find_or_self(number);
    struct thread *t = number == 0 ? current : thread_find(number);

    if ((id & CPU_CLOCK_KIND) == CPU_CLOCK_KIND)
        return -EINVAL;
    if (id & CPU_CLOCK_THREAD) {
        if (!t || t->process != current_process())
            return -EINVAL;
        *ns = thread_runtime(t);
        return 0;
    }
    if (!p || p->state != PROCESS_ALIVE)
        return -EINVAL;
    *ns = process_runtime(p);
    return 0;
}

/* What a clock shows, in nanoseconds: 0 or -EINVAL. */
static int clock_read(int id, uint64_t *ns)
{
    switch (id) {
    case __CAIRN_CLOCK_REALTIME:
    case __CAIRN_CLOCK_REALTIME_COARSE:
    case __CAIRN_CLOCK_TAI:
        *ns = clock_realtime_ns();
        return 0;
    case __CAIRN_CLOCK_MONOTONIC:
    case __CAIRN_CLOCK_MONOTONIC_RAW:
    case __CAIRN_CLOCK_MONOTONIC_COARSE:
    case __CAIRN_CLOCK_BOOTTIME:
        *ns = clock_monotonic_ns();
        return 0;
    case __CAIRN_CLOCK_PROCESS_CPUTIME_ID:
        *ns = process_runtime(current_process());
        return 0;
    case __CAIRN_CLOCK_THREAD_CPUTIME_ID:
        *ns = thread_runtime(current);
        return 0;
    default:
        return id < 0 ? read_other_cpu_clock(id, ns) : -EINVAL;
    }
}

SYSCALL_DEFINE(clock_gettime64, int id, uaddr_t address)
{
    uint64_t ns;
    int error = clock_read(id, &ns);

    return error ? error : timespec_put64(address, ns);
}

SYSCALL_DEFINE(clock_gettime, int id, uaddr_t address)
{
    uint64_t ns;
    int error = clock_read(id, &ns);

    return error ? error : timespec_put32(address, ns);
}

static bool is_cpu_clock(int id)
{
    return id == __CAIRN_CLOCK_PROCESS_CPUTIME_ID ||
           id == __CAIRN_CLOCK_THREAD_CPUTIME_ID;
}

static uint64_t clock_resolution(int id)
{
    if (id == __CAIRN_CLOCK_REALTIME_COARSE ||
        id == __CAIRN_CLOCK_MONOTONIC_COARSE)
        return CLOCK_TICK_NS;
    return 1;
}

SYSCALL_DEFINE(clock_getres_time64, int id, uaddr_t address)
{
    uint64_t ns;
    int error = clock_read(id, &ns);

    if (error || address == 0)
        return error;
    return timespec_put64(address, clock_resolution(id));
}

SYSCALL_DEFINE(clock_getres, int id, uaddr_t address)
{
    uint64_t ns;
    int error = clock_read(id, &ns);

    if (error || address == 0)
        return error;
    return timespec_put32(address, clock_resolution(id));
}

static long set_realtime(int id, int error, uint64_t ns)
{
    if (id != __CAIRN_CLOCK_REALTIME)
        return -EINVAL;
    if (error)
        return error;
    if (current_process()->creds.euid != 0)
        return -EPERM;
    clock_set_realtime(ns);
    return 0;
}

SYSCALL_DEFINE(clock_settime64, int id, uaddr_t address)
{
    uint64_t ns = 0;
    int error = timespec_get64(address, &ns);

    return set_realtime(id, error, ns);
}

SYSCALL_DEFINE(clock_settime, int id, uaddr_t address)
{
    uint64_t ns = 0;
    int error = timespec_get32(address, &ns);

    return set_realtime(id, error, ns);
}

SYSCALL_DEFINE(time, uaddr_t address)
{
    int32_t seconds = (int32_t)(clock_realtime_ns() / NS_PER_S);

    if (address != 0 && copy_to_user(address, &seconds, 4) != 0)
        return -EFAULT;
    return seconds;
}

SYSCALL_DEFINE(gettimeofday, uaddr_t address, uaddr_t zone)
{
    uint64_t ns = clock_realtime_ns();
    struct __cairn_timeval32 tv = {.tv_sec = (int32_t)(ns / NS_PER_S),
                                   .tv_usec =
                                       (int32_t)(ns % NS_PER_S / NS_PER_US)};
    int32_t utc[2] = {0, 0};

    if (address != 0 && copy_to_user(address, &tv, sizeof(tv)) != 0)
        return -EFAULT;
    if (zone != 0 && copy_to_user(zone, utc, sizeof(utc)) != 0)
        return -EFAULT;
    return 0;
}

/* The time zone is not the kernel's business: it is read and forgotten. */
SYSCALL_DEFINE(settimeofday, uaddr_t address, uaddr_t zone)
{
    struct __cairn_timeval32 tv;
    int32_t ignored[2];
    uint64_t ns;
    int error;

    if (zone != 0 && copy_from_user(ignored, zone, sizeof(ignored)) != 0)
        return -EFAULT;
    if (address == 0)
        return 0;
    if (copy_from_user(&tv, address, sizeof(tv)) != 0)
        return -EFAULT;
    error = tv.tv_usec < 0 || tv.tv_usec >= US_PER_S
                ? -EINVAL
                : timespec_ns(tv.tv_sec, tv.tv_usec * NS_PER_US, &ns);
    return error ? error : set_realtime(__CAIRN_CLOCK_REALTIME, 0, ns);
}

/* ---- sleeping ---- */

/* Sleep until `deadline` of the monotonic clock: 0 or -EINTR. */
static int sleep_until(uint64_t deadline)
{
    for (;;) {
        int error = sched_block(true, deadline);

        if (error == -ETIMEDOUT)
            return 0;
        if (error)
            return error;
    }
}

/* The moment `ns` after another one. */
static uint64_t later(uint64_t from, uint64_t ns)
{
    return ns > WAITQ_FOREVER - 1 - from ? WAITQ_FOREVER - 1 : from + ns;
}

/* Sleep until the wall clock, which may be set meanwhile, shows `ns`. */
static int sleep_until_wall(uint64_t ns)
{
    for (;;) {
        uint64_t now = clock_realtime_ns();
        int error;

        if (now >= ns)
            return 0;
        error = waitq_sleep(&watch_wall_moved, true,
                            later(clock_monotonic_ns(), ns - now));
        if (error == -EINTR)
            return error;
    }
}

typedef int put_fn(uaddr_t address, uint64_t ns);

static long sleep_for(int id, int flags, uint64_t ns, uaddr_t remain,
                      put_fn *put)
{
    bool absolute = flags & __CAIRN_TIMER_ABSTIME;
    uint64_t deadline, now;
    int error;

    if (id != __CAIRN_CLOCK_REALTIME && id != __CAIRN_CLOCK_MONOTONIC &&
        id != __CAIRN_CLOCK_BOOTTIME && id != __CAIRN_CLOCK_TAI)
        return is_cpu_clock(id) ? -EOPNOTSUPP : -EINVAL;
    if (absolute) {
        current->resume_ns = 0; /* made again, it ends at the same time */
        return id == __CAIRN_CLOCK_REALTIME || id == __CAIRN_CLOCK_TAI
                   ? sleep_until_wall(ns)
                   : sleep_until(ns);
    }
    deadline = restart_deadline(later(clock_monotonic_ns(), ns));
    error = sleep_until(deadline);
    now = clock_monotonic_ns();
    if (error == -EINTR && remain != 0 &&
        put(remain, deadline > now ? deadline - now : 0) != 0)
        error = -EFAULT;
    restart_end(error, deadline);
    return error;
}

SYSCALL_DEFINE(clock_nanosleep_time64, int id, int flags, uaddr_t request,
               uaddr_t remain)
{
    uint64_t ns;
    int error = timespec_get64(request, &ns);

    return error ? error : sleep_for(id, flags, ns, remain, timespec_put64);
}

SYSCALL_DEFINE(clock_nanosleep, int id, int flags, uaddr_t request,
               uaddr_t remain)
{
    uint64_t ns;
    int error = timespec_get32(request, &ns);

    return error ? error : sleep_for(id, flags, ns, remain, timespec_put32);
}

SYSCALL_DEFINE(nanosleep, uaddr_t request, uaddr_t remain)
{
    uint64_t ns;
    int error = timespec_get32(request, &ns);

    return error ? error
                 : sleep_for(__CAIRN_CLOCK_MONOTONIC, 0, ns, remain,
                             timespec_put32);
}
