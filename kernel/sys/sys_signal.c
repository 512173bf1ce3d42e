/* System calls about signals. */
#include <cairn/signal.h>
#include <cairn/time.h>

#include "arch/i386/trap.h"
#include "lib/string.h"
#include "lib/units.h"
#include "proc/itimer.h"
#include "proc/process.h"
#include "proc/rights.h"
#include "sys/restart.h"
#include "sys/sys.h"
#include "sys/timeval.h"

#define SET_BYTES __CAIRN_SIGSET_BYTES

static int get_mask(uaddr_t address, uint64_t *mask)
{
    return copy_from_user(mask, address, SET_BYTES);
}

static int put_mask(uaddr_t address, uint64_t mask)
{
    return copy_to_user(address, &mask, SET_BYTES);
}

/* ---- actions ---- */

/* Install an action; one without restorer needs the kernel's page. */
static int set_action(int signo, const struct __cairn_sigaction *action)
{
    struct process *p = current_process();
    int error;

    if (signo == SIGKILL || signo == SIGSTOP)
        return -EINVAL;
    if (action->handler != __CAIRN_SIG_DFL &&
        action->handler != __CAIRN_SIG_IGN && !(action->flags & SA_RESTORER)) {
        error = sigframe_map_page();
        if (error)
            return error;
    }
    p->handlers->actions[signo - 1] = *action;
    p->handlers->actions[signo - 1].mask.bits[0] &=
        (uint32_t)~SIGNAL_NEVER_BLOCKED;
    signal_drop_ignored(p, signo);
    return 0;
}

SYSCALL_DEFINE(rt_sigaction, int signo, uaddr_t new_action, uaddr_t old_action,
               uint32_t size)
{
    struct __cairn_sigaction action, old;
    int error;

    if (size != SET_BYTES || signo < 1 || signo > __CAIRN_NSIG)
        return -EINVAL;
    old = current_process()->handlers->actions[signo - 1];
    if (new_action != 0) {
        if (copy_from_user(&action, new_action, sizeof(action)) != 0)
            return -EFAULT;
        error = set_action(signo, &action);
        if (error)
            return error;
    }
    return old_action ? copy_to_user(old_action, &old, sizeof(old)) : 0;
}

/* The old call, whose struct has a one-word mask in another place. */
struct old_sigaction {
    uint32_t handler, mask, flags, restorer;
};

SYSCALL_DEFINE(sigaction, int signo, uaddr_t new_action, uaddr_t old_action)
{
    struct __cairn_sigaction action = {0}, previous;
    struct old_sigaction old;
    int error;

    if (signo < 1 || signo > __CAIRN_NSIG)
        return -EINVAL;
    previous = current_process()->handlers->actions[signo - 1];
    if (new_action != 0) {
        if (copy_from_user(&old, new_action, sizeof(old)) != 0)
            return -EFAULT;
        action.handler = old.handler;
        action.flags = old.flags;
        action.restorer = old.restorer;
        action.mask.bits[0] = old.mask;
        error = set_action(signo, &action);
        if (error)
            return error;
    }
    if (old_action == 0)
        return 0;
    old = (struct old_sigaction){previous.handler, previous.mask.bits[0],
                                 previous.flags, previous.restorer};
    return copy_to_user(old_action, &old, sizeof(old));
}

SYSCALL_DEFINE(signal, int signo, uint32_t handler)
{
    struct __cairn_sigaction action = {.handler = handler,
                                       .flags = SA_RESETHAND | SA_NODEFER};
    uint32_t old;
    int error;

    if (signo < 1 || signo > __CAIRN_NSIG)
        return -EINVAL;
    old = current_process()->handlers->actions[signo - 1].handler;
    error = set_action(signo, &action);
    return error ? error : (long)old;
}

/* ---- masks ---- */

static int change_mask(int how, uint64_t set)
{
    uint64_t now = current->signals.blocked;

    switch (how) {
    case SIG_BLOCK:
        signal_set_blocked(now | set);
        return 0;
    case SIG_UNBLOCK:
        signal_set_blocked(now & ~set);
        return 0;
    case SIG_SETMASK:
        signal_set_blocked(set);
        return 0;
    default:
        return -EINVAL;
    }
}

SYSCALL_DEFINE(rt_sigprocmask, int how, uaddr_t new_set, uaddr_t old_set,
               uint32_t size)
{
    uint64_t old = current->signals.blocked, set;
    int error;

    if (size != SET_BYTES)
        return -EINVAL;
    if (new_set != 0) {
        if (get_mask(new_set, &set) != 0)
            return -EFAULT;
        error = change_mask(how, set);
        if (error)
            return error;
    }
    return old_set ? put_mask(old_set, old) : 0;
}

