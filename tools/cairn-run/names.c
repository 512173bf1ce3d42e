/*
 * tools/cairn-run/names.c - names of numbers: errors, signals, flags
 *
 * All values are those of Linux for i386.
 */
#include "names.h"

#include <string.h>

#define N(value, name) \
    {                  \
        value, name    \
    }
#define END     \
    {           \
        0, NULL \
    }

const struct name names_errno[] = {N(1, "EPERM"),
                                   N(2, "ENOENT"),
                                   N(3, "ESRCH"),
                                   N(4, "EINTR"),
                                   N(5, "EIO"),
                                   N(6, "ENXIO"),
                                   N(7, "E2BIG"),
                                   N(8, "ENOEXEC"),
                                   N(9, "EBADF"),
                                   N(10, "ECHILD"),
                                   N(11, "EAGAIN"),
                                   N(12, "ENOMEM"),
                                   N(13, "EACCES"),
                                   N(14, "EFAULT"),
                                   N(15, "ENOTBLK"),
                                   N(16, "EBUSY"),
                                   N(17, "EEXIST"),
                                   N(18, "EXDEV"),
                                   N(19, "ENODEV"),
                                   N(20, "ENOTDIR"),
                                   N(21, "EISDIR"),
                                   N(22, "EINVAL"),
                                   N(23, "ENFILE"),
                                   N(24, "EMFILE"),
                                   N(25, "ENOTTY"),
                                   N(26, "ETXTBSY"),
                                   N(27, "EFBIG"),
                                   N(28, "ENOSPC"),
                                   N(29, "ESPIPE"),
                                   N(30, "EROFS"),
                                   N(31, "EMLINK"),
                                   N(32, "EPIPE"),
                                   N(33, "EDOM"),
                                   N(34, "ERANGE"),
                                   N(35, "EDEADLK"),
                                   N(36, "ENAMETOOLONG"),
                                   N(37, "ENOLCK"),
                                   N(38, "ENOSYS"),
                                   N(39, "ENOTEMPTY"),
                                   N(40, "ELOOP"),
                                   N(42, "ENOMSG"),
                                   N(43, "EIDRM"),
                                   N(61, "ENODATA"),
                                   N(62, "ETIME"),
                                   N(71, "EPROTO"),
                                   N(74, "EBADMSG"),
                                   N(75, "EOVERFLOW"),
                                   N(84, "EILSEQ"),
                                   N(88, "ENOTSOCK"),
                                   N(89, "EDESTADDRREQ"),
                                   N(90, "EMSGSIZE"),
                                   N(91, "EPROTOTYPE"),
                                   N(92, "ENOPROTOOPT"),
                                   N(93, "EPROTONOSUPPORT"),
                                   N(94, "ESOCKTNOSUPPORT"),
                                   N(95, "EOPNOTSUPP"),
                                   N(96, "EPFNOSUPPORT"),
                                   N(97, "EAFNOSUPPORT"),
                                   N(98, "EADDRINUSE"),
                                   N(99, "EADDRNOTAVAIL"),
                                   N(100, "ENETDOWN"),
                                   N(101, "ENETUNREACH"),
                                   N(103, "ECONNABORTED"),
                                   N(104, "ECONNRESET"),
                                   N(105, "ENOBUFS"),
                                   N(106, "EISCONN"),
                                   N(107, "ENOTCONN"),
                                   N(110, "ETIMEDOUT"),
                                   N(111, "ECONNREFUSED"),
                                   N(113, "EHOSTUNREACH"),
                                   N(114, "EALREADY"),
                                   N(115, "EINPROGRESS"),
                                   N(116, "ESTALE"),
                                   N(125, "ECANCELED"),
                                   N(130, "EOWNERDEAD"),
                                   N(131, "ENOTRECOVERABLE"),
                                   END};

