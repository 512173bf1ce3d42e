/*
 * clone flags and scheduling policies.
 */
#ifndef _CAIRN_SCHED_H
#define _CAIRN_SCHED_H

#include <cairn/types.h>

#define CSIGNAL              0x000000ff /* the signal sent at exit */
#define CLONE_VM             0x00000100
#define CLONE_FS             0x00000200
#define CLONE_FILES          0x00000400
#define CLONE_SIGHAND        0x00000800
#define CLONE_PIDFD          0x00001000
#define CLONE_PTRACE         0x00002000
#define CLONE_VFORK          0x00004000
#define CLONE_PARENT         0x00008000
#define CLONE_THREAD         0x00010000
#define CLONE_NEWNS          0x00020000
#define CLONE_SYSVSEM        0x00040000
#define CLONE_SETTLS         0x00080000
#define CLONE_PARENT_SETTID  0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_DETACHED       0x00400000
#define CLONE_UNTRACED       0x00800000
#define CLONE_CHILD_SETTID   0x01000000
#define CLONE_NEWCGROUP      0x02000000
#define CLONE_NEWUTS         0x04000000
#define CLONE_NEWIPC         0x08000000
#define CLONE_NEWUSER        0x10000000
#define CLONE_NEWPID         0x20000000
#define CLONE_NEWNET         0x40000000
#define CLONE_IO             0x80000000

#define SCHED_OTHER 0
#define SCHED_FIFO  1
#define SCHED_RR    2
#define SCHED_BATCH 3
#define SCHED_IDLE  5

#define SCHED_RESET_ON_FORK 0x40000000 /* children are SCHED_OTHER */

/* What clone3 reads: at least the first 64 bytes, and more that is zero. */
struct __cairn_clone_args {
    __cairn_u64 flags; /* CLONE_* without CSIGNAL */
    __cairn_u64 pidfd, child_tid, parent_tid, exit_signal;
    __cairn_u64 stack, stack_size, tls;
    __cairn_u64 set_tid, set_tid_size, cgroup; /* not there: 0 */
};
#define CLONE_ARGS_SIZE_VER0 64

#endif