SYSCALL_DEFINE(sigprocmask, int how, uaddr_t new_set, uaddr_t old_set)
{
    uint64_t now = current->signals.blocked;
    uint32_t old = (uint32_t)now, set;
    int error;

    if (new_set != 0) {
        if (copy_from_user(&set, new_set, sizeof(set)) != 0)
            return -EFAULT;
        error = how == SIG_SETMASK ? change_mask(how, (now >> 32 << 32) | set)
                                   : change_mask(how, set);
        if (error)
            return error;
    }
    return old_set ? copy_to_user(old_set, &old, sizeof(old)) : 0;
}

static uint64_t pending_and_blocked(void)
{
    return (current->signals.queue.pending | current_process()->queue.pending) &
           current->signals.blocked;
}

SYSCALL_DEFINE(rt_sigpending, uaddr_t set, uint32_t size)
{
    uint64_t mask = pending_and_blocked();

    if (size > SET_BYTES)
        return -EINVAL;
    return copy_to_user(set, &mask, size);
}

SYSCALL_DEFINE(sigpending, uaddr_t set)
{
    uint32_t mask = (uint32_t)pending_and_blocked();

    return copy_to_user(set, &mask, sizeof(mask));
}

SYSCALL_DEFINE(rt_sigsuspend, uaddr_t set, uint32_t size)
{
    uint64_t mask;

    if (size != SET_BYTES)
        return -EINVAL;
    if (get_mask(set, &mask) != 0)
        return -EFAULT;
    return signal_suspend(mask);
}

SYSCALL_DEFINE(sigsuspend, uint32_t unused1, uint32_t unused2, uint32_t mask)
{
    (void)unused1;
    (void)unused2;
    return signal_suspend(mask);
}

SYSCALL_DEFINE(pause, void)
{
    return signal_suspend(current->signals.blocked);
}

/* ---- waiting ---- */

/* Take a signal of `mask`, waiting until `deadline`. */
static long wait_for_signal(uint64_t mask, uint64_t deadline, uaddr_t out)
{
    uint64_t blocked = current->signals.blocked;
    struct signal_info info;
    int signo, error;

    mask &= ~SIGNAL_NEVER_BLOCKED;
    deadline = restart_deadline(deadline);
    for (;;) {
        signo = signal_take(mask, &info);
        if (signo != 0)
            break;
        /* Signals waited for must end the sleep although they are blocked. */
        current->signals.waiting = mask;
        signal_set_blocked(blocked & ~mask);
        error = sched_block(true, deadline);
        signo = signal_take(mask, &info);
        signal_set_blocked(blocked);
        current->signals.waiting = 0;
        if (signo != 0)
            break;
        restart_end(error, deadline);
        if (error)
            return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
    }
    signal_recheck(current);
    if (out != 0 && signal_info_to_user(out, &info) != 0)
        return -EFAULT;
    return signo;
}

static uint64_t deadline_after(uint64_t ns)
{
    uint64_t now = clock_monotonic_ns();

    return ns > WAITQ_FOREVER - 1 - now ? WAITQ_FOREVER - 1 : now + ns;
}

SYSCALL_DEFINE(rt_sigtimedwait_time64, uaddr_t set, uaddr_t info,
               uaddr_t timeout, uint32_t size)
{
    struct __cairn_timespec64 ts;
    uint64_t mask, deadline = WAITQ_FOREVER;

    if (size != SET_BYTES)
        return -EINVAL;
    if (get_mask(set, &mask) != 0)
        return -EFAULT;
    if (timeout != 0) {
        if (copy_from_user(&ts, timeout, sizeof(ts)) != 0)
            return -EFAULT;
        ts.tv_nsec = (int32_t)ts.tv_nsec;
        if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= (int64_t)NS_PER_S)
            return -EINVAL;
        deadline = deadline_after(ts.tv_sec > INT32_MAX
                                      ? WAITQ_FOREVER / 2
                                      : (uint64_t)ts.tv_sec * NS_PER_S +
                                            (uint64_t)ts.tv_nsec);
    }
    return wait_for_signal(mask, deadline, info);
}

SYSCALL_DEFINE(rt_sigtimedwait, uaddr_t set, uaddr_t info, uaddr_t timeout,
               uint32_t size)
{
    struct __cairn_timespec32 ts;
    uint64_t mask, deadline = WAITQ_FOREVER;

    if (size != SET_BYTES)
        return -EINVAL;
    if (get_mask(set, &mask) != 0)
        return -EFAULT;
    if (timeout != 0) {
        if (copy_from_user(&ts, timeout, sizeof(ts)) != 0)
            return -EFAULT;
        if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= (int32_t)NS_PER_S)
            return -EINVAL;
        deadline = deadline_after((uint64_t)ts.tv_sec * NS_PER_S +
                                  (uint64_t)ts.tv_nsec);
    }
    return wait_for_signal(mask, deadline, info);
}

