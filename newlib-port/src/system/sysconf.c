/*
 * sysconf, getpagesize, getdtablesize, get_nprocs and its like: what the system
 * is like.
 *
 * -1 without a change of errno means that there is no limit or no such option;
 * error: EINVAL for an unknown name.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

static long limit(int resource)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) < 0 || limit.rlim_cur > LONG_MAX)
        return -1;
    return (long)limit.rlim_cur;
}

static long pages(int only_free)
{
    struct sysinfo info;
    unsigned long long count;

    if (sysinfo(&info) < 0)
        return -1;
    count = only_free ? info.freeram : info.totalram;
    count = count * info.mem_unit / __CAIRN_PAGE_SIZE;
    return count > LONG_MAX ? LONG_MAX : (long)count;
}

static long processors(void)
{
    cpu_set_t set;
    int saved = errno;
    long count = 0;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) < 0) {
        errno = saved;
        return 1;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        count += CPU_ISSET(cpu, &set) != 0;
    return count > 0 ? count : 1;
}

static long name_to_value(int name)
{
    switch (name) {
    case _SC_TIMERS:
        return _POSIX_TIMERS;
    case _SC_2_C_BIND:
        return _POSIX2_C_BIND;
    case _SC_ARG_MAX:
        return ARG_MAX;
    case _SC_CHILD_MAX:
        return limit(RLIMIT_NPROC);
    case _SC_CLK_TCK:
        return __CAIRN_CLK_TCK;
    case _SC_NGROUPS_MAX:
        return NGROUPS_MAX;
    case _SC_OPEN_MAX:
        return limit(RLIMIT_NOFILE);
    case _SC_PAGESIZE:
        return __CAIRN_PAGE_SIZE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return processors();
    case _SC_PHYS_PAGES:
        return pages(0);
    case _SC_AVPHYS_PAGES:
        return pages(1);
    case _SC_RTSIG_MAX:
        return RTSIG_MAX;
    case _SC_SIGQUEUE_MAX:
        return limit(RLIMIT_SIGPENDING);
    case _SC_TZNAME_MAX:
        return TZNAME_MAX;
    case _SC_TTY_NAME_MAX:
        return TTY_NAME_MAX;
    case _SC_GETGR_R_SIZE_MAX:
    case _SC_GETPW_R_SIZE_MAX:
        return 1024;
    case _SC_LOGIN_NAME_MAX:
        return LOGIN_NAME_MAX;
    case _SC_HOST_NAME_MAX:
        return HOST_NAME_MAX;
    case _SC_SYMLOOP_MAX:
        return SYMLOOP_MAX;
    case _SC_IOV_MAX:
        return IOV_MAX;
    case _SC_LINE_MAX:
        return LINE_MAX;
    case _SC_RE_DUP_MAX:
        return RE_DUP_MAX;
    case _SC_COLL_WEIGHTS_MAX:
        return COLL_WEIGHTS_MAX;
    case _SC_EXPR_NEST_MAX:
        return EXPR_NEST_MAX;
    case _SC_BC_BASE_MAX:
        return BC_BASE_MAX;
    case _SC_BC_DIM_MAX:
        return BC_DIM_MAX;
    case _SC_BC_SCALE_MAX:
        return BC_SCALE_MAX;
    case _SC_BC_STRING_MAX:
        return BC_STRING_MAX;
    case _SC_ATEXIT_MAX:
        return INT_MAX;
    case _SC_STREAM_MAX:
        return limit(RLIMIT_NOFILE);
    case _SC_JOB_CONTROL:
        return _POSIX_JOB_CONTROL;
    case _SC_SAVED_IDS:
        return _POSIX_SAVED_IDS;
    case _SC_VERSION:
        return _POSIX_VERSION;
    case _SC_2_VERSION:
        return _POSIX2_VERSION;
    case _SC_XOPEN_CRYPT:
    case _SC_XOPEN_ENH_I18N:
    case _SC_XOPEN_UNIX:
        return 1;
    case _SC_XOPEN_VERSION:
        return _XOPEN_VERSION;
    case _SC_FSYNC:
        return _POSIX_FSYNC;
    case _SC_MAPPED_FILES:
        return _POSIX_MAPPED_FILES;
    case _SC_MEMLOCK:
        return _POSIX_MEMLOCK;
    case _SC_MEMLOCK_RANGE:
        return _POSIX_MEMLOCK_RANGE;
    case _SC_MEMORY_PROTECTION:
        return _POSIX_MEMORY_PROTECTION;
    case _SC_ASYNCHRONOUS_IO:
        return _POSIX_ASYNCHRONOUS_IO;
    case _SC_AIO_LISTIO_MAX:
        return 1024;
    case _SC_AIO_PRIO_DELTA_MAX:
        return 20;
    case _SC_DELAYTIMER_MAX:
        return DELAYTIMER_MAX;
    case _SC_MESSAGE_PASSING:
        return _POSIX_MESSAGE_PASSING;
    case _SC_MQ_PRIO_MAX:
        return MQ_PRIO_MAX;
    case _SC_XOPEN_SHM:
        return _XOPEN_SHM;
    case _SC_REALTIME_SIGNALS:
        return _POSIX_REALTIME_SIGNALS;
    case _SC_SHARED_MEMORY_OBJECTS:
        return _POSIX_SHARED_MEMORY_OBJECTS;
    case _SC_SYNCHRONIZED_IO:
        return _POSIX_SYNCHRONIZED_IO;
    case _SC_MONOTONIC_CLOCK:
        return _POSIX_MONOTONIC_CLOCK;
    case _SC_CLOCK_SELECTION:
        return _POSIX_CLOCK_SELECTION;
    case _SC_CPUTIME:
        return _POSIX_CPUTIME;
    case _SC_ADVISORY_INFO:
        return _POSIX_ADVISORY_INFO;
    case _SC_REGEXP:
        return _POSIX_REGEXP;
    case _SC_SHELL:
        return _POSIX_SHELL;
    case _SC_SPAWN:
        return _POSIX_SPAWN;
    case _SC_V7_ILP32_OFFBIG:
        return _POSIX_V7_ILP32_OFFBIG;
    case _SC_BARRIERS:
    case _SC_READER_WRITER_LOCKS:
    case _SC_SEMAPHORES:
    case _SC_SPIN_LOCKS:
    case _SC_PRIORITY_SCHEDULING:
    case _SC_TIMEOUTS:
    case _SC_THREADS:
    case _SC_THREAD_ATTR_STACKADDR:
    case _SC_THREAD_ATTR_STACKSIZE:
    case _SC_THREAD_CPUTIME:
    case _SC_THREAD_PRIORITY_SCHEDULING:
    case _SC_THREAD_PRIO_INHERIT:
    case _SC_THREAD_PRIO_PROTECT:
    case _SC_THREAD_ROBUST_PRIO_INHERIT:
    case _SC_THREAD_ROBUST_PRIO_PROTECT:
    case _SC_THREAD_PROCESS_SHARED:
    case _SC_THREAD_SAFE_FUNCTIONS:
        return _POSIX_VERSION; /* all that are there have its number */
    case _SC_THREAD_KEYS_MAX:
        return PTHREAD_KEYS_MAX;
    case _SC_THREAD_STACK_MIN:
        return PTHREAD_STACK_MIN;
    case _SC_THREAD_DESTRUCTOR_ITERATIONS:
        return PTHREAD_DESTRUCTOR_ITERATIONS;
    case _SC_SEM_NSEMS_MAX:
        return SEM_NSEMS_MAX;
    case _SC_SEM_VALUE_MAX:
        return SEM_VALUE_MAX;
    default:
        /* The rest of the names are known, and what they name is absent. */
        if (name >= 0 && name <= _SC_XOPEN_UUCP)
            return -1;
        return __cairn_fail(EINVAL);
    }
}

long sysconf(int name)
{
    return name_to_value(name);
}

int getpagesize(void)
{
    return __CAIRN_PAGE_SIZE;
}

int getdtablesize(void)
{
    return (int)limit(RLIMIT_NOFILE);
}

int get_nprocs(void)
{
    return (int)processors();
}

int get_nprocs_conf(void)
{
    return (int)processors();
}

long get_phys_pages(void)
{
    return pages(0);
}

long get_avphys_pages(void)
{
    return pages(1);
}
