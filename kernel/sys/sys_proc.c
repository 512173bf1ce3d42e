/* System calls about the process itself: ids, limits, threads, the end. */
#include <cairn/ldt.h>
#include <cairn/resource.h>
#include <cairn/sched.h>
#include <cairn/signal.h>
#include <cairn/wait.h>

#include "arch/i386/segment.h"
#include "arch/i386/trap.h"
#include "lib/string.h"
#include "fs/path.h"
#include "mm/kmalloc.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/timeval.h"

SYSCALL_DEFINE(exit, int status)
{
    process_exit((status & 0xFF) << 8);
}

SYSCALL_DEFINE(exit_group, int status)
{
    process_exit((status & 0xFF) << 8);
}

SYSCALL_DEFINE(getpid, void)
{
    return current_process()->pid;
}

SYSCALL_DEFINE(getppid, void)
{
    return current_process()->parent->pid;
}

SYSCALL_DEFINE(gettid, void)
{
    return current->tid;
}

SYSCALL_DEFINE(set_tid_address, uaddr_t address)
{
    current->clear_tid = address;
    return current->tid;
}

SYSCALL_DEFINE(sched_yield, void)
{
    sched_yield();
    return 0;
}

/* ---- children ---- */

SYSCALL_DEFINE(fork, void)
{
    return process_fork(SIGCHLD, 0, 0, 0);
}

SYSCALL_DEFINE(vfork, void)
{
    return process_fork(SIGCHLD | CLONE_VM | CLONE_VFORK, 0, 0, 0);
}

/*
 * Processes only. A child that shares memory must be a vfork's, since threads
 * are not there yet.
 */
SYSCALL_DEFINE(clone, uint32_t flags, uint32_t stack, uaddr_t parent_tid,
               uint32_t tls, uaddr_t child_tid)
{
    uint32_t known = CSIGNAL | CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID |
                     CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
                     CLONE_DETACHED | CLONE_UNTRACED;
    int pid;

    (void)tls;
    if ((flags & ~known) || (flags & CSIGNAL) > __CAIRN_NSIG ||
        ((flags & CLONE_VM) && !(flags & CLONE_VFORK)))
        return -EINVAL;
    pid = process_fork(flags, stack, flags & CLONE_CHILD_SETTID ? child_tid : 0,
                       flags & CLONE_CHILD_CLEARTID ? child_tid : 0);
    /* The child is there, so a bad address cannot make the call fail. */
    if (pid > 0 && (flags & CLONE_PARENT_SETTID))
        (void)!copy_to_user(parent_tid, &pid, sizeof(pid));
    return pid;
}

SYSCALL_DEFINE(execve, uaddr_t path, uaddr_t argv, uaddr_t envp)
{
    char *name = kmalloc(PATH_MAX);
    ssize_t n;
    int error;

    if (!name)
        return -ENOMEM;
    n = copy_string_from_user(name, path, PATH_MAX);
    error = n < 0 ? (int)n : process_exec(name, argv, envp);
    kfree(name);
    return error;
}

static int put_rusage(uaddr_t address, const struct wait_result *result)
{
    struct __cairn_rusage ru = {.ru_utime = to_timeval(result->user_ns),
                                .ru_stime = to_timeval(result->kernel_ns)};

    return address ? copy_to_user(address, &ru, sizeof(ru)) : 0;
}

SYSCALL_DEFINE(wait4, int pid, uaddr_t status, uint32_t options, uaddr_t usage)
{
    uint32_t known =
        WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE;
    struct wait_result result;
    int error;

    if (options & ~known)
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    error = process_wait(pid, options | WEXITED, &result);
    if (error || result.pid == 0)
        return error;
    if (status != 0 && copy_to_user(status, &result.status, 4) != 0)
        return -EFAULT;
    error = put_rusage(usage, &result);
    return error ? error : result.pid;
}

SYSCALL_DEFINE(waitpid, int pid, uaddr_t status, uint32_t options)
{
    return sys_wait4(pid, status, options, 0);
}

