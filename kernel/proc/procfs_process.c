/*
 * One process in /proc/PID, in Linux's formats (proc(5)). What Cairn does not
 * count is left out of status, and 0 in stat, whose fields have fixed places.
 */
#include <cairn/errno.h>

#include "arch/i386/clock.h"
#include "arch/i386/pmap.h"
#include "fs/devfs.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/path.h"
#include "lib/checkpoint.h"
#include "mm/space.h"
#include "proc/procfs_private.h"

static int place_exe(struct process *p, struct dentry **out);
static int place_cwd(struct process *p, struct dentry **out);
static int place_root(struct process *p, struct dentry **out);

const struct procfs_entry procfs_process_entries[] = {
    {"cmdline", S_IFREG | 0444, procfs_show_process_cmdline, NULL, false},
    {"comm", S_IFREG | 0444, procfs_show_process_comm, NULL, false},
    {"cwd", S_IFLNK | 0777, NULL, place_cwd, true},
    {"environ", S_IFREG | 0400, procfs_show_process_environ, NULL, true},
    {"exe", S_IFLNK | 0777, NULL, place_exe, true},
    {"fd", S_IFDIR | 0500, NULL, NULL, true},
    {"limits", S_IFREG | 0444, procfs_show_process_limits, NULL, false},
    {"maps", S_IFREG | 0444, procfs_show_maps, NULL, true},
    {"mounts", S_IFREG | 0444, procfs_show_mounts, NULL, false},
    {"root", S_IFLNK | 0777, NULL, place_root, true},
    {"smaps", S_IFREG | 0444, procfs_show_smaps, NULL, true},
    {"stat", S_IFREG | 0444, procfs_show_process_stat, NULL, false},
    {"statm", S_IFREG | 0444, procfs_show_process_statm, NULL, false},
    {"status", S_IFREG | 0444, procfs_show_process_status, NULL, false},
    {"task", S_IFDIR | 0555, NULL, NULL, false},
    {NULL, 0, NULL, NULL, false},
};

static procfs_show_fn show_thread_comm, show_thread_stat, show_thread_status;

const struct procfs_entry procfs_thread_entries[] = {
    {"comm", S_IFREG | 0444, show_thread_comm, NULL, false},
    {"stat", S_IFREG | 0444, show_thread_stat, NULL, false},
    {"status", S_IFREG | 0444, show_thread_status, NULL, false},
    {NULL, 0, NULL, NULL, false},
};

/* ---- links ---- */

/*
 * A link leads to a place that the process holds. None is found by a path: that
 * might lead through such a link again, and be as long as a user likes.
 */

static int place_exe(struct process *p, struct dentry **out)
{
    if (p->exe == NULL)
        return -ENOENT;
    *out = dentry_get(p->exe->dentry);
    return 0;
}

static int place_cwd(struct process *p, struct dentry **out)
{
    if (p->fs == NULL)
        return -ENOENT;
    *out = dentry_get(p->fs->cwd);
    return 0;
}

static int place_root(struct process *p, struct dentry **out)
{
    if (p->fs == NULL)
        return -ENOENT;
    *out = dentry_get(p->fs->root);
    return 0;
}

/* ---- arguments and environment ---- */

/*
 * The bytes of a range of the process's memory, as they are now. Reading may
 * sleep, so the space is held; what is not mapped any more ends the text.
 */
static void add_memory(struct text *text, struct process *p, vaddr_t start,
                       vaddr_t end)
{
    struct space *space = p->space;
    char piece[256];

    if (space == NULL || start >= end)
        return;
    space_get(space);
    while (start < end && !text->failed) {
        size_t n = end - start < sizeof(piece) ? end - start : sizeof(piece);

        if (space_read(space, start, piece, n) != 0)
            break;
        text_add(text, piece, n);
        start += n;
    }
    space_put(space);
}

void procfs_show_process_cmdline(struct text *text, struct process *p)
{
    add_memory(text, p, p->arg_start, p->arg_end);
}

void procfs_show_process_environ(struct text *text, struct process *p)
{
    add_memory(text, p, p->env_start, p->env_end);
}

void procfs_show_process_comm(struct text *text, struct process *p)
{
    text_printf(text, "%s\n", p->name);
}

/* ---- limits ---- */

