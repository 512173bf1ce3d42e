/* System calls about the process itself: ids, programs, children, groups. */
#include <cairn/resource.h>
#include <cairn/signal.h>
#include <cairn/wait.h>

#include "lib/string.h"
#include "fs/path.h"
#include "mm/kmalloc.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/timeval.h"

SYSCALL_DEFINE(getpid, void)
{
    return current_process()->pid;
}

SYSCALL_DEFINE(getppid, void)
{
    return current_process()->parent->pid;
}

/* ---- children ---- */

SYSCALL_DEFINE(execve, uaddr_t path, uaddr_t argv, uaddr_t envp)
{
    char *name = kmalloc(PATH_MAX);
    ssize_t n;
    int error;

    sys_may_sleep();
    if (!name)
        return -ENOMEM;
    n = copy_string_from_user(name, path, PATH_MAX);
    error = n < 0 ? (int)n : process_exec(name, argv, envp);
    kfree(name);
    return error;
}

static int put_rusage(uaddr_t address, const struct wait_result *result)
{
    struct __cairn_rusage ru;

    sys_fill_rusage(&ru, &result->use);
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