const struct name names_signal[] = {
    N(1, "SIGHUP"),   N(2, "SIGINT"),     N(3, "SIGQUIT"),  N(4, "SIGILL"),
    N(5, "SIGTRAP"),  N(6, "SIGABRT"),    N(7, "SIGBUS"),   N(8, "SIGFPE"),
    N(9, "SIGKILL"),  N(10, "SIGUSR1"),   N(11, "SIGSEGV"), N(12, "SIGUSR2"),
    N(13, "SIGPIPE"), N(14, "SIGALRM"),   N(15, "SIGTERM"), N(16, "SIGSTKFLT"),
    N(17, "SIGCHLD"), N(18, "SIGCONT"),   N(19, "SIGSTOP"), N(20, "SIGTSTP"),
    N(21, "SIGTTIN"), N(22, "SIGTTOU"),   N(23, "SIGURG"),  N(24, "SIGXCPU"),
    N(25, "SIGXFSZ"), N(26, "SIGVTALRM"), N(27, "SIGPROF"), N(28, "SIGWINCH"),
    N(29, "SIGIO"),   N(30, "SIGPWR"),    N(31, "SIGSYS"),  END};

const struct name names_open[] = {
    N(0x40, "O_CREAT"),        N(0x80, "O_EXCL"),
    N(0x100, "O_NOCTTY"),      N(0x200, "O_TRUNC"),
    N(0x400, "O_APPEND"),      N(0x800, "O_NONBLOCK"),
    N(0x101000, "O_SYNC"),     N(0x2000, "O_ASYNC"),
    N(0x1000, "O_DSYNC"),      N(0x40000, "O_NOATIME"),
    N(0x4000, "O_DIRECT"),     N(0x8000, "O_LARGEFILE"),
    N(0x20000, "O_NOFOLLOW"),  N(0x80000, "O_CLOEXEC"),
    N(0x200000, "O_PATH"),     N(0x410000, "O_TMPFILE"),
    N(0x10000, "O_DIRECTORY"), END};
const struct name names_access_mode[] = {N(0, "O_RDONLY"), N(1, "O_WRONLY"),
                                         N(2, "O_RDWR"), N(3, "O_ACCMODE"),
                                         END};
const struct name names_at[] = {
    N(0x100, "AT_SYMLINK_NOFOLLOW"), N(0x200, "AT_REMOVEDIR"),
    N(0x400, "AT_SYMLINK_FOLLOW"),   N(0x800, "AT_NO_AUTOMOUNT"),
    N(0x1000, "AT_EMPTY_PATH"),      N(0x2000, "AT_STATX_FORCE_SYNC"),
    N(0x4000, "AT_STATX_DONT_SYNC"), END};
/* Of faccessat2, where a bit has another meaning. */
const struct name names_at_access[] = {N(0x100, "AT_SYMLINK_NOFOLLOW"),
                                       N(0x200, "AT_EACCESS"),
                                       N(0x1000, "AT_EMPTY_PATH"), END};
const struct name names_prot[] = {N(1, "PROT_READ"),
                                  N(2, "PROT_WRITE"),
                                  N(4, "PROT_EXEC"),
                                  N(0x01000000, "PROT_GROWSDOWN"),
                                  N(0x02000000, "PROT_GROWSUP"),
                                  END};
const struct name names_map[] = {N(0x10, "MAP_FIXED"),
                                 N(0x20, "MAP_ANONYMOUS"),
                                 N(0x100, "MAP_GROWSDOWN"),
                                 N(0x800, "MAP_DENYWRITE"),
                                 N(0x1000, "MAP_EXECUTABLE"),
                                 N(0x2000, "MAP_LOCKED"),
                                 N(0x4000, "MAP_NORESERVE"),
                                 N(0x8000, "MAP_POPULATE"),
                                 N(0x10000, "MAP_NONBLOCK"),
                                 N(0x20000, "MAP_STACK"),
                                 N(0x40000, "MAP_HUGETLB"),
                                 N(0x80000, "MAP_SYNC"),
                                 N(0x100000, "MAP_FIXED_NOREPLACE"),
                                 END};
const struct name names_mremap[] = {N(1, "MREMAP_MAYMOVE"),
                                    N(2, "MREMAP_FIXED"),
                                    N(4, "MREMAP_DONTUNMAP"), END};
const struct name names_msync[] = {N(1, "MS_ASYNC"), N(2, "MS_INVALIDATE"),
                                   N(4, "MS_SYNC"), END};
