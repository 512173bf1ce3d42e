/*
 * Sending and taking signals, and their default actions (POSIX.1-2017, XSH
 * 2.4). Queues are in sched/sigqueue.c, frames for handlers in sigframe.c.
 *
 * Queues change with interrupts off, since the terminal and timers send from
 * interrupts.
 */
#include "lib/units.h"
#include "proc/signal.h"

#include <cairn/errno.h>
#include <cairn/futex.h>
#include <cairn/syscall.h>
#include <cairn/wait.h>

#include "arch/i386/cpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/user.h"

#define MAX_FRAMES  16
#define TOP_WORDS   4 /* of the stack, logged with a backtrace */
#define MAX_REPORTS 10

enum default_action { ACT_END, ACT_IGNORE, ACT_STOP };

#define SYNCHRONOUS                                                  \
    (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | \
     SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGSYS))
#define STOPS                                                          \
    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | \
     SIGNAL_BIT(SIGTTOU))
/* SIGCONT, too: it does what it does when it is sent. */
#define IGNORED_BY_DEFAULT                                             \
    (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH) | \
     SIGNAL_BIT(SIGCONT))
#define JOB_CONTROL (STOPS | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGKILL))

static struct slab_cache handlers_cache =
    SLAB_CACHE("handlers", sizeof(struct signal_handlers), 4);

#ifdef NOLAB
static const struct signal_watcher *const signal_watcher = NULL;
#else
static const struct signal_watcher *signal_watcher; /* or NULL */
#endif

/* For sets of signals below 32, which these are. */
static inline bool is_in(uint64_t set, int signo)
{
    return signo < 32 && (uint32_t)set >> (signo - 1) & 1;
}

static enum default_action default_action(int signo)
{
    if (is_in(IGNORED_BY_DEFAULT, signo))
        return ACT_IGNORE;
    if (is_in(STOPS, signo))
        return ACT_STOP;
    return ACT_END;
}