/* What siginfo says of a status as wait4 reports it. */
static void explain_status(struct __cairn_siginfo *info, int status)
{
    if (status == __W_CONTINUED) {
        info->si_code = CLD_CONTINUED;
        info->si.chld.status = SIGCONT;
    } else if (WIFSTOPPED(status)) {
        info->si_code = CLD_STOPPED;
        info->si.chld.status = WSTOPSIG(status);
    } else if (WIFSIGNALED(status)) {
        info->si_code = CLD_KILLED;
        info->si.chld.status = WTERMSIG(status);
    } else {
        info->si_code = CLD_EXITED;
        info->si.chld.status = WEXITSTATUS(status);
    }
}

/* The pid argument of process_wait for waitid's kind and id. */
static int wait_target(int kind, int id, int *which)
{
    if (kind == __CAIRN_P_ALL)
        *which = -1;
    else if (kind == __CAIRN_P_PID && id > 0)
        *which = id;
    else if (kind == __CAIRN_P_PGID && id >= 0)
        *which = id == 0 ? 0 : -id;
    else
        return -EINVAL;
    return 0;
}

SYSCALL_DEFINE(waitid, int kind, int id, uaddr_t address, uint32_t options,
               uaddr_t usage)
{
    uint32_t known = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
                     __WNOTHREAD | __WALL | __WCLONE;
    struct __cairn_siginfo info = {0};
    struct wait_result result;
    int which, error;

    if ((options & ~known) || !(options & (WEXITED | WSTOPPED | WCONTINUED)))
        return -EINVAL;
    error = wait_target(kind, id, &which);
    if (!error)
        error = process_wait(which, options, &result);
    if (error)
        return error;
    if (result.pid != 0) {
        info.si_signo = SIGCHLD;
        info.si.chld.pid = result.pid;
        info.si.chld.uid = result.uid;
        explain_status(&info, result.status);
        error = put_rusage(usage, &result);
        if (error)
            return error;
    }
    return address ? copy_to_user(address, &info, sizeof(info)) : 0;
}

/* ---- groups and sessions ---- */

SYSCALL_DEFINE(setpgid, int pid, int pgid)
{
    struct process *me = current_process();
    struct process *p = pid == 0 ? me : process_find(pid);

    if (pgid < 0 || pid < 0)
        return -EINVAL;
    if (!p || (p != me && p->parent != me))
        return -ESRCH;
    if (p != me && p->sid != me->sid)
        return -EPERM;
    if (p != me && p->has_execed)
        return -EACCES;
    if (p->sid == p->pid)
        return -EPERM;
    if (pgid == 0)
        pgid = p->pid;
    if (pgid != p->pid && !process_group_exists(pgid, me->sid))
        return -EPERM;
    process_change_group(p, pgid, p->sid);
    return 0;
}

SYSCALL_DEFINE(getpgid, int pid)
{
    struct process *p = process_find_or_self(pid);

    return p ? p->pgid : -ESRCH;
}

SYSCALL_DEFINE(getpgrp, void)
{
    return current_process()->pgid;
}

SYSCALL_DEFINE(getsid, int pid)
{
    struct process *p = process_find_or_self(pid);

    return p ? p->sid : -ESRCH;
}

SYSCALL_DEFINE(setsid, void)
{
    struct process *me = current_process();

    if (!list_is_empty(&pid_find(me->pid)->group))
        return -EPERM;
    process_change_group(me, me->pid, me->pid);
    me->left_terminal = false;
    return me->pid;
}

/* ---- thread-local segments ---- */