const struct name names_madvise[] = {N(0, "MADV_NORMAL"),
                                     N(1, "MADV_RANDOM"),
                                     N(2, "MADV_SEQUENTIAL"),
                                     N(3, "MADV_WILLNEED"),
                                     N(4, "MADV_DONTNEED"),
                                     N(8, "MADV_FREE"),
                                     N(9, "MADV_REMOVE"),
                                     N(10, "MADV_DONTFORK"),
                                     N(11, "MADV_DOFORK"),
                                     N(12, "MADV_MERGEABLE"),
                                     N(14, "MADV_HUGEPAGE"),
                                     N(15, "MADV_NOHUGEPAGE"),
                                     END};
const struct name names_mlockall[] = {N(1, "MCL_CURRENT"), N(2, "MCL_FUTURE"),
                                      N(4, "MCL_ONFAULT"), END};
const struct name names_wait[] = {N(1, "WNOHANG"),
                                  N(2, "WSTOPPED"),
                                  N(4, "WEXITED"),
                                  N(8, "WCONTINUED"),
                                  N(0x01000000, "WNOWAIT"),
                                  N(0x20000000, "__WNOTHREAD"),
                                  N(0x40000000, "__WALL"),
                                  N(0x80000000, "__WCLONE"),
                                  END};
const struct name names_clone[] = {N(0x100, "CLONE_VM"),
                                   N(0x200, "CLONE_FS"),
                                   N(0x400, "CLONE_FILES"),
                                   N(0x800, "CLONE_SIGHAND"),
                                   N(0x2000, "CLONE_PTRACE"),
                                   N(0x4000, "CLONE_VFORK"),
                                   N(0x8000, "CLONE_PARENT"),
                                   N(0x10000, "CLONE_THREAD"),
                                   N(0x20000, "CLONE_NEWNS"),
                                   N(0x40000, "CLONE_SYSVSEM"),
                                   N(0x80000, "CLONE_SETTLS"),
                                   N(0x100000, "CLONE_PARENT_SETTID"),
                                   N(0x200000, "CLONE_CHILD_CLEARTID"),
                                   N(0x400000, "CLONE_DETACHED"),
                                   N(0x800000, "CLONE_UNTRACED"),
                                   N(0x1000000, "CLONE_CHILD_SETTID"),
                                   END};
const struct name names_pipe[] = {N(0x800, "O_NONBLOCK"), N(0x4000, "O_DIRECT"),
                                  N(0x80000, "O_CLOEXEC"), END};
const struct name names_memfd[] = {N(1, "MFD_CLOEXEC"),
                                   N(2, "MFD_ALLOW_SEALING"), END};
const struct name names_falloc[] = {N(1, "FALLOC_FL_KEEP_SIZE"),
                                    N(2, "FALLOC_FL_PUNCH_HOLE"),
                                    N(8, "FALLOC_FL_COLLAPSE_RANGE"),
                                    N(16, "FALLOC_FL_ZERO_RANGE"), END};
const struct name names_rename[] = {N(1, "RENAME_NOREPLACE"),
                                    N(2, "RENAME_EXCHANGE"),
                                    N(4, "RENAME_WHITEOUT"), END};
const struct name names_mount[] = {N(1, "MS_RDONLY"),
                                   N(2, "MS_NOSUID"),
                                   N(4, "MS_NODEV"),
                                   N(8, "MS_NOEXEC"),
                                   N(16, "MS_SYNCHRONOUS"),
                                   N(32, "MS_REMOUNT"),
                                   N(4096, "MS_BIND"),
                                   N(8192, "MS_MOVE"),
                                   N(16384, "MS_REC"),
                                   N(32768, "MS_SILENT"),
                                   END};
const struct name names_umount[] = {N(1, "MNT_FORCE"), N(2, "MNT_DETACH"),
                                    N(4, "MNT_EXPIRE"), N(8, "UMOUNT_NOFOLLOW"),
                                    END};
