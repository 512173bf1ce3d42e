/*
 * The life of a process: made by process_create, ended by process_exit, kept
 * as a zombie until its parent reaps it.
 *
 * A process is found by its number (pid.h). Children of a process that ends go
 * to pid 1. It ends with its last thread (threads.c), which gives back what
 * they shared.
 */
#include "proc/process.h"

#include <cairn/errno.h>
#include <cairn/wait.h>

#include "arch/i386/cpu.h"
#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "proc/futex.h"
#include "proc/itimer.h"
#include "proc/pid.h"
#include "proc/posix_timer.h"
#include "proc/sysv.h"
#include "proc/user.h"

static struct slab_cache process_cache =
    SLAB_CACHE("process", sizeof(struct process), 8);
static unsigned nprocesses;
static unsigned long nmade;

struct process *process_deputy;

void (*process_session_end)(int sid);
const void *(*process_terminal)(int sid, int *pgid);

bool process_is_roots(void)
{
    const struct creds *creds = creds_current();

    return creds->uid == 0 && creds->euid == 0;
}

const struct creds *creds_current(void)
{
    static const struct creds root;
    const struct process *p = current_process();

    return p != NULL ? &p->creds : &root;
}

struct process *process_find(int pid)
{
    struct pid *object = pid_find(pid);

    return object ? object->process : NULL;
}

struct process *process_next(int pid)
{
    struct pid *object = pid_next(pid);

    while (object && !object->process)
        object = pid_next(object->number + 1);
    return object ? object->process : NULL;
}

unsigned process_count(void)
{
    return nprocesses;
}

unsigned long process_total_made(void)
{
    return nmade;
}

static void set_limit(struct process *p, unsigned which, uint64_t cur,
                      uint64_t max)
{
    p->limits[which].cur = cur;
    p->limits[which].max = max;
}

static uint64_t caps[RLIM_NLIMITS]; /* inverted, so that 0 is infinity */

void process_cap_limit(unsigned which, uint64_t max)
{
    caps[which] = ~max;
}

uint64_t process_limit_cap(unsigned which)
{
    return ~caps[which];
}

/* Less than 8 MiB where that would be more than an eighth of memory. */
static uint64_t locked_limit(void)
{
    uint64_t part = (uint64_t)frame_total() * PAGE_SIZE / 8;

    return part < 8u << 20 ? part : 8u << 20;
}

/* What Linux gives, or a sixteenth of memory where that is less. */
static uint64_t queue_limit(void)
{
    uint64_t part = (uint64_t)frame_total() * PAGE_SIZE / 16;

    return part < 819200 ? part : 819200;
}

/* All that are pending are looked at with interrupts off. */
#define MOST_SIGNALS 2048u

/* What Linux gives its first process. */
static void init_first(struct process *p)
{
    unsigned nprocesses_each = user_max_processes() / 2;
    unsigned nsignals =
        nprocesses_each < MOST_SIGNALS ? nprocesses_each : MOST_SIGNALS;

    for (unsigned i = 0; i < RLIM_NLIMITS; i++)
        set_limit(p, i, __CAIRN_RLIM64_INFINITY, __CAIRN_RLIM64_INFINITY);
    set_limit(p, RLIMIT_STACK, 8u << 20, __CAIRN_RLIM64_INFINITY);
    set_limit(p, RLIMIT_CORE, 0, __CAIRN_RLIM64_INFINITY);
    set_limit(p, RLIMIT_NOFILE, 1024, 4096);
    set_limit(p, RLIMIT_NPROC, nprocesses_each, nprocesses_each);
    set_limit(p, RLIMIT_SIGPENDING, nsignals, nsignals);
    set_limit(p, RLIMIT_MEMLOCK, locked_limit(), locked_limit());
    set_limit(p, RLIMIT_MSGQUEUE, queue_limit(), queue_limit());
    set_limit(p, RLIMIT_NICE, 0, 0);
    set_limit(p, RLIMIT_RTPRIO, 0, 0);
    p->dumpable = true;
}

static void inherit(struct process *p, struct process *parent)
{
    p->parent = parent;
    p->creds = parent->creds;
    p->nice = parent->nice;
    p->left_terminal = parent->left_terminal;
    p->dumpable = parent->dumpable;
    p->no_new_privs = parent->no_new_privs;
    memcpy(p->limits, parent->limits, sizeof(p->limits));
    memcpy(p->name, parent->name, sizeof(p->name));
    list_add_tail(&parent->children, &p->sibling);
    process_visit_child(p, parent);
}

/* Make the process known by its number, in its parent's group or its own. */
static void enroll(struct process *p, struct thread *t, struct pid *pid,
                   struct process *parent)
{
    uint32_t flags = irq_save();

    pid->process = p;
    pid->thread = t;
    nprocesses++;
    nmade++;
    irq_restore(flags);
    p->pid = pid->number;
    if (parent)
        process_enter_group(p, parent->pgid, parent->sid);
    else
        process_enter_group(p, p->pid, p->pid);
}

