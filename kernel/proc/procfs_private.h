/*
 * Inside of /proc: the table of files, and the functions that write them.
 */
#ifndef PROC_PROCFS_PRIVATE_H
#define PROC_PROCFS_PRIVATE_H

#include "fs/inode.h"
#include "proc/process.h"
#include "proc/procfs_text.h"

/*
 * Write the text of a file. `p` is the process of a file in /proc/PID, which
 * may be a zombie or a kernel process, else NULL, and is watched meanwhile
 * (process_watch). A function that may sleep must hold what else it looks at:
 * the process may have given it back when it wakes. What it
 * leaves out for lack of memory is marked in the text.
 */
typedef void procfs_show_fn(struct text *text, struct process *p);

/* Find the place a link in /proc/PID leads to, counted. -ENOENT. */
typedef int procfs_place_fn(struct process *p, struct dentry **out);

struct procfs_entry {
    const char *name; /* NULL ends a table */
    uint32_t mode;    /* type and permissions */
    procfs_show_fn *show;
    procfs_place_fn *place;
    bool secret; /* only for who may_inspect the process */
};

/* What there is in /proc/PID; its directories are fd and task. */
extern const struct procfs_entry procfs_process_entries[];

/* What there is in /proc/PID/task/TID: texts, about the thread text->tid. */
extern const struct procfs_entry procfs_thread_entries[];

/* procfs_system.c */
procfs_show_fn procfs_show_uptime, procfs_show_loadavg, procfs_show_mounts,
    procfs_show_cpuinfo, procfs_show_version, procfs_show_stat,
    procfs_show_filesystems, procfs_show_clock;

/* procfs_memory.c */
procfs_show_fn procfs_show_meminfo, procfs_show_vmstat, procfs_show_memmap,
    procfs_show_frames, procfs_show_slabs, procfs_show_commit;

/* procfs_latency.c */
procfs_show_fn procfs_show_latency;

/* procfs_process.c */

/* Whether a thread sleeps in a way that no signal ends. */
bool procfs_sleeps_deep(const struct process *p, const struct thread *thread);

procfs_show_fn procfs_show_process_status, procfs_show_process_stat,
    procfs_show_process_statm, procfs_show_process_cmdline,
    procfs_show_process_environ, procfs_show_process_comm,
    procfs_show_process_limits;

/* procfs_maps.c */
procfs_show_fn procfs_show_maps, procfs_show_smaps;

#endif
