/*
 * Processes: an address space, open files, credentials, limits and one or
 * more threads under one process id. Threads and what they share are separate
 * structs with reference counts, so that fork, vfork and clone differ only in
 * what they share.
 *
 * Pid 1 is the kernel's own init: it starts the first program as pid 2, adopts
 * orphans, and ends the run when that program ends. So no program is pid 1
 * and default signal actions apply to all of them.
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <cairn/resource.h>
#include <cairn/signal.h>
#include "lib/list.h"
#include "lib/types.h"
#include "fs/creds.h"
#include "sched/thread.h"
#include "proc/signal.h"

struct fdtable;
struct fs_context;

#define PROCESS_NAME_LEN 16

enum process_state {
    PROCESS_ALIVE,
    PROCESS_ZOMBIE /* ended, not yet waited for */
};

struct process {
    int pid;                  /* (c) */
    int pgid, sid;            /* process group and session */
    enum process_state state; /* */
    struct process *parent;   /* NULL only for pid 1 */
    struct list children;     /* of process.sibling */
    struct list sibling;
    struct list all_link;     /* in the list of all processes, by pid */
    struct list threads;      /* of thread.proc_link */
    unsigned nthreads;
    int wait_status;          /* as wait4 reports it, once a zombie */
    struct waitq child_event; /* a child changed state */
    struct space *space;      /* NULL for kernel processes and zombies */
    struct fdtable *files;    /* NULL once exited */
    struct fs_context *fs;    /* NULL once exited */
    struct creds creds;
    struct rlimit64_values {
        uint64_t cur, max;
    } limits[RLIM_NLIMITS];
    struct signal_state *signals; /* handlers; shared by CLONE_SIGHAND */
    struct pending_signals pending;
    uint64_t user_ns, kernel_ns;             /* of ended threads */
    uint64_t child_user_ns, child_kernel_ns; /* of waited-for children */
    char name[PROCESS_NAME_LEN];             /* last part of the exec path */
    char *exe_path;                          /* absolute; may be NULL */
    vaddr_t arg_start, arg_end, env_start, env_end; /* on the start stack */
};

/* The process of the current thread. */
static inline struct process *current_process(void)
{
    return current->process;
}

void process_init(void);

/*
 * A new process, child of `parent`, with one thread that will run entry(arg)
 * in the kernel and is not runnable yet. Group, session, credentials and
 * limits are the parent's; files, fs and space are for the caller to set.
 * -EAGAIN (no pid is free), -ENOMEM.
 */
int process_create(struct process *parent, void (*entry)(void *), void *arg,
                   struct process **out) must_check;

/* The same for the first process, which has no parent. */
int process_create_first(void (*entry)(void *), void *arg,
                         struct process **out) must_check;

/* The first thread of a process. */
struct thread *process_thread(struct process *p);

/* Find a living or zombie process; NULL if there is none. */
struct process *process_find(int pid);

/* Call `visit` for every process, by pid. */
void process_each(void (*visit)(struct process *p, void *ctx), void *ctx);

/* How many processes there are, zombies included. */
unsigned process_count(void);

/* The limits that address spaces enforce, cut to 32 bits. */
struct space_limits process_space_limits(const struct process *p);

/* Set the name from the last part of a path. */
void process_set_name(struct process *p, const char *path);

/* End the current process; `wait_status` is what wait4 shall report. */
_Noreturn void process_exit(int wait_status);

/* Give a process that never ran back, with all it holds. */
void process_abandon(struct process *p);

/* Give a process that never ran its address space (the reference moves). */
void process_set_space(struct process *p, struct space *space);

/* A zombie child of `parent`, or NULL. */
struct process *process_find_zombie(struct process *parent);

/*
 * Take a zombie child off the books; its pid is free again. The caller is its
 * parent.
 */
void process_reap(struct process *zombie);

#endif