const struct name names_futex[] = {N(0, "FUTEX_WAIT"),
                                   N(1, "FUTEX_WAKE"),
                                   N(2, "FUTEX_FD"),
                                   N(3, "FUTEX_REQUEUE"),
                                   N(4, "FUTEX_CMP_REQUEUE"),
                                   N(5, "FUTEX_WAKE_OP"),
                                   N(6, "FUTEX_LOCK_PI"),
                                   N(7, "FUTEX_UNLOCK_PI"),
                                   N(8, "FUTEX_TRYLOCK_PI"),
                                   N(9, "FUTEX_WAIT_BITSET"),
                                   N(10, "FUTEX_WAKE_BITSET"),
                                   N(11, "FUTEX_WAIT_REQUEUE_PI"),
                                   N(12, "FUTEX_CMP_REQUEUE_PI"),
                                   N(13, "FUTEX_LOCK_PI2"),
                                   END};
const struct name names_fcntl[] = {N(0, "F_DUPFD"),
                                   N(1, "F_GETFD"),
                                   N(2, "F_SETFD"),
                                   N(3, "F_GETFL"),
                                   N(4, "F_SETFL"),
                                   N(5, "F_GETLK"),
                                   N(6, "F_SETLK"),
                                   N(7, "F_SETLKW"),
                                   N(8, "F_SETOWN"),
                                   N(9, "F_GETOWN"),
                                   N(12, "F_GETLK64"),
                                   N(13, "F_SETLK64"),
                                   N(14, "F_SETLKW64"),
                                   N(36, "F_OFD_GETLK"),
                                   N(37, "F_OFD_SETLK"),
                                   N(38, "F_OFD_SETLKW"),
                                   N(1030, "F_DUPFD_CLOEXEC"),
                                   N(1031, "F_SETPIPE_SZ"),
                                   N(1032, "F_GETPIPE_SZ"),
                                   N(1033, "F_ADD_SEALS"),
                                   N(1034, "F_GET_SEALS"),
                                   END};
const struct name names_ioctl[] = {N(0x5401, "TCGETS"),
                                   N(0x5402, "TCSETS"),
                                   N(0x5403, "TCSETSW"),
                                   N(0x5404, "TCSETSF"),
                                   N(0x5409, "TCSBRK"),
                                   N(0x540A, "TCXONC"),
                                   N(0x540B, "TCFLSH"),
                                   N(0x540E, "TIOCSCTTY"),
                                   N(0x540F, "TIOCGPGRP"),
                                   N(0x5410, "TIOCSPGRP"),
                                   N(0x5413, "TIOCGWINSZ"),
                                   N(0x5414, "TIOCSWINSZ"),
                                   N(0x541B, "FIONREAD"),
                                   N(0x5421, "FIONBIO"),
                                   N(0x5422, "TIOCNOTTY"),
                                   N(0x5429, "TIOCGSID"),
                                   N(0x80045430, "TIOCGPTN"),
                                   N(0x40045431, "TIOCSPTLCK"),
                                   N(0x5450, "FIONCLEX"),
                                   N(0x5451, "FIOCLEX"),
                                   END};
const struct name names_flock[] = {N(1, "LOCK_SH"), N(2, "LOCK_EX"),
                                   N(8, "LOCK_UN"), N(4, "LOCK_NB"), END};
const struct name names_prctl[] = {N(1, "PR_SET_PDEATHSIG"),
                                   N(2, "PR_GET_PDEATHSIG"),
                                   N(3, "PR_GET_DUMPABLE"),
                                   N(4, "PR_SET_DUMPABLE"),
                                   N(15, "PR_SET_NAME"),
                                   N(16, "PR_GET_NAME"),
                                   N(36, "PR_SET_CHILD_SUBREAPER"),
                                   N(38, "PR_SET_NO_NEW_PRIVS"),
                                   N(39, "PR_GET_NO_NEW_PRIVS"),
                                   END};