static void init_lists(struct process *p)
{
    list_init(&p->group_link);
    list_init(&p->session_link);
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->zombies);
    list_init(&p->changed);
    list_init(&p->news_link);
    list_init(&p->threads);
    list_init(&p->sem_undos);
    waitq_init(&p->child_event);
    waitq_init(&p->resumed);
    waitq_init(&p->left);
    waitq_init(&p->signal_watchers);
    deadlines_init(&p->timers.cpu);
    sigqueue_init(&p->queue);
}

static int create(struct process *parent, void (*entry)(void *), void *arg,
                  struct process **out)
{
    struct process *p = slab_zalloc(&process_cache);
    struct thread *t;
    struct user *user;
    struct pid *pid;
    int error;

    if (!p)
        return -ENOMEM;
    error = user_get(parent ? parent->creds.uid : 0, &user);
    if (error)
        goto err_process;
    error = thread_create(entry, arg, &t);
    if (error)
        goto err_user;
    error = pid_create(&pid);
    if (error)
        goto err_thread;
    init_lists(p);
    timer_init(&p->real_timer, itimer_fire);
    p->exit_signal = SIGCHLD;
    p->start_ns = clock_monotonic_ns();
    if (parent)
        inherit(p, parent);
    else
        init_first(p);
    user_take_process(user, p);
    enroll(p, t, pid, parent);
    t->process = p;
    t->tid = p->pid;
    thread_inherit(t, current);
    list_add_tail(&p->threads, &t->proc_link);
    p->nthreads = 1;
    *out = p;
    return 0;

err_thread:
    thread_destroy(t);
err_user:
    user_put(user);
err_process:
    slab_free(&process_cache, p);
    return error;
}

int process_create(struct process *parent, void (*entry)(void *), void *arg,
                   struct process **out)
{
    return create(parent, entry, arg, out);
}

int process_create_first(void (*entry)(void *), void *arg, struct process **out)
{
    return create(NULL, entry, arg, out);
}

struct thread *process_thread(struct process *p)
{
    return list_entry(p->threads.next, struct thread, proc_link);
}

static uint32_t limit32(uint64_t value)
{
    return value < SPACE_UNLIMITED ? (uint32_t)value : SPACE_UNLIMITED;
}

struct space_limits process_space_limits(const struct process *p)
{
    return (struct space_limits){
        .data = limit32(p->limits[RLIMIT_DATA].cur),
        .as = limit32(p->limits[RLIMIT_AS].cur),
        .stack = limit32(p->limits[RLIMIT_STACK].cur),
    };
}

void process_set_name(struct process *p, const char *path)
{
    const char *slash = strrchr(path, '/');

    strlcpy(p->name, slash ? slash + 1 : path, sizeof(p->name));
}

void process_log_name(const struct process *p, char name[PROCESS_NAME_LEN])
{
    strlcpy(name, p->name, PROCESS_NAME_LEN);
    for (; *name != '\0'; name++)
        if (*name < ' ' || *name > '~')
            *name = '?';
}

void process_set_exe(struct process *p, struct file *file)
{
    struct file *old = p->exe;

    p->exe = file != NULL ? file_get(file) : NULL;
    if (old == NULL)
        return;
    inode_allow_write(old->inode);
    file_put(old);
}

/* Give files back. May sleep when files are closed. */
static void release_files(struct process *p)
{
    struct fdtable *files = p->files;
    struct fs_context *fs = p->fs;

    p->files = NULL;
    p->fs = NULL;
    if (files)
        fdtable_put(files);
    if (fs)
        fs_context_put(fs);
    process_set_exe(p, NULL);
}

static void release_memory(struct process *p)
{
    struct space *space = p->space;

    p->space = NULL;
    if (!space)
        return;
    process_keep_peak(p, space);
    if (p == current_process())
        thread_set_space(NULL);
    space_put(space);
}

/* Put a child whose state has changed where its parent's wait looks. */
static void add_news(struct process *child, struct list *list)
{
    uint32_t flags = irq_save();

    list_remove(&child->news_link);
    list_add_tail(list, &child->news_link);
    irq_restore(flags);
}

static void give_children_away(struct process *p)
{
    struct process *init = process_find(1);
    struct list *link;
    unsigned n = 0;

    if (list_is_empty(&p->children))
        return;
    while ((link = list_take_first(&p->children)) != NULL) {
        struct process *child = list_entry(link, struct process, sibling);

        list_add_tail(&init->children, &child->sibling);
        if (!list_is_empty(&child->news_link))
            add_news(child, child->state == PROCESS_ZOMBIE ? &init->zombies
                                                           : &init->changed);
        process_set_parent(child, init);
        if (++n % 256 == 0) {
            waitq_wake(&init->child_event);
            checkpoint();
        }
    }
    waitq_wake(&init->child_event);
}

/*
 * The parent learns how a child of its has ended, unless it ignores SIGCHLD.
 * The zombie is kept only for a parent that wants to wait for it; with
 * SA_NOCLDWAIT there is still a signal, as on Linux.
 */
