/*
 * Signals. A signal is sent to a process or a thread, kept pending while it
 * is blocked, and acted upon when its thread is about to enter user mode.
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include <cairn/signal.h>
#include "lib/types.h"

struct process;
struct thread;
struct trapframe;

struct pending_signals {
    uint64_t set; /* bit n - 1: signal n is pending */
};

/* Send `signo` to a process: 0, -EINVAL. Interrupt-safe. */
int signal_send(struct process *target, int signo);

/* Send `signo` to the current process, as a failed write does with SIGPIPE. */
void signal_send_current(int signo);

/* Send to every process of a group: 0, -ESRCH. For the terminal. */
int signal_send_group(int pgid, int signo);

/*
 * A fault of the current thread's user code: `code` is the si_code, `addr`
 * the address. It cannot be blocked or ignored: if it is, the process ends.
 */
void signal_fault(struct trapframe *tf, int signo, int code, uint32_t addr,
                  const char *why);

/* True if the current thread has something to act upon. */
bool signal_waiting(void);

/* Act upon pending signals, on the way to user mode. May not return. */
void signal_deliver(struct trapframe *tf);

#endif