const struct name names_rlimit[] = {N(0, "RLIMIT_CPU"),
                                    N(1, "RLIMIT_FSIZE"),
                                    N(2, "RLIMIT_DATA"),
                                    N(3, "RLIMIT_STACK"),
                                    N(4, "RLIMIT_CORE"),
                                    N(5, "RLIMIT_RSS"),
                                    N(6, "RLIMIT_NPROC"),
                                    N(7, "RLIMIT_NOFILE"),
                                    N(8, "RLIMIT_MEMLOCK"),
                                    N(9, "RLIMIT_AS"),
                                    N(10, "RLIMIT_LOCKS"),
                                    N(11, "RLIMIT_SIGPENDING"),
                                    N(12, "RLIMIT_MSGQUEUE"),
                                    N(13, "RLIMIT_NICE"),
                                    N(14, "RLIMIT_RTPRIO"),
                                    N(15, "RLIMIT_RTTIME"),
                                    END};
const struct name names_rusage[] = {N(0, "RUSAGE_SELF"),
                                    N(-1, "RUSAGE_CHILDREN"),
                                    N(1, "RUSAGE_THREAD"), END};
const struct name names_prio[] = {N(0, "PRIO_PROCESS"), N(1, "PRIO_PGRP"),
                                  N(2, "PRIO_USER"), END};
const struct name names_itimer[] = {N(0, "ITIMER_REAL"), N(1, "ITIMER_VIRTUAL"),
                                    N(2, "ITIMER_PROF"), END};
const struct name names_sigmask[] = {N(0, "SIG_BLOCK"), N(1, "SIG_UNBLOCK"),
                                     N(2, "SIG_SETMASK"), END};
const struct name names_sched[] = {N(0, "SCHED_OTHER"), N(1, "SCHED_FIFO"),
                                   N(2, "SCHED_RR"),    N(3, "SCHED_BATCH"),
                                   N(5, "SCHED_IDLE"),  END};
const struct name names_close_range[] = {N(2, "CLOSE_RANGE_UNSHARE"),
                                         N(4, "CLOSE_RANGE_CLOEXEC"), END};
const struct name names_statx[] = {N(0xFFF, "STATX_ALL"),
                                   N(0x7FF, "STATX_BASIC_STATS"),
                                   N(1, "STATX_TYPE"),
                                   N(2, "STATX_MODE"),
                                   N(4, "STATX_NLINK"),
                                   N(8, "STATX_UID"),
                                   N(0x10, "STATX_GID"),
                                   N(0x20, "STATX_ATIME"),
                                   N(0x40, "STATX_MTIME"),
                                   N(0x80, "STATX_CTIME"),
                                   N(0x100, "STATX_INO"),
                                   N(0x200, "STATX_SIZE"),
                                   N(0x400, "STATX_BLOCKS"),
                                   N(0x800, "STATX_BTIME"),
                                   END};
const struct name names_random[] = {N(1, "GRND_NONBLOCK"), N(2, "GRND_RANDOM"),
                                    N(4, "GRND_INSECURE"), END};
const struct name names_waitid[] = {N(0, "P_ALL"), N(1, "P_PID"),
                                    N(2, "P_PGID"), END};
const struct name names_timer[] = {N(1, "TIMER_ABSTIME"), END};
const struct name names_fadvise[] = {N(0, "POSIX_FADV_NORMAL"),
                                     N(1, "POSIX_FADV_RANDOM"),
                                     N(2, "POSIX_FADV_SEQUENTIAL"),
                                     N(3, "POSIX_FADV_WILLNEED"),
                                     N(4, "POSIX_FADV_DONTNEED"),
                                     N(5, "POSIX_FADV_NOREUSE"),
                                     END};
const struct name names_af[] = {N(0, "AF_UNSPEC"),
                                N(1, "AF_UNIX"),
                                N(2, "AF_INET"),
                                N(10, "AF_INET6"),
                                N(16, "AF_NETLINK"),
                                N(17, "AF_PACKET"),
                                END};
const struct name names_sock_type[] = {N(1, "SOCK_STREAM"), N(2, "SOCK_DGRAM"),
                                       N(3, "SOCK_RAW"), N(5, "SOCK_SEQPACKET"),
                                       END};
const struct name names_sock_flag[] = {N(0x800, "SOCK_NONBLOCK"),
                                       N(0x80000, "SOCK_CLOEXEC"), END};
