/*
 * Signals with their default actions.
 */
#include "proc/signal.h"

#include <cairn/errno.h>

#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "lib/log.h"
#include "proc/process.h"

#define MAX_FRAMES 16

/* What happens to a process that has not said otherwise (POSIX, signal.h). */
enum default_action { ACT_END, ACT_DUMP, ACT_IGNORE, ACT_STOP, ACT_CONTINUE };

static enum default_action default_action(int signo)
{
    switch (signo) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
        return ACT_IGNORE;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return ACT_STOP;
    case SIGCONT:
        return ACT_CONTINUE;
    case SIGQUIT:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGXCPU:
    case SIGXFSZ:
    case SIGSYS:
        return ACT_DUMP;
    default:
        return ACT_END;
    }
}

static const char *signal_name(int signo)
{
    static const char *const names[] = {
        [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT",
        [SIGILL] = "SIGILL",   [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT",
        [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",   [SIGKILL] = "SIGKILL",
        [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
        [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM",
        [SIGSYS] = "SIGSYS",
    };

    if (signo < 0 || signo >= (int)(sizeof(names) / sizeof(names[0])) ||
        !names[signo])
        return "signal";
    return names[signo];
}

int signal_send(struct process *target, int signo)
{
    if (signo < 1 || signo > __CAIRN_NSIG)
        return -EINVAL;
    if (target->state != PROCESS_ALIVE || target->pid == 1)
        return 0;
    if (default_action(signo) == ACT_IGNORE ||
        default_action(signo) == ACT_CONTINUE)
        return 0;
    target->pending.set |= 1ull << (signo - 1);
    thread_interrupt(process_thread(target));
    return 0;
}

void signal_send_current(int signo)
{
    (void)signal_send(current_process(), signo);
}

struct group_send {
    int pgid, signo;
    bool found;
};

static void send_to_member(struct process *p, void *ctx)
{
    struct group_send *g = ctx;

    if (p->pgid != g->pgid || p->state != PROCESS_ALIVE)
        return;
    g->found = true;
    (void)signal_send(p, g->signo);
}

int signal_send_group(int pgid, int signo)
{
    struct group_send g = {pgid, signo, false};

    process_each(send_to_member, &g);
    return g.found ? 0 : -ESRCH;
}

/* The user's callers, by frame pointers; what cannot be read ends the list. */
static void print_backtrace(const struct trapframe *tf)
{
    uint32_t frame[2], ebp = tf->ebp;

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

void signal_fault(struct trapframe *tf, int signo, int code, uint32_t addr,
                  const char *why)
{
    struct process *p = current_process();

    (void)code;
    klog(LOG_NOTICE, "%s[%d]: %s at address %08x: %s; eip %08x esp %08x",
         p->name, p->pid, signal_name(signo), addr, why, tf->eip, tf->esp);
    print_backtrace(tf);
    process_exit(signo);
}

bool signal_waiting(void)
{
    return current_process() && current_process()->pending.set != 0;
}

void signal_deliver(struct trapframe *tf)
{
    struct process *p = current_process();

    (void)tf;
    current->signal_pending = false;
    for (int signo = 1; signo <= __CAIRN_NSIG; signo++) {
        uint64_t bit = 1ull << (signo - 1);

        if (!(p->pending.set & bit))
            continue;
        p->pending.set &= ~bit;
        if (default_action(signo) == ACT_DUMP)
            process_exit(signo);
        if (default_action(signo) == ACT_END)
            process_exit(signo);
    }
}
