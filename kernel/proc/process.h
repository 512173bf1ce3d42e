/*
 * Processes: an address space, open files, credentials, limits and one or
 * more threads under one process id. Threads and what they share are separate
 * structs with reference counts, so that fork, vfork and clone differ only in
 * what they share.
 *
 * Pid 1 is the kernel's own init: it starts the first program as pid 2, adopts
 * orphans, and ends the run when that program ends. So no program is pid 1
 * and default signal actions apply to all of them.
 *
 * Without cairn-run the first program is the deputy of pid 1: signals sent to
 * pid 1 that it wants are for it (others are -EPERM), kill(-1) leaves it out,
 * and SIGKILL and SIGSTOP do nothing to it. All else is as for other programs.
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include <cairn/resource.h>
#include <cairn/signal.h>
#include "lib/list.h"
#include "lib/types.h"
#include "fs/creds.h"
#include "sched/deadline.h"
#include "sched/thread.h"
#include "proc/signal.h"

struct fdtable;
struct fs_context;
struct user;

#define PROCESS_NAME_LEN 16

enum process_state {
    PROCESS_ALIVE,
    PROCESS_ZOMBIE /* ended, not yet waited for */
};

/* On the stack of a parent in vfork. */
struct vfork_wait {
    struct waitq wq;
    bool over;
};

/* The timers of timer_create: proc/posix_timer.h. */
struct posix_timers {
    struct posix_timer **table; /* by number; NULL: none */
    unsigned size, used;
    unsigned hint;        /* no lower number is free */
    struct deadlines cpu; /* (i) of the time that the process runs */
};

/* What getrusage tells of. */
struct use {
    uint64_t user_ns, kernel_ns;
    uint32_t faults, switches;
    size_t peak; /* the most pages of memory at a time */
};

struct process {
    int pid;                  /* (c) */
    int pgid, sid;            /* process group and session */
    enum process_state state; /* */
    struct process *parent;   /* NULL only for pid 1, and once forgotten */
    unsigned nwatchers;       /* see process_watch */
    bool forgotten;           /* reaped, but for its watchers */
    struct list group_link;   /* (i) in pid.group of its group */
    struct list session_link; /* (i) in pid.session of its session */
    unsigned visited;         /* the last walk that has been here: visit.c */
    struct list children;     /* of process.sibling */
    struct list sibling;
    struct list zombies;   /* (i) of children's news_link: to be waited for */
    struct list changed;   /* (i) likewise: stopped or continued, not told */
    struct list news_link; /* (i) in one of these of the parent */
    struct list threads;   /* of thread.proc_link: those that have not left */
    unsigned nthreads;     /* (i) how many they are; see threads.c */
    unsigned nstopped;     /* of them, how many sleep because it is stopped */
    bool ending;           /* wait_status is final, the threads are to leave */
    struct thread *execer; /* waits until the other threads have left */
    struct waitq left;     /* where it waits */
    int wait_status;       /* as wait4 reports it, once a zombie */
    struct waitq child_event; /* a child changed state */
    struct space *space;      /* NULL for kernel processes and zombies */
    struct fdtable *files;    /* NULL once exited */
    struct fs_context *fs;    /* NULL once exited */
    struct creds creds;
    struct user *user; /* of creds.uid; counted */
    struct rlimit64_values {
        uint64_t cur, max;
    } limits[RLIM_NLIMITS];
    struct signal_handlers *handlers; /* (i) counted; NULL: takes no signals */
    struct sigqueue queue;            /* (i) sent to the process as a whole */
    struct waitq signal_watchers;     /* who waits for signals by signalfd */
    struct posix_timers timers;       /* of timer_create */
    struct list sem_undos;            /* of SEM_UNDO: see sysv_sem.c */
    bool stopped;                     /* (i) by a job control signal */
    int stopped_by;                   /* which one */
    int stop_signal;                  /* once all threads have stopped: the same
                                         until it is reported, then 0 */
    bool stop_told;                   /* the parent has heard of the stop */
    bool tell_continued;              /* (i) and must hear of the end of it */
    bool continued;                   /* not reported yet */
    struct waitq resumed;             /* a stopped process goes on */
    int exit_signal;                  /* what the parent gets at the end */
    int nice;                         /* -20 to 19, of all its threads */
    bool injects;                     /* armed the injector: ends with it */
    bool has_execed;                  /* for setpgid by the parent */
    bool left_terminal;               /* of its session, by TIOCNOTTY */
    bool dumpable;                    /* its user may look into it: rights.h */
    bool no_new_privs;                /* exec heeds no set-id bits */
    bool too_many;                    /* its user was full: exec looks again */
    struct timer real_timer;          /* ITIMER_REAL, alarm */
    uint64_t real_interval_ns;
    struct cpu_timer {
        uint64_t left_ns, interval_ns;
    } virtual_timer, prof_timer;
    uint64_t cpu_seconds;        /* (i) of the last SIGXCPU */
    uint64_t start_ns;           /* when it was made */
    struct use ended;            /* what ended threads used */
    struct use reaped;           /* what waited-for children used */
    char name[PROCESS_NAME_LEN]; /* last part of the exec path */
    struct file *exe; /* the program's file, counted: not to be written */
    vaddr_t arg_start, arg_end, env_start, env_end; /* on the start stack */
};