const struct name names_msg[] = {N(1, "MSG_OOB"),
                                 N(2, "MSG_PEEK"),
                                 N(0x40, "MSG_DONTWAIT"),
                                 N(0x20, "MSG_TRUNC"),
                                 N(0x100, "MSG_WAITALL"),
                                 N(0x4000, "MSG_NOSIGNAL"),
                                 N(0x40000000, "MSG_CMSG_CLOEXEC"),
                                 END};
const struct name names_sol[] = {N(1, "SOL_SOCKET"), N(6, "SOL_TCP"), END};
const struct name names_so[] = {
    N(1, "SO_DEBUG"),         N(2, "SO_REUSEADDR"),
    N(3, "SO_TYPE"),          N(4, "SO_ERROR"),
    N(7, "SO_SNDBUF"),        N(8, "SO_RCVBUF"),
    N(9, "SO_KEEPALIVE"),     N(16, "SO_PASSCRED"),
    N(17, "SO_PEERCRED"),     N(20, "SO_RCVTIMEO_OLD"),
    N(21, "SO_SNDTIMEO_OLD"), N(30, "SO_ACCEPTCONN"),
    N(39, "SO_DOMAIN"),       END};
const struct name names_shut[] = {N(0, "SHUT_RD"), N(1, "SHUT_WR"),
                                  N(2, "SHUT_RDWR"), END};
const struct name names_access[] = {N(4, "R_OK"), N(2, "W_OK"), N(1, "X_OK"),
                                    END};
const struct name names_whence[] = {N(0, "SEEK_SET"),  N(1, "SEEK_CUR"),
                                    N(2, "SEEK_END"),  N(3, "SEEK_DATA"),
                                    N(4, "SEEK_HOLE"), END};
const struct name names_clock[] = {N(0, "CLOCK_REALTIME"),
                                   N(1, "CLOCK_MONOTONIC"),
                                   N(2, "CLOCK_PROCESS_CPUTIME_ID"),
                                   N(3, "CLOCK_THREAD_CPUTIME_ID"),
                                   N(4, "CLOCK_MONOTONIC_RAW"),
                                   N(5, "CLOCK_REALTIME_COARSE"),
                                   N(6, "CLOCK_MONOTONIC_COARSE"),
                                   N(7, "CLOCK_BOOTTIME"),
                                   N(11, "CLOCK_TAI"),
                                   END};
const struct name names_poll[] = {
    N(1, "POLLIN"),         N(2, "POLLPRI"),        N(4, "POLLOUT"),
    N(0x40, "POLLRDNORM"),  N(0x80, "POLLRDBAND"),  N(0x100, "POLLWRNORM"),
    N(0x200, "POLLWRBAND"), N(8, "POLLERR"),        N(0x10, "POLLHUP"),
    N(0x20, "POLLNVAL"),    N(0x2000, "POLLRDHUP"), END};
const struct name names_sa[] = {N(0x04000000, "SA_RESTORER"),
                                N(0x08000000, "SA_ONSTACK"),
                                N(0x10000000, "SA_RESTART"),
                                N(2, "SA_NOCLDWAIT"),
                                N(1, "SA_NOCLDSTOP"),
                                N(4, "SA_SIGINFO"),
                                N(0x40000000, "SA_NODEFER"),
                                N((int32_t)0x80000000, "SA_RESETHAND"),
                                END};
const struct name names_ss[] = {N(1, "SS_ONSTACK"), N(2, "SS_DISABLE"),
                                N((int32_t)0x80000000, "SS_AUTODISARM"), END};
const struct name names_file_type[] = {
    N(0140000, "S_IFSOCK"), N(0120000, "S_IFLNK"),
    N(0100000, "S_IFREG"),  N(0060000, "S_IFBLK"),
    N(0040000, "S_IFDIR"),  N(0020000, "S_IFCHR"),
    N(0010000, "S_IFIFO"),  END};
const struct name names_fs[] = {N(0x01021994, "TMPFS_MAGIC"),
                                N(0x9FA0, "PROC_SUPER_MAGIC"),
                                N((int32_t)0x858458F6, "RAMFS_MAGIC"),
                                N(0xEF53, "EXT2_SUPER_MAGIC"),
                                N(0x50495045, "PIPEFS_MAGIC"),
                                END};