const char *signal_name(int signo)
{
    static const char *const names[] = {
        [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",
        [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
        [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT",
        [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
        [SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1",
        [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
        [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM",
        [SIGTERM] = "SIGTERM", [SIGSTKFLT] = "SIGSTKFLT",
        [SIGCHLD] = "SIGCHLD", [SIGCONT] = "SIGCONT",
        [SIGSTOP] = "SIGSTOP", [SIGTSTP] = "SIGTSTP",
        [SIGTTIN] = "SIGTTIN", [SIGTTOU] = "SIGTTOU",
        [SIGURG] = "SIGURG",   [SIGXCPU] = "SIGXCPU",
        [SIGXFSZ] = "SIGXFSZ", [SIGVTALRM] = "SIGVTALRM",
        [SIGPROF] = "SIGPROF", [SIGWINCH] = "SIGWINCH",
        [SIGIO] = "SIGIO",     [SIGPWR] = "SIGPWR",
        [SIGSYS] = "SIGSYS",
    };

    if (signo < 0 || signo >= (int)(sizeof(names) / sizeof(names[0])) ||
        !names[signo])
        return "signal";
    return names[signo];
}

/* ---- handlers ---- */

int signal_handlers_create(struct signal_handlers **out)
{
    struct signal_handlers *h = slab_zalloc(&handlers_cache);

    if (!h)
        return -ENOMEM;
    h->refs = 1;
    *out = h;
    return 0;
}

int signal_handlers_copy(const struct signal_handlers *from,
                         struct signal_handlers **out)
{
    struct signal_handlers *h = slab_alloc(&handlers_cache);

    if (!h)
        return -ENOMEM;
    memcpy(h, from, sizeof(*h));
    h->refs = 1;
    *out = h;
    return 0;
}

struct signal_handlers *signal_handlers_get(struct signal_handlers *handlers)
{
    handlers->refs++;
    return handlers;
}

void signal_handlers_put(struct signal_handlers *handlers)
{
    if (--handlers->refs == 0)
        slab_free(&handlers_cache, handlers);
}

void signal_handlers_reset(struct signal_handlers *handlers)
{
    for (int i = 0; i < __CAIRN_NSIG; i++) {
        struct __cairn_sigaction *a = &handlers->actions[i];

        if (a->handler != __CAIRN_SIG_IGN)
            a->handler = __CAIRN_SIG_DFL;
        a->flags = 0;
        a->restorer = 0;
        memset(&a->mask, 0, sizeof(a->mask));
    }
}

static struct __cairn_sigaction *action_of(struct process *p, int signo)
{
    return &p->handlers->actions[signo - 1];
}

static bool is_ignored(struct process *p, int signo)
{
    uint32_t handler = action_of(p, signo)->handler;

    if (handler > __CAIRN_SIG_IGN)
        return false;
    if (p == process_deputy && (SIGNAL_NEVER_BLOCKED & SIGNAL_BIT(signo)))
        return true;
    if (handler == __CAIRN_SIG_IGN)
        return signo != SIGKILL && signo != SIGSTOP;
    return handler == __CAIRN_SIG_DFL && is_in(IGNORED_BY_DEFAULT, signo);
}

/* ---- queues ---- */

/* Forget pending signals. Interrupts are off. */
static void discard(struct process *p, uint64_t mask)
{
    struct list *link;

    sigqueue_forget(&p->queue, mask, &p->user->nsiginfos);
    list_for_each(link, &p->threads)
    {
        struct thread *t = list_entry(link, struct thread, proc_link);

        sigqueue_forget(&t->signals.queue, mask, &p->user->nsiginfos);
    }
}

static void flush(struct process *p, struct sigqueue *queue)
{
    uint32_t flags = irq_save();

    sigqueue_forget(queue, UINT64_MAX, &p->user->nsiginfos);
    sigqueue_sweep(queue, &p->user->nsiginfos);
    irq_restore(flags);
}

void signal_flush_process(struct process *p)
{
    flush(p, &p->queue);
}

void signal_flush_thread(struct process *p, struct thread *t)
{
    uint32_t flags = irq_save();

    while (t->cpu_timers.first)
        deadline_cancel(t->cpu_timers.first);
    irq_restore(flags);
    flush(p, &t->signals.queue);
}

/* The signal to be taken first: faults, then the lowest. */
static int pick(uint64_t candidates)
{
    uint32_t low = (uint32_t)candidates;

    if (low & SYNCHRONOUS)
        low &= SYNCHRONOUS;
    if (low != 0)
        return __builtin_ctz(low) + 1;
    return __builtin_ctz((uint32_t)(candidates >> 32)) + 33;
}

static uint64_t pending_of(const struct thread *t)
{
    return t->signals.queue.pending | t->process->queue.pending;
}

uint64_t signal_pending_of(uint64_t mask)
{
    return pending_of(current) & mask;
}

/*
 * An interrupt that sends a signal in between sets the hint again, so it is
 * cleared first and interrupts may stay on.
 */
static inline void recheck(struct thread *t)
{
    t->signal_pending = false;
    __asm__ volatile("" : : : "memory");
    if ((pending_of(t) & ~t->signals.blocked) || t->process->stopped) {
        t->signal_pending = true;
        if (t == current)
            trap_user_work = 1;
    }
}

void signal_recheck(struct thread *t)
{
    recheck(t);
}

bool signal_waiting(void)
{
    return current->process && current->signal_pending;
}

void signal_set_blocked(uint64_t mask)
{
    struct process *p = current->process;

    current->signals.blocked = mask & ~SIGNAL_NEVER_BLOCKED;
    recheck(current);
    if (unlikely(p->nthreads > 1))
        signal_pass_on(p, mask);
}

/* ---- sending ---- */

/*
 * Wake a thread of the process that may take the signal: one that has nothing
 * else to act upon, if there is one.
 */
static void alert_any(struct process *p, int signo)
{
    struct thread *t, *busy = NULL;

    list_for_each_entry(t, &p->threads, struct thread, proc_link)
    {
        if (sigmask_has(&t->signals.blocked, signo))
            continue;
        if (!t->signal_pending) {
            thread_interrupt(t);
            return;
        }
        if (!busy)
            busy = t;
    }
    if (busy)
        thread_interrupt(busy);
}

static void alert(struct process *p, struct thread *only, int signo)
{
    if (!only)
        alert_any(p, signo);
    else if (!sigmask_has(&only->signals.blocked, signo))
        thread_interrupt(only);
}

/* What stop and continue signals undo when they are sent. */
static void job_control(struct process *p, int signo)
{
    if (signo == SIGCONT) {
        discard(p, STOPS);
        process_continue(p, true);
    } else if (signo == SIGKILL) {
        process_continue(p, false);
    } else {
        discard(p, SIGNAL_BIT(SIGCONT));
    }
}

/* What runs in the kernel for the process is to come to an end. */
static void mark_killed(struct process *p)
{
    struct list *link;

    list_for_each(link, &p->threads)
    {
        struct thread *t = list_entry(link, struct thread, proc_link);

        t->killed = true;
        if (t->killable)
            thread_wake(t);
    }
}

void signal_pass_on(struct process *p, uint64_t mask)
{
    uint32_t flags = irq_save();

    for (uint64_t left = p->queue.pending & mask; left != 0;) {
        int signo = pick(left);

        sigmask_remove(&left, signo);
        alert_any(p, signo);
    }
    irq_restore(flags);
}

/* The thread wants the signal kept: it is blocked, or waited for. */
static inline bool keeps(const struct thread *t, int signo)
{
    return sigmask_has(&t->signals.blocked, signo) ||
           sigmask_has(&t->signals.waiting, signo);
}

/* True if the signal can be forgotten at once. */
static bool can_skip(struct process *p, struct thread *only, int signo)
{
    const struct thread *t;

    if (!is_ignored(p, signo))
        return false;
    if (only)
        return !keeps(only, signo);
    list_for_each_entry(t, &p->threads, struct thread, proc_link)
    {
        if (keeps(t, signo))
            return false;
    }
    return true;
}

/* Not pid 1, a zombie, or a process that is still being made. */
static bool is_valid_target(struct process *p)
{
    return p->state == PROCESS_ALIVE && p->handlers && p->nthreads > 0;
}

/* Is there no place for one more, even when what was forgotten is freed? */
static bool never_inline is_full(struct process *p, struct sigqueue *queue)
{
    if (user_may_queue(p))
        return false;
    sigqueue_sweep(queue, &p->user->nsiginfos);
    return !user_may_queue(p);
}

/* Who looks at pending signals as at a file is to look again. */
static inline void wake_watchers(struct process *p)
{
    if (unlikely(!list_is_empty(&p->signal_watchers.waiters)))
        waitq_wake(&p->signal_watchers);
}

/*
 * Send to one thread, or with `only` NULL to the process; `info` may be NULL.
 * Interrupts are off. 0, or -EAGAIN: a queued signal found no place.
 */
static int send(struct process *p, struct thread *only, int signo,
                const struct signal_info *info)
{
    struct sigqueue *queue = only ? &only->signals.queue : &p->queue;
    bool queues = signo >= __CAIRN_SIGRT_FIRST;
    int error = info ? 0 : -EAGAIN;

    if (unlikely(is_in(JOB_CONTROL, signo)))
        job_control(p, signo);
    if (unlikely(action_of(p, signo)->handler <= __CAIRN_SIG_IGN) &&
        can_skip(p, only, signo))
        return 0;
    if (unlikely(signo == SIGKILL))
        mark_killed(p);
    if (info && (queues || !sigmask_has(&queue->pending, signo))) {
        error = -EAGAIN;
        /* Those that cannot queue and that the kernel sends are few. */
        if (likely(!queues && info->code >= 0) || !is_full(p, queue))
            error = sigqueue_add(queue, info, &p->user->nsiginfos);
        if (error && queues && info->code != SI_USER)
            return error;
    }
    if (error)
        sigqueue_add_bare(queue, signo);
    else
        sigmask_add(&queue->pending, signo);
    wake_watchers(p);
    alert(p, only, signo);
    return 0;
}

static int send_checked(struct process *target, struct thread *thread,
                        int signo, const struct signal_info *info)
{
    uint32_t flags;
    int error = 0;

    if (signo < 1 || signo > __CAIRN_NSIG)
        return -EINVAL;
    flags = irq_save();
    if (likely(is_valid_target(target)))
        error = send(target, thread, signo, info);
    irq_restore(flags);
    return error;
}

bool signal_send_own(struct process *p, struct thread *only,
                     struct sigqueue_node *node)
{
    int signo = node->info.signo;

    if (!is_valid_target(p))
        return false;
    if (is_in(JOB_CONTROL, signo))
        job_control(p, signo);
    if (can_skip(p, only, signo))
        return false;
    if (signo == SIGKILL)
        mark_killed(p);
    sigqueue_add_own(only ? &only->signals.queue : &p->queue, node);
    wake_watchers(p);
    alert(p, only, signo);
    return true;
}

int signal_send(struct process *target, int signo)
{
    return send_checked(target, NULL, signo, NULL);
}

int signal_send_info(struct process *target, struct thread *thread,
                     const struct signal_info *info)
{
    return send_checked(target, thread, info->signo, info);
}

void signal_send_current(int signo)
{
    struct process *p = current_process();
    struct signal_info info;

    signal_info_init(&info, signo, SI_USER);
    info.words[SIGNAL_PID] = (uint32_t)p->pid;
    info.words[SIGNAL_UID] = p->creds.uid;
    (void)!signal_send_info(p, NULL, &info);
}

struct group_send {
    int signo;
    bool found;
};

static void send_to_member(struct process *p, void *ctx)
{
    struct group_send *g = ctx;

    if (p->state != PROCESS_ALIVE)
        return;
    g->found = true;
    if (g->signo != 0)
        (void)signal_send(p, g->signo);
}

/* Groups that an interrupt has signals for, which are too many for it. */
static struct list late = LIST_INIT(late); /* (i) of pid.late_link */
void (*signal_late)(void);

static int send_late(struct pid *group, int signo)
{
    if (signo < 1 || signo > __CAIRN_NSIG)
        return 0;
    if (group->late == 0)
        list_add_tail(&late, &group->late_link);
    group->late |= SIGNAL_BIT(signo);
    signal_late();
    return 0;
}

bool signal_any_late(void)
{
    return !list_is_empty(&late);
}

/* The first of the signals for a group that are late; 0: there are none. */
static int take_late(struct pid *group)
{
    uint32_t flags = irq_save();
    int signo = 1;

    while (signo <= __CAIRN_NSIG && !sigmask_has(&group->late, signo))
        signo++;
    if (signo > __CAIRN_NSIG)
        signo = 0;
    else
        sigmask_remove(&group->late, signo);
    if (group->late == 0)
        list_remove(&group->late_link);
    irq_restore(flags);
    return signo;
}

void signal_send_late(void)
{
    while (signal_any_late()) {
        struct pid *group = list_entry(late.next, struct pid, late_link);
        int number = group->number, signo;

        pid_hold(number);
        while ((signo = take_late(group)) > 0)
            (void)signal_send_group(number, signo);
        pid_drop(number);
    }
}

int signal_send_group(int pgid, int signo)
{
    struct group_send g = {signo, false};
    struct pid *group = pid_find(pgid);

    if (!group)
        return -ESRCH;
    if (group->nmembers > PROCESS_FEW && !irq_is_on())
        return send_late(group, signo);
    process_each_in_group(pgid, send_to_member, &g);
    return g.found ? 0 : -ESRCH;
}

void signal_drop_ignored(struct process *p, int signo)
{
    uint32_t flags;
    struct list *link;

    if (!is_ignored(p, signo))
        return;
    flags = irq_save();
    discard(p, SIGNAL_BIT(signo));
    irq_restore(flags); /* there may be many: not all with interrupts off */
    flags = irq_save();
    sigqueue_sweep(&p->queue, &p->user->nsiginfos);
    list_for_each(link, &p->threads)
    {
        struct thread *t = list_entry(link, struct thread, proc_link);

        sigqueue_sweep(&t->signals.queue, &p->user->nsiginfos);
        recheck(t);
    }
    irq_restore(flags);
}

/* ---- faults ---- */

/*
 * Log the user's callers, by frame pointers; what cannot be read ends the list.
 * A function that has made no frame yet, or makes none, has its return address
 * among the first words of the stack: they are logged for a reader who knows
 * the program.
 */
static void print_backtrace(const struct trapframe *tf)
{
    uint32_t frame[2], top[TOP_WORDS], ebp = tf->ebp;

    if (copy_from_user(top, tf->esp, sizeof(top)) == 0)
        klog(LOG_NOTICE, "  stack %08x %08x %08x %08x", top[0], top[1], top[2],
             top[3]);
    klog(LOG_NOTICE, "  #0 %08x", tf->eip);
    for (unsigned i = 1; i < MAX_FRAMES; i++) {
        if ((ebp & 3) || copy_from_user(frame, ebp, sizeof(frame)) != 0 ||
            frame[1] == 0)
            return;
        klog(LOG_NOTICE, "  #%u %08x", i, frame[1]);
        if (frame[0] <= ebp)
            return;
        ebp = frame[0];
    }
}

/*
 * A debugger stops here to show the program (tools/cairn-run/debugger.c): `tf`
 * is where it was when the signal `name` ended it.
 */
__attribute__((noinline)) void signal_ends_program(const struct trapframe *tf,
                                                   const char *name)
{
    __asm__ volatile("" ::"r"(tf), "r"(name));
}

bool signal_may_report(void)
{
    static uint64_t second;
    static unsigned nreports;
    uint64_t now = clock_monotonic_ns() / NS_PER_S;

    if (process_is_roots())
        return true;
    if (now != second)
        nreports = 0;
    second = now;
    return ++nreports <= MAX_REPORTS;
}

static void report_fault(const struct trapframe *tf, int signo, uint32_t addr,
                         const char *why)
{
    const struct process *p = current_process();
    char name[PROCESS_NAME_LEN];

    if (!signal_may_report())
        return;
    process_log_name(p, name);
    klog(LOG_NOTICE, "%s[%d]: %s at address %08x: %s; eip %08x esp %08x", name,
         p->pid, signal_name(signo), addr, why, tf->eip, tf->esp);
    print_backtrace(tf);
    signal_ends_program(tf, signal_name(signo));
}

/* Log where a program was that a signal ends which tells of a mistake. */
static void report_end(const struct trapframe *tf, int signo)
{
    static const uint64_t mistakes = SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGILL) |
                                     SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGABRT) |
                                     SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGFPE) |
                                     SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGSYS);
    const struct process *p = current_process();
    char name[PROCESS_NAME_LEN];

    if (!(mistakes & SIGNAL_BIT(signo)) || !signal_may_report())
        return;
    process_log_name(p, name);
    klog(LOG_NOTICE, "%s[%d]: %s; eip %08x esp %08x", name, p->pid,
         signal_name(signo), tf->eip, tf->esp);
    print_backtrace(tf);
    signal_ends_program(tf, signal_name(signo));
}

static _Noreturn void end_by(const struct trapframe *tf, int signo)
{
    if (signal_watcher)
        signal_watcher->ends(tf, signo);
    process_exit(signo);
}

void signal_fault(struct trapframe *tf, int signo, int code, uint32_t addr,
                  const char *why)
{
    struct process *p = current_process();
    struct __cairn_sigaction *action = action_of(p, signo);
    struct signal_info info = {.signo = signo, .code = code};

    if (action->handler == __CAIRN_SIG_IGN ||
        sigmask_has(&current->signals.blocked, signo))
        action->handler = __CAIRN_SIG_DFL;
    info.words[SIGNAL_ADDR] = addr;
    if (action->handler == __CAIRN_SIG_DFL) {
        report_fault(tf, signo, addr, why);
        if (signal_watcher)
            signal_watcher->taken(tf, &info);
        end_by(tf, signo);
    }
    if (signal_send_info(p, current, &info) != 0)
        process_exit(signo);
}

/* ---- taking ---- */

static inline bool tells_more(struct process *p, int signo)
{
    return action_of(p, signo)->flags & SA_SIGINFO;
}

/*
 * Take a signal of `mask` if one is pending, or 0: first those sent to the
 * thread, as Linux does. With `always` false *info is set only for a handler
 * that is told of it. Interrupts are off.
 */
static inline int take(uint64_t mask, struct signal_info *info, bool always)
{
    struct process *p = current_process();
    struct sigqueue *queue = &current->signals.queue;
    uint64_t candidates = queue->pending & mask;
    int signo;

    if (candidates == 0) {
        queue = &p->queue;
        candidates = queue->pending & mask;
        if (candidates == 0)
            return 0;
    }
    signo = pick(candidates);
    if (!always && !tells_more(p, signo))
        info = NULL;
    sigqueue_take(queue, signo, info, &p->user->nsiginfos);
    return signo;
}

int signal_take(uint64_t mask, struct signal_info *info)
{
    uint32_t flags = irq_save();
    int signo = take(mask, info, true);

    irq_restore(flags);
    return signo;
}

/*
 * The same for what is not blocked; with 0 the hint is no longer set. *info is
 * always set for a watcher.
 */
static inline __attribute__((always_inline)) int
take_next(struct signal_info *info, bool watched)
{
    int signo;

    irq_disable();
    signo = take(~current->signals.blocked, info, watched);
    if (signo == 0)
        current->signal_pending = false;
    irq_enable();
    return signo;
}

int signal_info_to_user(uint32_t address, const struct signal_info *info)
{
    size_t rest = sizeof(struct __cairn_siginfo) - sizeof(*info);

    if (copy_to_user(address, info, sizeof(*info)) != 0 ||
        zero_user_some(address + sizeof(*info), rest) != rest)
        return -EFAULT;
    return 0;
}

int signal_suspend(uint64_t mask)
{
    int error;

    current->signals.saved_blocked = current->signals.blocked;
    current->signals.restore_blocked = true;
    signal_set_blocked(mask);
    do
        error = sched_block(true, WAITQ_FOREVER);
    while (error != -EINTR);
    return -EINTR;
}

void signal_mask_begin(uint64_t mask)
{
    current->signals.saved_blocked = current->signals.blocked;
    current->signals.restore_blocked = true;
    signal_set_blocked(mask);
}

void signal_mask_end(long result)
{
    if (result == -EINTR && signal_waiting())
        return; /* signal_deliver restores it, after the handler's frame */
    current->signals.restore_blocked = false;
    signal_set_blocked(current->signals.saved_blocked);
}

/* ---- acting ---- */

/* Calls that start anew after a handler with SA_RESTART (Linux signal(7)). */
static bool is_restartable(const struct trapframe *tf)
{
    switch (tf->call) {
    case __NR_read:
    case __NR_write:
    case __NR_readv:
    case __NR_writev:
    case __NR_open:
    case __NR_openat:
    case __NR_creat:
    case __NR_sendfile:
    case __NR_sendfile64:
    case __NR_waitpid:
    case __NR_wait4:
    case __NR_waitid:
    case __NR_ioctl:
    case __NR_fcntl:
    case __NR_fcntl64:
    case __NR_flock:
    case __NR_getrandom:
    case __NR_mq_timedsend:
    case __NR_mq_timedsend_time64:
    case __NR_mq_timedreceive:
    case __NR_mq_timedreceive_time64:
        return true;
    case __NR_futex: /* without a timeout */
    case __NR_futex_time64:
        return tf->esi == 0;
    default:
        return false;
    }
}

/* Waiting for a lock with priority inheritance is never seen to end early. */
static bool is_always_restarted(const struct trapframe *tf)
{
    uint32_t command = tf->ecx & (uint32_t)FUTEX_CMD_MASK;

    return (tf->call == __NR_futex || tf->call == __NR_futex_time64) &&
           (command == FUTEX_LOCK_PI || command == FUTEX_LOCK_PI2 ||
            command == FUTEX_WAIT_REQUEUE_PI);
}

/*
 * A system call that a signal interrupted returns -EINTR, or is made again:
 * with SA_RESTART if it is of that kind; if no handler runs, always.
 */
static void restart_call(struct trapframe *tf,
                         const struct __cairn_sigaction *action)
{
    if (tf->call == TRAP_NO_CALL || tf->eax != (uint32_t)-EINTR)
        return;
    if (action && !is_always_restarted(tf) &&
        (!(action->flags & SA_RESTART) || !is_restartable(tf)))
        return;
    tf->eax = tf->call;
    tf->eip -= 2; /* the length of INT 0x80 */
    tf->call = TRAP_NO_CALL;
}

static uint64_t mask_of(const struct __cairn_sigset *set)
{
    return set->bits[0] | (uint64_t)set->bits[1] << 32;
}

/* Start the handler of one signal. */
static inline __attribute__((always_inline)) void
run_handler(struct trapframe *tf, int signo, const struct signal_info *info)
{
    struct __cairn_sigaction *registered = action_of(current_process(), signo);
    struct __cairn_sigaction action = *registered;
    struct thread_signals *own = &current->signals;
    uint64_t before = own->restore_blocked ? own->saved_blocked : own->blocked;
    uint64_t blocked = own->blocked | mask_of(&action.mask);

    restart_call(tf, &action);
    current->resume_ns = 0;
    if (action.flags & SA_RESETHAND)
        registered->handler = __CAIRN_SIG_DFL;
    if (sigframe_push(tf, signo, &action, info, before) != 0) {
        registered = action_of(current_process(), SIGSEGV);
        if (signo == SIGSEGV)
            registered->handler = __CAIRN_SIG_DFL;
        signal_fault(tf, SIGSEGV, SI_KERNEL, 0, "no stack for a handler");
        return;
    }
    own->restore_blocked = false;
    own->blocked = blocked & ~SIGNAL_NEVER_BLOCKED;
    if (!(action.flags & SA_NODEFER))
        sigmask_add(&own->blocked, signo);
    if (unlikely(current_process()->nthreads > 1))
        signal_pass_on(current_process(), own->blocked);
}

/* Act upon a signal without handler. */
static void act_by_default(const struct trapframe *tf, int signo)
{
    const struct process *p = current_process();

    switch (default_action(signo)) {
    case ACT_END:
        report_end(tf, signo);
        end_by(tf, signo);
    case ACT_STOP:
        if (signo == SIGSTOP || !process_group_is_orphaned(p->pgid))
            process_stop(signo);
        break;
    default:
        break;
    }
}

static inline __attribute__((always_inline)) void deliver(struct trapframe *tf,
                                                          bool watched)
{
    struct process *p = current_process();
    struct signal_info info;
    int signo;

    for (;;) {
        uint32_t handler;

        if (unlikely(p->stopped))
            process_stay_stopped();
        signo = take_next(&info, watched);
        if (signo == 0)
            break;
        handler = action_of(p, signo)->handler;
        if (watched)
            signal_watcher->taken(tf, &info);
        if (signo == SIGKILL || handler == __CAIRN_SIG_DFL)
            act_by_default(tf, signo);
        else if (handler != __CAIRN_SIG_IGN)
            run_handler(tf, signo, &info);
    }
    restart_call(tf, NULL);
    if (current->signals.restore_blocked) {
        current->signals.restore_blocked = false;
        signal_set_blocked(current->signals.saved_blocked);
    }
}

#ifdef NOLAB

void signal_deliver(struct trapframe *tf)
{
    deliver(tf, false);
}

#else

static void deliver_plain(struct trapframe *tf)
{
    deliver(tf, false);
}

static void deliver_watched(struct trapframe *tf)
{
    deliver(tf, true);
}

/* A call through it takes no more instructions than a direct one. */
signal_deliver_fn *signal_deliver = deliver_plain;

void signal_watch(const struct signal_watcher *watcher)
{
    signal_watcher = watcher;
    signal_deliver = deliver_watched;
}

#endif