/* The process of the current thread. */
static inline struct process *current_process(void)
{
    return current->process;
}

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

/*
 * Look at a process over a sleep: what is known of it stays, though it may have
 * ended and have been reaped meanwhile. Each watch is ended by an unwatch.
 */
void process_watch(struct process *p);
void process_unwatch(struct process *p);

/* The first thread of a process that has one; it need not be the oldest. */
struct thread *process_thread(struct process *p);

/* Called when a session's leader ends; the terminals set it. */
extern void (*process_session_end)(int sid);

/*
 * The terminal of a session, as devfs_number_of knows it, or NULL; *pgid: the
 * group in its foreground, or -1. The terminals set it.
 */
extern const void *(*process_terminal)(int sid, int *pgid);

/* The deputy of pid 1, or NULL. */
extern struct process *process_deputy;

/* Find a living or zombie process; NULL if there is none. */
struct process *process_find(int pid);

/* The same, where 0 means the current process. */
static inline struct process *process_find_or_self(int pid)
{
    return pid == 0 ? current_process() : process_find(pid);
}

/* The process with the lowest pid from `pid` on, or NULL. */
struct process *process_next(int pid);

/*
 * Is the running process root's, or the kernel itself at work: a set-id
 * program is not, since who starts many of them must not get what is kept.
 */
bool process_is_roots(void);

/* How many processes there are, zombies included. */
unsigned process_count(void);

/* How many there have been since the start. */
unsigned long process_total_made(void);

/*
 * Cap a limit for the whole machine: no process may have more from now on, not
 * even root's. process_limit_cap is that number, or infinity.
 */
void process_cap_limit(unsigned which, uint64_t max);
uint64_t process_limit_cap(unsigned which);

/* The limits that address spaces enforce, cut to 32 bits. */
struct space_limits process_space_limits(const struct process *p);

/* Set the name from the last part of a path. */
void process_set_name(struct process *p, const char *path);

/*
 * The name for the log, which a terminal may show: a question mark for each
 * byte that is more than a letter to one.
 */
void process_log_name(const struct process *p, char name[PROCESS_NAME_LEN]);

/*
 * Make `file` the process's program, or with NULL none: while it is, it cannot
 * be opened for writing. The caller has called inode_deny_write.
 */
void process_set_exe(struct process *p, struct file *file);

/*
 * End the current process with all its threads; `wait_status` is what wait4
 * shall report, unless it is ending already.
 */
_Noreturn void process_exit(int wait_status);

/*
 * End the current thread. With the last one the process ends, and its status is
 * what wait4 reports.
 */
_Noreturn void process_exit_thread(int wait_status);

/* ---- threads.c: the threads of a process ---- */

/* Find a thread of any process by its number, or NULL. */
struct thread *thread_find(int tid);

/* The name of a thread: its own, else the process's. */
static inline const char *thread_name(const struct thread *t)
{
    return t->name[0] != '\0' ? t->name : t->process->name;
}

/* How many threads there are, of all processes that run. */
unsigned process_count_threads(void);

/*
 * Add a thread that will run entry(arg) in the kernel and is not runnable yet
 * to the current process. -EAGAIN (no number is free), -ENOMEM, -EINTR (the
 * process is ending).
 */
int process_add_thread(void (*entry)(void *), void *arg,
                       struct thread **out) must_check;

/* Give the number of a thread back, unless it is the process's. */
void process_forget_thread(struct process *p, struct thread *t);

/* Tell the other threads of the current process to leave. */
void process_end_others(struct process *p);

/* The current thread, not the last one of its process, ends. */
_Noreturn void process_leave(struct process *p);

/*
 * End all threads of the current process but this one, and wait until they are
 * gone; it then has the process's number. -EINTR: it is itself to end.
 */
int process_be_alone(void) must_check;

/* Return what a thread has used, with a peak of 0: memory is the process's. */
struct use thread_use(struct thread *t);

/* Return what all threads have used, ended ones included. */
struct use process_use(struct process *p);

/* Add to a sum; its peak is the greater one. */
void use_add(struct use *sum, const struct use *part);

/* The process is about to leave `space`: keep its peak. */
void process_keep_peak(struct process *p, const struct space *space);
uint64_t process_runtime(struct process *p);