/* ---- sending ---- */

/* Signal 0 only asks whether it would be allowed. */
static int send_one(struct process *target, struct thread *thread, int signo,
                    int code)
{
    struct signal_info info;

    if (!may_signal(target, signo))
        return -EPERM;
    if (signo == 0)
        return 0;
    signal_info_init(&info, signo, code);
    info.words[SIGNAL_PID] = (uint32_t)current_process()->pid;
    info.words[SIGNAL_UID] = current_process()->creds.uid;
    return signal_send_info(target, thread, &info);
}

struct broadcast {
    int signo;
    unsigned nfound, nsent;
};

static void send_to_each(struct process *p, void *ctx)
{
    struct broadcast *b = ctx;

    b->nfound++;
    if (send_one(p, NULL, b->signo, SI_USER) == 0)
        b->nsent++;
}

static void send_to_other(struct process *p, void *ctx)
{
    if (p->pid != 1 && p != process_deputy && p != current_process())
        send_to_each(p, ctx);
}

/* pgid 0: all but the caller, pid 1 and its deputy. */
static long kill_many(int pgid, int signo)
{
    struct broadcast b = {.signo = signo};

    if (pgid != 0)
        process_each_in_group(pgid, send_to_each, &b);
    else
        process_each(send_to_other, &b);
    if (b.nfound == 0)
        return -ESRCH;
    return b.nsent > 0 ? 0 : -EPERM;
}

/* Handled, or blocked for sigwait and its kin. */
static bool is_wanted(struct process *p, int signo)
{
    const struct thread_signals *t;

    if (!p || p->state != PROCESS_ALIVE || !p->handlers)
        return false;
    t = &process_thread(p)->signals;
    return p->handlers->actions[signo - 1].handler > __CAIRN_SIG_IGN ||
           ((t->blocked | t->waiting) & SIGNAL_BIT(signo));
}

/*
 * Pid 1 takes no signals: its deputy does, those that it wants. Who asks pid 1
 * to end the machine then sees whether anybody has heard.
 */
static long kill_init(int signo)
{
    if (!may_signal(process_find(1), signo))
        return -EPERM;
    if (signo == 0)
        return 0;
    if (!is_wanted(process_deputy, signo))
        return -EPERM;
    return send_one(process_deputy, NULL, signo, SI_USER);
}

SYSCALL_DEFINE(kill, int pid, int signo)
{
    struct process *target;

    if (signo < 0 || signo > __CAIRN_NSIG)
        return -EINVAL;
    if (pid == -1)
        return kill_many(0, signo);
    if (pid == INT32_MIN)
        return -ESRCH;
    if (pid <= 0)
        return kill_many(pid == 0 ? current_process()->pgid : -pid, signo);
    if (pid == 1)
        return kill_init(signo);
    target = process_find(pid);
    return target ? send_one(target, NULL, signo, SI_USER) : -ESRCH;
}

/*
 * The process and the thread with a number, of process `pid` (0: of any).
 * *thread is NULL for a zombie, and for a first thread that has left: nothing
 * can be sent to it, but it is there. -EINVAL, -ESRCH.
 */
static int find_target(int pid, int tid, int signo, struct process **target,
                       struct thread **thread)
{
    if (tid <= 0 || signo < 0 || signo > __CAIRN_NSIG)
        return -EINVAL;
    *thread = thread_find(tid);
    *target = *thread ? (*thread)->process : process_find(tid);
    return *target && (pid == 0 || (*target)->pid == pid) ? 0 : -ESRCH;
}

static long kill_thread(int pid, int tid, int signo)
{
    struct process *target;
    struct thread *thread;
    int error = find_target(pid, tid, signo, &target, &thread);

    if (error)
        return error;
    return thread ? send_one(target, thread, signo, SI_TKILL) : 0;
}

SYSCALL_DEFINE(tgkill, int pid, int tid, int signo)
{
    return pid <= 0 ? -EINVAL : kill_thread(pid, tid, signo);
}

SYSCALL_DEFINE(tkill, int tid, int signo)
{
    return kill_thread(0, tid, signo);
}

/* Only the kernel says that it was the kernel, or kill: -EPERM. */
static int get_info(int pid, int signo, uaddr_t address,
                    struct signal_info *info)
{
    if (signo < 0 || signo > __CAIRN_NSIG)
        return -EINVAL;
    if (copy_from_user(info, address, sizeof(*info)) != 0)
        return -EFAULT;
    if ((info->code >= 0 || info->code == SI_TKILL) &&
        pid != current_process()->pid)
        return -EPERM;
    info->signo = signo;
    return 0;
}