static const struct {
    const char *name, *unit;
} limit_names[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = {"Max cpu time", "seconds"},
    [RLIMIT_FSIZE] = {"Max file size", "bytes"},
    [RLIMIT_DATA] = {"Max data size", "bytes"},
    [RLIMIT_STACK] = {"Max stack size", "bytes"},
    [RLIMIT_CORE] = {"Max core file size", "bytes"},
    [RLIMIT_RSS] = {"Max resident set", "bytes"},
    [RLIMIT_NPROC] = {"Max processes", "processes"},
    [RLIMIT_NOFILE] = {"Max open files", "files"},
    [RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
    [RLIMIT_AS] = {"Max address space", "bytes"},
    [RLIMIT_LOCKS] = {"Max file locks", "locks"},
    [RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
    [RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
    [RLIMIT_NICE] = {"Max nice priority", ""},
    [RLIMIT_RTPRIO] = {"Max realtime priority", ""},
    [RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
};

static void add_limit(struct text *text, uint64_t value)
{
    if (value == __CAIRN_RLIM64_INFINITY)
        text_printf(text, "%-20s ", "unlimited");
    else
        text_printf(text, "%-20llu ", (unsigned long long)value);
}

void procfs_show_process_limits(struct text *text, struct process *p)
{
    text_printf(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
                "Hard Limit", "Units");
    for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
        text_printf(text, "%-25s ", limit_names[i].name);
        add_limit(text, p->limits[i].cur);
        add_limit(text, p->limits[i].max);
        text_printf(text, "%-10s\n", limit_names[i].unit);
    }
}

/* ---- state ---- */

bool procfs_sleeps_deep(const struct process *p, const struct thread *thread)
{
    return p->pid != 1 && thread->state == THREAD_BLOCKED &&
           !thread->interruptible && !p->stopped;
}

static char state_of(const struct process *p)
{
    const struct thread *thread;
    char state = 'S';

    if (p->state == PROCESS_ZOMBIE)
        return 'Z';
    if (p->stopped)
        return 'T';
    list_for_each_entry(thread, &p->threads, struct thread, proc_link)
    {
        if (thread->state == THREAD_RUNNABLE)
            return 'R';
        if (procfs_sleeps_deep(p, thread))
            state = 'D';
    }
    return state;
}

static const char *state_name(char state)
{
    switch (state) {
    case 'Z':
        return "zombie";
    case 'T':
        return "stopped";
    case 'R':
        return "running";
    case 'D':
        return "disk sleep";
    default:
        return "sleeping";
    }
}

/* Sums over the threads of a process, ended ones included where known. */
struct thread_sums {
    struct use use;
    uint64_t pending, blocked;
    unsigned runs_at, rt_priority, policy;
};

static void add_thread(struct thread_sums *sums, struct thread *thread)
{
    struct use use = thread_use(thread);

    use_add(&sums->use, &use);
    sums->pending |= thread->signals.queue.pending;
    sums->blocked |= thread->signals.blocked;
    sums->runs_at = thread->rt_priority;
    sums->rt_priority = thread->own_priority;
    sums->policy = thread->policy;
}

static struct thread_sums sum_threads(struct process *p)
{
    struct thread_sums sums = {.use = p->ended};
    struct thread *thread;

    list_for_each_entry(thread, &p->threads, struct thread, proc_link)
        add_thread(&sums, thread);
    return sums;
}

/* What the process does about signals, as two masks. */
static void read_handlers(const struct process *p, uint64_t *ignored,
                          uint64_t *caught)
{
    *ignored = *caught = 0;
    if (p->handlers == NULL)
        return;
    for (int signo = 1; signo <= __CAIRN_NSIG; signo++) {
        uint32_t handler = p->handlers->actions[signo - 1].handler;

        if (handler == __CAIRN_SIG_IGN)
            *ignored |= SIGNAL_BIT(signo);
        else if (handler != __CAIRN_SIG_DFL)
            *caught |= SIGNAL_BIT(signo);
    }
}

/* ---- sizes ---- */

#define MANY 256 /* areas counted between two chances for others */

struct sizes {
    struct space_stats stats;
    struct space_usage usage;
    size_t text; /* pages of executable areas */
};

static void read_sizes(const struct process *p, struct sizes *sizes)
{
    struct space *space = p->space;
    struct area_info area;
    unsigned n = 0;

    *sizes = (struct sizes){0};
    if (space == NULL)
        return;
    space_get(space);
    space_read_stats(space, &sizes->stats);
    space_measure(space, 0, USER_END, &sizes->usage);
    for (vaddr_t va = 0; space_find(space, va, &area); va = area.end) {
        if (area.prot & PROT_EXEC)
            sizes->text += (area.end - area.start) >> PAGE_SHIFT;
        if (++n % MANY == 0)
            checkpoint();
    }
    space_put(space);
}

/* ---- statm, stat, status ---- */

void procfs_show_process_statm(struct text *text, struct process *p)
{
    struct sizes sizes;

    read_sizes(p, &sizes);
    text_printf(text, "%zu %zu %zu %zu 0 %zu 0\n", sizes.stats.mapped,
                sizes.usage.resident, sizes.usage.file, sizes.text,
                sizes.stats.data + sizes.stats.stack);
}

static unsigned long ticks(uint64_t ns)
{
    return (unsigned long)(ns / CLOCK_TICK_NS);
}

/* Fields 1 to 8: who it is. */
static void add_stat_ids(struct text *text, const struct process *p)
{
    const void *tty = NULL;
    int foreground = -1;

    if (process_terminal != NULL && !p->left_terminal)
        tty = process_terminal(p->sid, &foreground);
    text_printf(text, "%d (%s) %c %d %d %d %u %d ", p->pid, p->name,
                state_of(p), p->parent != NULL ? p->parent->pid : 0, p->pgid,
                p->sid, (unsigned)devfs_number_of(tty), foreground);
}

/* Fields 9 to 22: flags, faults, times, threads, start. */
static void add_stat_times(struct text *text, const struct process *p,
                           const struct thread_sums *sums)
{
    text_printf(text, "0 %u %u 0 0 %lu %lu %lu %lu %d %d %u 0 %lu ",
                sums->use.faults, p->reaped.faults, ticks(sums->use.user_ns),
                ticks(sums->use.kernel_ns), ticks(p->reaped.user_ns),
                ticks(p->reaped.kernel_ns),
                sums->runs_at ? -1 - (int)sums->runs_at : 20 + p->nice, p->nice,
                p->nthreads, ticks(p->start_ns));
}

void procfs_show_process_stat(struct text *text, struct process *p)
{
    struct thread_sums sums = sum_threads(p);
    struct space_stats sizes = {0}; /* what is counted: nothing is walked */
    uint64_t ignored, caught;

    if (p->space != NULL)
        space_read_stats(p->space, &sizes);
    read_handlers(p, &ignored, &caught);
    add_stat_ids(text, p);
    add_stat_times(text, p, &sums);
    /* Fields 23 to 30: sizes, and addresses that are not told. */
    text_printf(text, "%lu %zu %lu 0 0 0 0 0 ",
                (unsigned long)sizes.mapped * PAGE_SIZE, sizes.resident,
                (unsigned long)p->limits[RLIMIT_RSS].cur);
    /* Fields 31 to 44: signals as 32 bits, and what is never used here. */
    text_printf(text, "%lu %lu %lu %lu 0 0 0 %d 0 %u %u 0 0 0 ",
                (unsigned long)(sums.pending | p->queue.pending),
                (unsigned long)sums.blocked, (unsigned long)ignored,
                (unsigned long)caught, p->exit_signal, sums.rt_priority,
                sums.policy);
    /* Fields 45 to 52: addresses of data, arguments, and the status. */
    text_printf(text, "0 0 0 0 0 0 0 %d\n",
                p->state == PROCESS_ZOMBIE ? p->wait_status : 0);
}

static void add_ids(struct text *text, const struct process *p)
{
    const struct creds *creds = &p->creds;

    text_printf(text, "Uid:\t%u\t%u\t%u\t%u\n", (unsigned)creds->uid,
                (unsigned)creds->euid, (unsigned)creds->suid,
                (unsigned)creds->fsuid);
    text_printf(text, "Gid:\t%u\t%u\t%u\t%u\n", (unsigned)creds->gid,
                (unsigned)creds->egid, (unsigned)creds->sgid,
                (unsigned)creds->fsgid);
    text_printf(text, "Groups:\t");
    for (uint32_t i = 0; i < creds->ngroups; i++)
        text_printf(text, "%u ", (unsigned)creds->groups[i]);
    text_printf(text, "\n");
}

static void add_sizes(struct text *text, const struct process *p)
{
    struct sizes sizes;

    if (p->space == NULL)
        return;
    read_sizes(p, &sizes);
    text_printf(text, "VmSize:\t%8lu kB\nVmHWM:\t%8lu kB\n",
                KIB_OF(sizes.stats.mapped), KIB_OF(sizes.stats.peak));
    text_printf(text, "VmRSS:\t%8lu kB\n", KIB_OF(sizes.usage.resident));
    text_printf(text, "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n",
                KIB_OF(sizes.usage.resident - sizes.usage.file),
                KIB_OF(sizes.usage.file));
    text_printf(text, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\n",
                KIB_OF(sizes.stats.data), KIB_OF(sizes.stats.stack),
                KIB_OF(sizes.text));
    text_printf(text, "VmPTE:\t%8lu kB\nVmSwap:\t%8lu kB\n",
                KIB_OF(sizes.stats.charged_low), 0ul);
}

static void add_mask(struct text *text, const char *name, uint64_t mask)
{
    text_printf(text, "%s:\t%016llx\n", name, (unsigned long long)mask);
}

static void add_signals(struct text *text, const struct process *p,
                        const struct thread_sums *sums)
{
    uint64_t ignored, caught;

    read_handlers(p, &ignored, &caught);
    add_mask(text, "SigPnd", sums->pending);
    add_mask(text, "ShdPnd", p->queue.pending);
    add_mask(text, "SigBlk", sums->blocked);
    add_mask(text, "SigIgn", ignored);
    add_mask(text, "SigCgt", caught);
}

void procfs_show_process_status(struct text *text, struct process *p)
{
    struct thread_sums sums = sum_threads(p);
    char state = state_of(p);

    text_printf(text, "Name:\t");
    text_add_escaped(text, p->name, "\\");
    if (p->fs != NULL)
        text_printf(text, "\nUmask:\t%04o", (unsigned)p->fs->umask);
    text_printf(text, "\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\n", state,
                state_name(state), p->pid, p->pid);
    text_printf(text, "PPid:\t%d\nTracerPid:\t0\n",
                p->parent != NULL ? p->parent->pid : 0);
    add_ids(text, p);
    add_sizes(text, p);
    text_printf(text, "Threads:\t%u\n", p->nthreads);
    add_signals(text, p, &sums);
    text_printf(text, "voluntary_ctxt_switches:\t%u\n", sums.use.switches);
}

/* ---- one thread: files of /proc/PID/task/TID ---- */

static char thread_state(const struct process *p, const struct thread *t)
{
    if (p->stopped)
        return 'T';
    if (t->state == THREAD_RUNNABLE)
        return 'R';
    return procfs_sleeps_deep(p, t) ? 'D' : 'S';
}

/* Nothing has slept since the file was found, so the thread is there. */
static void show_thread_comm(struct text *text, struct process *p)
{
    (void)p;
    text_printf(text, "%s\n", thread_name(thread_find(text->tid)));
}

/* The fields of /proc/PID/stat as far as a thread has its own. */
static void show_thread_stat(struct text *text, struct process *p)
{
    struct thread *t = thread_find(text->tid);
    struct thread_sums sums = {0};

    add_thread(&sums, t);
    text_printf(text, "%d (%s) %c %d %d %d 0 -1 ", t->tid, thread_name(t),
                thread_state(p, t), p->parent != NULL ? p->parent->pid : 0,
                p->pgid, p->sid);
    add_stat_times(text, p, &sums);
    for (unsigned i = 0; i < 8; i++)
        text_printf(text, "0 ");
    text_printf(text, "%lu %lu 0 0 0 0 0 -1 0 %u %u",
                (unsigned long)sums.pending, (unsigned long)sums.blocked,
                sums.rt_priority, sums.policy);
    for (unsigned i = 0; i < 11; i++)
        text_printf(text, " 0");
    text_printf(text, "\n");
}

static void show_thread_status(struct text *text, struct process *p)
{
    struct thread *t = thread_find(text->tid);
    struct thread_sums sums = {0};
    char state = thread_state(p, t);

    add_thread(&sums, t);
    text_printf(text, "Name:\t");
    text_add_escaped(text, thread_name(t), "\\");
    text_printf(text, "\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\n", state,
                state_name(state), p->pid, t->tid);
    text_printf(text, "PPid:\t%d\nTracerPid:\t0\n",
                p->parent != NULL ? p->parent->pid : 0);
    add_ids(text, p);
    text_printf(text, "Threads:\t%u\n", p->nthreads);
    add_signals(text, p, &sums);
    text_printf(text, "voluntary_ctxt_switches:\t%u\n", sums.use.switches);
}