const struct name names_st[] = {
    N(1, "ST_RDONLY"),        N(2, "ST_NOSUID"),
    N(4, "ST_NODEV"),         N(8, "ST_NOEXEC"),
    N(16, "ST_SYNCHRONOUS"),  N(32, "ST_VALID"),
    N(0x400, "ST_NOATIME"),   N(0x800, "ST_NODIRATIME"),
    N(0x1000, "ST_RELATIME"), END};
const struct name names_epoll_op[] = {N(1, "EPOLL_CTL_ADD"),
                                      N(2, "EPOLL_CTL_DEL"),
                                      N(3, "EPOLL_CTL_MOD"), END};
const struct name names_epoll[] = {N(1, "EPOLLIN"),
                                   N(2, "EPOLLPRI"),
                                   N(4, "EPOLLOUT"),
                                   N(0x40, "EPOLLRDNORM"),
                                   N(0x80, "EPOLLRDBAND"),
                                   N(0x100, "EPOLLWRNORM"),
                                   N(0x200, "EPOLLWRBAND"),
                                   N(0x400, "EPOLLMSG"),
                                   N(8, "EPOLLERR"),
                                   N(0x10, "EPOLLHUP"),
                                   N(0x2000, "EPOLLRDHUP"),
                                   N(0x10000000, "EPOLLEXCLUSIVE"),
                                   N(0x20000000, "EPOLLWAKEUP"),
                                   N(0x40000000, "EPOLLONESHOT"),
                                   N((int32_t)0x80000000, "EPOLLET"),
                                   END};
const struct name names_eventfd[] = {N(1, "EFD_SEMAPHORE"),
                                     N(0x800, "EFD_NONBLOCK"),
                                     N(0x80000, "EFD_CLOEXEC"), END};
const struct name names_timerfd[] = {N(1, "TFD_TIMER_ABSTIME"),
                                     N(2, "TFD_TIMER_CANCEL_ON_SET"), END};
const struct name names_ipcget[] = {N(01000, "IPC_CREAT"), N(02000, "IPC_EXCL"),
                                    END};
const struct name names_ipcctl[] = {N(0, "IPC_RMID"), N(1, "IPC_SET"),
                                    N(2, "IPC_STAT"), N(3, "IPC_INFO"),
                                    N(11, "GETPID"),  N(12, "GETVAL"),
                                    N(13, "GETALL"),  N(14, "GETNCNT"),
                                    N(15, "GETZCNT"), N(16, "SETVAL"),
                                    N(17, "SETALL"),  END};
const struct name names_ipcop[] = {N(04000, "IPC_NOWAIT"),
                                   N(010000, "SHM_RDONLY"),
                                   N(020000, "SHM_RND"), N(040000, "SHM_REMAP"),
                                   END};
const struct name names_ipc[] = {N(1, "SEMOP"),
                                 N(2, "SEMGET"),
                                 N(3, "SEMCTL"),
                                 N(4, "SEMTIMEDOP"),
                                 N(11, "MSGSND"),
                                 N(12, "MSGRCV"),
                                 N(13, "MSGGET"),
                                 N(14, "MSGCTL"),
                                 N(21, "SHMAT"),
                                 N(22, "SHMDT"),
                                 N(23, "SHMGET"),
                                 N(24, "SHMCTL"),
                                 END};
const struct name names_sigev[] = {N(0, "SIGEV_SIGNAL"), N(1, "SIGEV_NONE"),
                                   N(2, "SIGEV_THREAD"),
                                   N(4, "SIGEV_THREAD_ID"), END};
const struct name names_lock[] = {N(0, "F_RDLCK"), N(1, "F_WRLCK"),
                                  N(2, "F_UNLCK"), END};
const struct name names_reboot[] = {N(0x01234567, "LINUX_REBOOT_CMD_RESTART"),
                                    N((int32_t)0xCDEF0123,
                                      "LINUX_REBOOT_CMD_HALT"),
                                    N(0x4321FEDC, "LINUX_REBOOT_CMD_POWER_OFF"),
                                    N((int32_t)0x89ABCDEF,
                                      "LINUX_REBOOT_CMD_CAD_ON"),
                                    N(0, "LINUX_REBOOT_CMD_CAD_OFF"),
                                    END};