SYSCALL_DEFINE(rt_sigqueueinfo, int pid, int signo, uaddr_t address)
{
    struct signal_info info;
    struct process *target;
    int error = get_info(pid, signo, address, &info);

    if (error)
        return error;
    target = process_find(pid);
    if (!target)
        return -ESRCH;
    if (!may_signal(target, signo))
        return -EPERM;
    return signo == 0 ? 0 : signal_send_info(target, NULL, &info);
}

SYSCALL_DEFINE(rt_tgsigqueueinfo, int pid, int tid, int signo, uaddr_t address)
{
    struct signal_info info;
    struct process *target;
    struct thread *thread;
    int error = pid <= 0 ? -EINVAL : get_info(pid, signo, address, &info);

    if (!error)
        error = find_target(pid, tid, signo, &target, &thread);
    if (error)
        return error;
    if (!may_signal(target, signo))
        return -EPERM;
    if (signo == 0 || !thread)
        return 0;
    return signal_send_info(target, thread, &info);
}

/* ---- stacks and the way back ---- */

SYSCALL_DEFINE(sigaltstack, uaddr_t new_stack, uaddr_t old_stack)
{
    struct thread_signals *own = &current->signals;
    uint32_t sp = context_trapframe(&current->context)->esp;
    struct __cairn_stack old = {own->alt_sp, (int32_t)own->alt_flags,
                                own->alt_size};
    struct __cairn_stack stack;

    if (own->alt_size == 0)
        old.ss_flags = SS_DISABLE;
    else if (sigframe_on_altstack(sp))
        old.ss_flags |= SS_ONSTACK;
    if (new_stack != 0) {
        uint32_t mode;

        if (copy_from_user(&stack, new_stack, sizeof(stack)) != 0)
            return -EFAULT;
        if (sigframe_on_altstack(sp))
            return -EPERM;
        mode = (uint32_t)stack.ss_flags & ~SS_AUTODISARM;
        if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
            return -EINVAL;
        if (mode == SS_DISABLE) {
            stack.ss_sp = stack.ss_size = 0;
        } else if (stack.ss_size < MINSIGSTKSZ) {
            return -ENOMEM;
        }
        own->alt_sp = stack.ss_sp;
        own->alt_size = stack.ss_size;
        own->alt_flags = (uint32_t)stack.ss_flags & SS_AUTODISARM;
    }
    return old_stack ? copy_to_user(old_stack, &old, sizeof(old)) : 0;
}

static long do_return(bool rt)
{
    struct trapframe *tf = context_trapframe(&current->context);
    long eax;

    if (sigframe_pop(tf, rt, &eax) != 0) {
        signal_fault(tf, SIGSEGV, SI_KERNEL, tf->esp, "bad signal frame");
        return 0;
    }
    return eax;
}

SYSCALL_DEFINE(sigreturn, void)
{
    return do_return(false);
}

SYSCALL_DEFINE(rt_sigreturn, void)
{
    return do_return(true);
}

/* ---- interval timers ---- */

static int from_timeval(const struct __cairn_timeval32 *tv, uint64_t *ns)
{
    if (tv->tv_sec < 0 || tv->tv_usec < 0 || tv->tv_usec >= US_PER_S)
        return -EINVAL;
    *ns = (uint64_t)tv->tv_sec * NS_PER_S + (uint64_t)tv->tv_usec * NS_PER_US;
    return 0;
}

static int put_itimer(int which, uaddr_t address)
{
    uint64_t left, interval;
    struct __cairn_itimerval32 value;
    int error = itimer_get(which, &left, &interval);

    if (error)
        return error;
    value.it_value = to_timeval(left);
    value.it_interval = to_timeval(interval);
    return copy_to_user(address, &value, sizeof(value));
}

SYSCALL_DEFINE(getitimer, int which, uaddr_t address)
{
    return put_itimer(which, address);
}

SYSCALL_DEFINE(setitimer, int which, uaddr_t new_value, uaddr_t old_value)
{
    struct __cairn_itimerval32 value = {{0, 0}, {0, 0}};
    uint64_t left, interval;
    int error;

    if (new_value != 0 && copy_from_user(&value, new_value, sizeof(value)) != 0)
        return -EFAULT;
    if (from_timeval(&value.it_value, &left) != 0 ||
        from_timeval(&value.it_interval, &interval) != 0)
        return -EINVAL;
    error = old_value ? put_itimer(which, old_value) : 0;
    return error ? error : itimer_set(which, left, interval);
}

SYSCALL_DEFINE(alarm, uint32_t seconds)
{
    uint64_t left, interval;
    int error = itimer_get(ITIMER_REAL, &left, &interval);

    if (!error)
        error = itimer_set(ITIMER_REAL, seconds * NS_PER_S, 0);
    if (error)
        return error;
    /* Rounded, but what has not come yet is never 0 (as Linux). */
    if (left == 0)
        return 0;
    left = (left + NS_PER_S / 2) / NS_PER_S;
    return left == 0 ? 1 : (long)left;
}