/* Give a process that never ran back, with all it holds. */
void process_abandon(struct process *p);

/* Give a process that never ran its address space (the reference moves). */
void process_set_space(struct process *p, struct space *space);

/* A zombie child of `parent`, or NULL. */
struct process *process_find_zombie(struct process *parent);

/*
 * Stop the current process because of `signo`. Its threads sleep when they are
 * about to enter user mode (process_stay_stopped).
 */
void process_stop(int signo);

/*
 * Sleep until the process is continued or killed. The last thread to do so
 * tells the parent of the stop, the first one to go on of that.
 */
void process_stay_stopped(void);

/* A thread has left: perhaps all others are stopped. */
void process_check_stopped(struct process *p);

/*
 * Let a stopped process go on. `report`: wait4 may say so; not for SIGKILL.
 * Interrupts are off.
 */
void process_continue(struct process *p, bool report);

/*
 * Send `signo` (0: none) to the parent of `p`, with CLD_* `code` and the exit
 * code or signal `status`.
 */
void process_tell_parent(struct process *p, int signo, int code, int status);

/* ---- visit.c: walks over many ---- */

/*
 * Call `meet` for every process, or for every member of a group, zombies too;
 * also for a child that one which is yet to be visited makes meanwhile. `meet`
 * does not sleep. Sleeps if there are more than PROCESS_FEW.
 */
#define PROCESS_FEW 64u
void process_each(void (*meet)(struct process *p, void *ctx), void *ctx);
void process_each_in_group(int pgid, void (*meet)(struct process *p, void *ctx),
                           void *ctx);

/* A child is made; a process leaves its group. */
void process_visit_child(struct process *child, const struct process *parent);
void process_visit_leaves(const struct process *p);

/* ---- group.c: groups and sessions ---- */

/* True if the group has a member and is in the session. */
bool process_group_exists(int pgid, int sid);

/* True if no process could continue this group (POSIX 3.264). */
bool process_group_is_orphaned(int pgid);

/*
 * Move a process to a group of a session. Both exist, or are its own pid; a
 * group is in one session.
 */
void process_change_group(struct process *p, int pgid, int sid);

/*
 * Put a new process, whose parent is in the same group or in another session,
 * into its first group; take one out that is forgotten.
 */
void process_enter_group(struct process *p, int pgid, int sid);
void process_leave_group(struct process *p);

/*
 * Give a process another parent; make it a zombie. If that orphans its group
 * and a member is stopped, SIGHUP and SIGCONT to all.
 */
void process_set_parent(struct process *p, struct process *parent);
void process_set_zombie(struct process *p);

/* Walk all groups and sessions: NULL, or what is broken. */
const char *process_check_groups(void);

/* The thread has a space of its own, or none, from now on: vfork is over. */
void thread_end_vfork(struct thread *t);

/*
 * Wait for a child of the current process (wait4, waitid). `which`: > 0 a pid,
 * -1 any, 0 the own group, < -1 a group. `options` are W*. Fills *out; its pid
 * is 0 if WNOHANG found nothing. -ECHILD, -EINTR.
 */
struct wait_result {
    int pid, status; /* status as wait4 reports it */
    uint32_t uid;
    struct use use; /* its own, and that of children which it waited for */
};
int process_wait(int which, uint32_t options,
                 struct wait_result *out) must_check;

/*
 * What clone is asked for. It goes on as the caller does, with EAX 0 and, if
 * not 0, the stack pointer `esp`.
 */
struct clone_request {
    uint32_t flags;       /* CLONE_*, checked */
    int exit_signal;      /* what the end of a process sends its parent */
    uint32_t esp;         /* 0: as the caller's */
    uint32_t parent_tid;  /* where the number goes before the call returns */
    uint32_t child_tid;   /* for CLONE_CHILD_SETTID and _CLEARTID */
    unsigned tls_slot;    /* for CLONE_SETTLS: of context.tls */
    uint64_t tls_segment; /* and what is put there */
};

/*
 * Make a thread (CLONE_THREAD) or a process. Returns its number, or -EAGAIN,
 * -ENOMEM, -EINTR.
 */
int process_clone(const struct clone_request *request) must_check;

/*
 * Replace the program of the current process. Strings are user addresses of
 * this process. Returns only with an error, or 0 when the trap frame has been
 * set for the new program.
 */
int process_exec(const char *path, uint32_t argv, uint32_t envp) must_check;

/*
 * Take the news that a child of the running process has stopped: by which
 * signal, or 0 if there is no such news.
 */
int process_take_stop(struct process *child);

/*
 * Take a zombie child off the books; its pid is free again. The caller is its
 * parent.
 */
void process_reap(struct process *zombie);

#endif
