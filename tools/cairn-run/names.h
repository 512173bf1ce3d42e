/* tools/cairn-run/names.h - names of numbers, each table ended by NULL */
#ifndef NAMES_H
#define NAMES_H

#include <stdint.h>

struct name {
    int32_t value;
    const char *name;
};

/* The name of a value, or NULL; the value of a name, or 0. */
const char *name_of(const struct name *names, int32_t value);
int32_t value_of_name(const struct name *names, const char *name);

extern const struct name names_errno[];
extern const struct name names_signal[];
extern const struct name names_open[];
extern const struct name names_access_mode[];
extern const struct name names_at[], names_at_access[];
extern const struct name names_prot[];
extern const struct name names_map[];
extern const struct name names_mremap[];
extern const struct name names_msync[];
extern const struct name names_madvise[];
extern const struct name names_mlockall[];
extern const struct name names_wait[];
extern const struct name names_clone[];
extern const struct name names_pipe[];
extern const struct name names_memfd[];
extern const struct name names_falloc[];
extern const struct name names_rename[];
extern const struct name names_mount[];
extern const struct name names_umount[];
extern const struct name names_futex[];
extern const struct name names_fcntl[];
extern const struct name names_ioctl[];
extern const struct name names_flock[];
extern const struct name names_prctl[];
extern const struct name names_rlimit[];
extern const struct name names_rusage[];
extern const struct name names_prio[];
extern const struct name names_itimer[];
extern const struct name names_sigmask[];
extern const struct name names_sched[];
extern const struct name names_close_range[];
extern const struct name names_statx[];
extern const struct name names_random[];
extern const struct name names_waitid[];
extern const struct name names_timer[];
extern const struct name names_fadvise[];
extern const struct name names_af[];
extern const struct name names_sock_type[];
extern const struct name names_sock_flag[];
extern const struct name names_msg[];
extern const struct name names_sol[];
extern const struct name names_so[];
extern const struct name names_shut[];
extern const struct name names_access[];
extern const struct name names_whence[];
extern const struct name names_clock[];
extern const struct name names_poll[];
extern const struct name names_sa[];
extern const struct name names_ss[];
extern const struct name names_file_type[];
extern const struct name names_fs[];
extern const struct name names_st[];
extern const struct name names_epoll_op[];
extern const struct name names_epoll[];
extern const struct name names_eventfd[];
extern const struct name names_timerfd[];
extern const struct name names_ipcget[];
extern const struct name names_ipcctl[];
extern const struct name names_ipcop[];
extern const struct name names_ipc[];
extern const struct name names_sigev[];
extern const struct name names_lock[];
extern const struct name names_reboot[];
extern const struct name names_iflag[];
extern const struct name names_oflag[];
extern const struct name names_lflag[];
extern const struct name names_si_code[];
extern const struct name names_code_segv[];
extern const struct name names_code_bus[];
extern const struct name names_code_fpe[];
extern const struct name names_code_ill[];
extern const struct name names_code_trap[];
extern const struct name names_code_chld[];

#endif
