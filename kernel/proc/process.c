/*
 * The life of a process: made by process_create, ended by process_exit, kept
 * as a zombie until its parent reaps it.
 *
 * All processes are in one list, sorted by pid. Children of a process that
 * ends go to pid 1.
 */
#include "proc/process.h"

#include <cairn/errno.h>
#include <cairn/wait.h>

#include "arch/i386/trap.h"
#include "fs/fdtable.h"
#include "fs/path.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/space.h"

#define PID_MAX 32767

static struct slab_cache process_cache =
    SLAB_CACHE("process", sizeof(struct process), 8);
static struct list all = LIST_INIT(all);
static unsigned nprocesses;
static int last_pid;

void process_init(void)
{
    last_pid = 0;
}

struct process *process_find(int pid)
{
    struct list *link;

    list_for_each(link, &all)
    {
        struct process *p = list_entry(link, struct process, all_link);

        if (p->pid == pid)
            return p;
    }
    return NULL;
}

void process_each(void (*visit)(struct process *p, void *ctx), void *ctx)
{
    struct list *link, *next;

    list_for_each_safe(link, next, &all)
        visit(list_entry(link, struct process, all_link), ctx);
}

unsigned process_count(void)
{
    return nprocesses;
}

/* The next free pid, going round; 0 if there is none. */
static int pick_pid(void)
{
    for (int i = 0; i < PID_MAX; i++) {
        last_pid = last_pid == PID_MAX ? 2 : last_pid + 1;
        if (!process_find(last_pid))
            return last_pid;
    }
    return 0;
}

static void insert_by_pid(struct process *p)
{
    struct list *link;

    list_for_each(link, &all)
    {
        if (list_entry(link, struct process, all_link)->pid > p->pid)
            break;
    }
    list_add_before(link, &p->all_link);
    nprocesses++;
}

static void set_limit(struct process *p, unsigned which, uint64_t cur,
                      uint64_t max)
{
    p->limits[which].cur = cur;
    p->limits[which].max = max;
}

/* What Linux gives its first process. */
static void default_limits(struct process *p)
{
    for (unsigned i = 0; i < RLIM_NLIMITS; i++)
        set_limit(p, i, __CAIRN_RLIM64_INFINITY, __CAIRN_RLIM64_INFINITY);
    set_limit(p, RLIMIT_STACK, 8u << 20, __CAIRN_RLIM64_INFINITY);
    set_limit(p, RLIMIT_CORE, 0, __CAIRN_RLIM64_INFINITY);
    set_limit(p, RLIMIT_NOFILE, 1024, 4096);
    set_limit(p, RLIMIT_MEMLOCK, 8u << 20, 8u << 20);
    set_limit(p, RLIMIT_NICE, 0, 0);
    set_limit(p, RLIMIT_RTPRIO, 0, 0);
}

static void inherit(struct process *p, struct process *parent)
{
    p->parent = parent;
    p->pgid = parent->pgid;
    p->sid = parent->sid;
    p->creds = parent->creds;
    memcpy(p->limits, parent->limits, sizeof(p->limits));
    memcpy(p->name, parent->name, sizeof(p->name));
    list_add_tail(&parent->children, &p->sibling);
}

static int create(struct process *parent, void (*entry)(void *), void *arg,
                  struct process **out)
{
    struct process *p = slab_zalloc(&process_cache);
    struct thread *t;
    int error;

    if (!p)
        return -ENOMEM;
    error = thread_create(entry, arg, &t);
    if (error)
        goto err_process;
    p->pid = pick_pid();
    error = -EAGAIN;
    if (p->pid == 0)
        goto err_thread;
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->threads);
    waitq_init(&p->child_event);
    if (parent) {
        inherit(p, parent);
    } else {
        p->pgid = p->sid = p->pid;
        default_limits(p);
    }
    t->process = p;
    t->tid = p->pid;
    list_add_tail(&p->threads, &t->proc_link);
    p->nthreads = 1;
    insert_by_pid(p);
    *out = p;
    return 0;

err_thread:
    thread_destroy(t);
err_process:
    slab_free(&process_cache, p);
    return error;
}

int process_create(struct process *parent, void (*entry)(void *), void *arg,
                   struct process **out)
{
    return create(parent, entry, arg, out);
}

int process_create_first(void (*entry)(void *), void *arg,
                         struct process **out)
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

/* Give what the process holds back; files may sleep when they are closed. */
static void release_resources(struct process *p)
{
    struct fdtable *files = p->files;
    struct fs_context *fs = p->fs;
    struct space *space = p->space;

    p->files = NULL;
    p->fs = NULL;
    if (files)
        fdtable_put(files);
    if (fs)
        fs_context_put(fs);
    p->space = NULL;
    if (space) {
        if (p == current_process())
            thread_set_space(NULL);
        space_put(space);
    }
    kfree(p->exe_path);
    p->exe_path = NULL;
}

static void give_children_away(struct process *p)
{
    struct process *init = process_find(1);
    struct list *link;

    while ((link = list_take_first(&p->children)) != NULL) {
        struct process *child = list_entry(link, struct process, sibling);

        child->parent = init;
        list_add_tail(&init->children, &child->sibling);
    }
    waitq_wake(&init->child_event);
}

void process_exit(int wait_status)
{
    struct process *p = current_process();

    if (p->pid == 1)
        panic("proc: pid 1 ends");
    release_resources(p);
    give_children_away(p);
    p->user_ns += (uint64_t)current->user_ticks * CLOCK_TICK_NS;
    p->kernel_ns += (uint64_t)current->kernel_ticks * CLOCK_TICK_NS;
    list_remove(&current->proc_link);
    p->nthreads--;
    p->wait_status = wait_status;
    p->state = PROCESS_ZOMBIE;
    current->process = NULL;
    waitq_wake(&p->parent->child_event);
    thread_exit();
}

/* Off the list of all processes and of its parent's children. */
static void forget(struct process *p)
{
    list_remove(&p->sibling);
    list_remove(&p->all_link);
    nprocesses--;
    slab_free(&process_cache, p);
}

void process_abandon(struct process *p)
{
    struct thread *t = process_thread(p);

    release_resources(p);
    list_remove(&t->proc_link);
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
    struct list *link;

    list_for_each(link, &parent->children)
    {
        struct process *p = list_entry(link, struct process, sibling);

        if (p->state == PROCESS_ZOMBIE)
            return p;
    }
    return NULL;
}

void process_reap(struct process *zombie)
{
    struct process *parent = zombie->parent;

    assert(zombie->state == PROCESS_ZOMBIE);
    parent->child_user_ns += zombie->user_ns + zombie->child_user_ns;
    parent->child_kernel_ns += zombie->kernel_ns + zombie->child_kernel_ns;
    forget(zombie);
}