/* A descriptor's eight bytes (Intel SDM 3A 3.4.5), data segments only. */
static uint64_t make_descriptor(const struct user_desc *d)
{
    uint32_t flags = d->flags;
    uint32_t high = (d->base_addr >> 16 & 0xFF) | (d->base_addr & 0xFF000000) |
                    (d->limit & 0xF0000);

    high |= 0x1000 | 0x6000; /* a segment, of ring 3 */
    high |= 0x100;           /* accessed */
    high |= 0x400000;        /* 32-bit */
    high |= (flags & USER_DESC_CONTENTS_MASK) << 9;
    if (!(flags & USER_DESC_READ_EXEC_ONLY))
        high |= 0x200;
    if (flags & USER_DESC_LIMIT_IN_PAGES)
        high |= 0x800000;
    if (!(flags & USER_DESC_SEG_NOT_PRESENT))
        high |= 0x8000;
    if (flags & USER_DESC_USEABLE)
        high |= 0x100000;
    return (uint64_t)high << 32 | d->base_addr << 16 | (d->limit & 0xFFFF);
}

/* What Linux takes for "clear this slot". */
static bool is_empty(const struct user_desc *d)
{
    uint32_t off = USER_DESC_READ_EXEC_ONLY | USER_DESC_SEG_NOT_PRESENT;

    return d->base_addr == 0 && d->limit == 0 &&
           (d->flags == off || d->flags == 0);
}

/*
 * As Linux: a segment must be a present-or-not 32-bit data segment, since
 * 16-bit ones show bits of the kernel's ESP, and code ones are of no use.
 */
static bool is_allowed(const struct user_desc *d)
{
    return is_empty(d) || ((d->flags & USER_DESC_SEG_32BIT) &&
                           (d->flags & USER_DESC_CONTENTS_MASK) <= 2 &&
                           !(d->flags & USER_DESC_SEG_NOT_PRESENT));
}

static int free_slot(const uint64_t *tls)
{
    for (int i = 0; i < NTLS; i++)
        if (tls[i] == 0)
            return i;
    return -ESRCH;
}

SYSCALL_DEFINE(set_thread_area, uaddr_t address)
{
    uint64_t *tls = current->context.tls;
    struct user_desc d;
    uint32_t slot;
    int found;

    if (copy_from_user(&d, address, sizeof(d)) != 0)
        return -EFAULT;
    if (!is_allowed(&d))
        return -EINVAL;
    if (d.entry_number == UINT32_MAX) {
        found = free_slot(tls);
        if (found < 0)
            return found;
        d.entry_number = (uint32_t)found + __CAIRN_GDT_TLS_MIN;
        if (copy_to_user(address, &d.entry_number, 4) != 0)
            return -EFAULT;
    }
    slot = d.entry_number - __CAIRN_GDT_TLS_MIN;
    if (slot >= NTLS)
        return -EINVAL;
    tls[slot] = is_empty(&d) ? 0 : make_descriptor(&d);
    segment_load_tls(tls);
    /* Registers that name the segment show the new one at once. */
    context_save_segments(&current->context);
    segment_load_fs(current->context.fs);
    segment_load_gs(current->context.gs);
    return 0;
}

SYSCALL_DEFINE(get_thread_area, uaddr_t address)
{
    struct user_desc d = {0};
    uint32_t high, number;
    uint64_t desc;

    if (copy_from_user(&number, address, sizeof(number)) != 0)
        return -EFAULT;
    if (number < __CAIRN_GDT_TLS_MIN || number > __CAIRN_GDT_TLS_MAX)
        return -EINVAL;
    desc = current->context.tls[number - __CAIRN_GDT_TLS_MIN];
    high = (uint32_t)(desc >> 32);
    d.entry_number = number;
    d.base_addr = (uint32_t)(desc >> 16 & 0xFFFFFF) | (high & 0xFF000000);
    d.limit = (uint32_t)(desc & 0xFFFF) | (high & 0xF0000);
    d.flags = (high & 0x400000 ? USER_DESC_SEG_32BIT : 0) |
              (high >> 9 & USER_DESC_CONTENTS_MASK) |
              (high & 0x200 ? 0 : USER_DESC_READ_EXEC_ONLY) |
              (high & 0x800000 ? USER_DESC_LIMIT_IN_PAGES : 0) |
              (high & 0x8000 ? 0 : USER_DESC_SEG_NOT_PRESENT) |
              (high & 0x100000 ? USER_DESC_USEABLE : 0);
    return copy_to_user(address, &d, sizeof(d));
}