const struct name names_iflag[] = {N(1, "IGNBRK"),     N(2, "BRKINT"),
                                   N(4, "IGNPAR"),     N(8, "PARMRK"),
                                   N(0x10, "INPCK"),   N(0x20, "ISTRIP"),
                                   N(0x40, "INLCR"),   N(0x80, "IGNCR"),
                                   N(0x100, "ICRNL"),  N(0x200, "IUCLC"),
                                   N(0x400, "IXON"),   N(0x800, "IXANY"),
                                   N(0x1000, "IXOFF"), N(0x2000, "IMAXBEL"),
                                   N(0x4000, "IUTF8"), END};
const struct name names_oflag[] = {
    N(1, "OPOST"),    N(2, "OLCUC"),    N(4, "ONLCR"),
    N(8, "OCRNL"),    N(0x10, "ONOCR"), N(0x20, "ONLRET"),
    N(0x40, "OFILL"), N(0x80, "OFDEL"), END};
const struct name names_lflag[] = {N(1, "ISIG"),        N(2, "ICANON"),
                                   N(4, "XCASE"),       N(8, "ECHO"),
                                   N(0x10, "ECHOE"),    N(0x20, "ECHOK"),
                                   N(0x40, "ECHONL"),   N(0x80, "NOFLSH"),
                                   N(0x100, "TOSTOP"),  N(0x200, "ECHOCTL"),
                                   N(0x400, "ECHOPRT"), N(0x800, "ECHOKE"),
                                   N(0x1000, "FLUSHO"), N(0x4000, "PENDIN"),
                                   N(0x8000, "IEXTEN"), END};
const struct name names_si_code[] = {
    N(0, "SI_USER"),   N(0x80, "SI_KERNEL"), N(-1, "SI_QUEUE"),
    N(-2, "SI_TIMER"), N(-3, "SI_MESGQ"),    N(-4, "SI_ASYNCIO"),
    N(-5, "SI_SIGIO"), N(-6, "SI_TKILL"),    END};
const struct name names_code_segv[] = {N(1, "SEGV_MAPERR"), N(2, "SEGV_ACCERR"),
                                       END};
const struct name names_code_bus[] = {N(1, "BUS_ADRALN"), N(2, "BUS_ADRERR"),
                                      N(3, "BUS_OBJERR"), END};
const struct name names_code_fpe[] = {
    N(1, "FPE_INTDIV"), N(2, "FPE_INTOVF"), N(3, "FPE_FLTDIV"),
    N(4, "FPE_FLTOVF"), N(5, "FPE_FLTUND"), N(6, "FPE_FLTRES"),
    N(7, "FPE_FLTINV"), N(8, "FPE_FLTSUB"), END};
const struct name names_code_ill[] = {N(1, "ILL_ILLOPC"),
                                      N(2, "ILL_ILLOPN"),
                                      N(3, "ILL_ILLADR"),
                                      N(4, "ILL_ILLTRP"),
                                      N(5, "ILL_PRVOPC"),
                                      N(6, "ILL_PRVREG"),
                                      END};
const struct name names_code_trap[] = {N(1, "TRAP_BRKPT"), N(2, "TRAP_TRACE"),
                                       END};
const struct name names_code_chld[] = {N(1, "CLD_EXITED"),
                                       N(2, "CLD_KILLED"),
                                       N(3, "CLD_DUMPED"),
                                       N(4, "CLD_TRAPPED"),
                                       N(5, "CLD_STOPPED"),
                                       N(6, "CLD_CONTINUED"),
                                       END};

const char *name_of(const struct name *names, int32_t value)
{
    for (; names->name != NULL; names++)
        if (names->value == value)
            return names->name;
    return NULL;
}

int32_t value_of_name(const struct name *names, const char *name)
{
    for (; names->name != NULL; names++)
        if (strcmp(names->name, name) == 0)
            return names->value;
    return 0;
}
