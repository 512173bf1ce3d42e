/*
 * Signals. A signal is sent to a process or to one thread, kept pending while
 * it is blocked, and acted upon when its thread is about to enter user mode.
 *
 * What is pending, and what is known of it, is in a queue of the thread or the
 * process (sched/sigqueue.h).
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <cairn/signal.h>
#include "lib/types.h"
#include "sched/sigqueue.h"

struct process;
struct thread;
struct trapframe;

/* Masks that cannot be blocked. */
#define SIGNAL_NEVER_BLOCKED (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

/* Words of signal_info: sent by a process, of SIGCHLD, and of a fault. */
#define SIGNAL_PID    0
#define SIGNAL_UID    1
#define SIGNAL_VALUE  2
#define SIGNAL_STATUS 2
#define SIGNAL_UTIME  3
#define SIGNAL_STIME  4
#define SIGNAL_ADDR   0

/* And of a timer, with SIGNAL_VALUE. */
#define SIGNAL_TIMER   0
#define SIGNAL_OVERRUN 1

/* What a process does about each signal; shared by CLONE_SIGHAND. */
struct signal_handlers {
    uint32_t refs;
    struct __cairn_sigaction actions[__CAIRN_NSIG];
};

int signal_handlers_create(struct signal_handlers **out) must_check;
int signal_handlers_copy(const struct signal_handlers *from,
                         struct signal_handlers **out) must_check;
struct signal_handlers *signal_handlers_get(struct signal_handlers *handlers);
void signal_handlers_put(struct signal_handlers *handlers);

/* For exec: caught signals get their default action back. */
void signal_handlers_reset(struct signal_handlers *handlers);

/* Which signals of `mask` are pending for the current thread. */
uint64_t signal_pending_of(uint64_t mask);

/* Drop what is pending for a process, or for a thread that ends. */
void signal_flush_process(struct process *p);
void signal_flush_thread(struct process *p, struct thread *t);

/* Drop what is pending of a signal that has come to be ignored. */
void signal_drop_ignored(struct process *p, int signo);

/*
 * Send `signo` (1 to 64) to a process. Sender unknown or the kernel;
 * interrupt-safe. 0 or -EINVAL.
 */
int signal_send(struct process *target, int signo);

/*
 * Send with information, to one thread or (thread NULL) to the process. For a
 * queued signal -EAGAIN if it cannot be queued. Not from interrupts.
 */
int signal_send_info(struct process *target, struct thread *thread,
                     const struct signal_info *info) must_check;

/*
 * Send with a node of the sender's own (sched/sigqueue.h): false if the signal
 * is ignored, or nobody is there to take it. Interrupts are off.
 */
bool signal_send_own(struct process *target, struct thread *thread,
                     struct sigqueue_node *node);

/*
 * Send `signo` to the current process, as a failed write does with SIGPIPE: it
 * is its own doing, and the info says so.
 */
void signal_send_current(int signo);

/*
 * Send to every process of a group: 0, -ESRCH. Sleeps if there are more than
 * PROCESS_FEW. With interrupts off it does not: then pid 1 sends to so many.
 */
int signal_send_group(int pgid, int signo);

/*
 * For pid 1: return whether interrupts have left signals to be sent to groups;
 * send them. `signal_late` is called, interrupts off, when there are some.
 */
bool signal_any_late(void);
void signal_send_late(void);
extern void (*signal_late)(void);

/*
 * Called when a mistake is to end the program that was at `tf`: does nothing.
 */
void signal_ends_program(const struct trapframe *tf, const char *name);

/*
 * May the log tell how the running program ended? It is a slow device: of
 * programs that are not root's it tells ten a second and no more.
 */
bool signal_may_report(void);

/*
 * A fault of the current thread's user code: `code` is the si_code, `addr`
 * the address. It cannot be blocked or ignored: if it is, the process ends.
 */
void signal_fault(struct trapframe *tf, int signo, int code, uint32_t addr,
                  const char *why);

/* True if the current thread has something to act upon. */
bool signal_waiting(void);

/* Set the current thread's mask of blocked signals. */
void signal_set_blocked(uint64_t mask);

/* Sleep with another mask until a signal comes; always -EINTR. */
int signal_suspend(uint64_t mask);

/*
 * Set another mask for a call that sleeps (ppoll, pselect): the old one is
 * restored when the call is over, after a handler has run. Pair with
 * signal_mask_end(), called before the system call returns with its result.
 */
void signal_mask_begin(uint64_t mask);
void signal_mask_end(long result);

/* Take one pending signal of `mask` and its information; 0: there is none. */
int signal_take(uint64_t mask, struct signal_info *info);

/*
 * The current thread takes the signals of `mask` no longer: those of them that
 * are pending for the process are for other threads of it.
 */
void signal_pass_on(struct process *p, uint64_t mask);

/* Look again whether the thread has something to act upon. */
void signal_recheck(struct thread *t);

/* Act upon pending signals, on the way to user mode. May not return. */
typedef void signal_deliver_fn(struct trapframe *tf);
#ifdef NOLAB
signal_deliver_fn signal_deliver;
#else
extern signal_deliver_fn *signal_deliver;
#endif

/*
 * Called from now on: `taken` with each signal that is acted upon, `ends` when
 * signal `signo` is about to end the current process. Both may sleep.
 */
struct signal_watcher {
    void (*taken)(const struct trapframe *tf, const struct signal_info *info);
    void (*ends)(const struct trapframe *tf, int signo);
};
void signal_watch(const struct signal_watcher *watcher);

/* Copy the whole struct __cairn_siginfo to a user: 0 or -EFAULT. */
int signal_info_to_user(uint32_t address,
                        const struct signal_info *info) must_check;

/* A name such as "SIGSEGV". */
const char *signal_name(int signo);

/* ---- sigframe.c: what handlers see on the user's stack ---- */

/* Start a handler: 0, or -EFAULT if its stack cannot be written. */
int sigframe_push(struct trapframe *tf, int signo,
                  const struct __cairn_sigaction *action,
                  const struct signal_info *info, uint64_t blocked) must_check;

/*
 * Undo it; nothing in the frame is trusted. `rt`: pushed with SA_SIGINFO.
 * The new EAX, or -EFAULT with the frame unreadable.
 */
int sigframe_pop(struct trapframe *tf, bool rt, long *eax) must_check;

/* True if `sp` lies on the current thread's alternate stack. */
bool sigframe_on_altstack(uint32_t sp);

/* Where a handler without restorer returns to; mapped when first needed. */
#define SIGFRAME_PAGE 0xBFFFF000u
int sigframe_map_page(void) must_check;

/* Frames of kind FILE that this page has taken, and keeps. */
size_t sigframe_frames(void);

#endif