static void hand_over(struct process *p)
{
    struct process *parent = p->parent;
    const struct __cairn_sigaction *a = NULL;
    int signo = p->wait_status & 0x7F;

    add_news(p, &parent->zombies);
    if (parent->handlers)
        a = &parent->handlers->actions[SIGCHLD - 1];
    if (!a || a->handler != __CAIRN_SIG_IGN)
        process_tell_parent(p, p->exit_signal, signo ? CLD_KILLED : CLD_EXITED,
                            signo ? signo : p->wait_status >> 8);
    if (a && (a->handler == __CAIRN_SIG_IGN || (a->flags & SA_NOCLDWAIT)))
        process_reap(p);
    waitq_wake(&parent->child_event);
}

/*
 * From here on the process cannot be found by signals, not by those that an
 * interrupt sends either: its thread is off the list and the timer is disarmed.
 */
static void leave_signals(struct process *p, struct thread *t)
{
    struct signal_handlers *handlers = p->handlers;
    uint32_t flags = irq_save();

    timer_cancel(&p->real_timer);
    pid_find(t->tid)->thread = NULL;
    list_remove(&t->proc_link);
    p->nthreads--;
    t->process = NULL;
    p->handlers = NULL;
    waitq_wake(&p->signal_watchers); /* none stays in a queue that goes */
    irq_restore(flags);
    signal_flush_process(p);
    signal_flush_thread(p, t);
    if (handlers)
        signal_handlers_put(handlers);
}

/* The last thread's number is no longer needed; the process keeps its own. */
static void take_first_number(struct process *p)
{
    if (current->tid == p->pid)
        return;
    process_forget_thread(p, current);
    current->tid = p->pid;
}

/* The parent has a thread that can inherit what this one has run. */
static void leave_debt(struct process *parent)
{
    if (!list_is_empty(&parent->threads))
        thread_leave_debt(process_thread(parent));
}

/* The current thread, the last one, has ended: so does the process. */
static _Noreturn void end_process(struct process *p)
{
    struct use use;

    if (p->injects) {
        (void)inject_disarm();
        ucopy_fail_in = 0;
    }
    release_files(p);
    posix_timers_delete(p);
    sem_exit(p);
    if (p->sid == p->pid && process_session_end)
        process_session_end(p->sid);
    give_children_away(p);
    use = thread_use(current);
    use_add(&p->ended, &use);
    release_memory(p);
    thread_end_vfork(current);
    process_set_zombie(p);
    take_first_number(p);
    leave_signals(p, current);
    leave_debt(p->parent);
    hand_over(p);
    thread_exit();
}

/*
 * The current thread ends. Others may have left before it, or come to be the
 * last one, while it slept in the first calls.
 */
static _Noreturn void end_thread(struct process *p)
{
    futex_end_thread();
    if (p->nthreads == 1)
        end_process(p);
    thread_end_vfork(current);
    process_leave(p);
}

void process_exit(int wait_status)
{
    struct process *p = current_process();

    if (p->pid == 1)
        panic("proc: pid 1 ends");
    if (!p->ending && !p->execer) {
        p->ending = true;
        p->wait_status = wait_status;
        process_end_others(p);
    }
    end_thread(p);
}

void process_exit_thread(int wait_status)
{
    struct process *p = current_process();

    if (p->pid == 1)
        panic("proc: pid 1 ends");
    if (!p->ending)
        p->wait_status = wait_status;
    end_thread(p);
}

void thread_end_vfork(struct thread *t)
{
    struct vfork_wait *wait = t->vfork;

    t->vfork = NULL;
    if (!wait)
        return;
    wait->over = true;
    waitq_wake(&wait->wq);
}

void process_watch(struct process *p)
{
    p->nwatchers++;
}

void process_unwatch(struct process *p)
{
    if (--p->nwatchers == 0 && p->forgotten)
        slab_free(&process_cache, p);
}

/* Its number, its groups and its parent know it no longer. */
static void forget(struct process *p)
{
    uint32_t flags = irq_save();

    list_remove(&p->sibling);
    list_remove(&p->news_link);
    pid_find(p->pid)->process = NULL;
    nprocesses--;
    irq_restore(flags);
    process_leave_group(p);
    user_drop_process(p);
    pid_release(p->pid);
    p->parent = NULL;
    p->forgotten = true;
    if (p->nwatchers == 0)
        slab_free(&process_cache, p);
}

void process_abandon(struct process *p)
{
    struct thread *t = process_thread(p);

    release_files(p);
    release_memory(p);
    process_set_zombie(p);
    leave_signals(p, t);
    thread_destroy(t);
    forget(p);
}

void process_set_space(struct process *p, struct space *space)
{
    p->space = space;
    process_thread(p)->space = space;
}

struct process *process_find_zombie(struct process *parent)
{
    struct list *link = list_first(&parent->zombies);

    return link ? list_entry(link, struct process, news_link) : NULL;
}

void process_reap(struct process *zombie)
{
    struct process *parent = zombie->parent;

    assert(zombie->state == PROCESS_ZOMBIE);
    use_add(&parent->reaped, &zombie->ended);
    use_add(&parent->reaped, &zombie->reaped);
    forget(zombie);
}
