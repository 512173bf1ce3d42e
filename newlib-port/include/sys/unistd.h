/*
 * The system's calls, as POSIX groups them in <unistd.h>.
 */
#ifndef _SYS_UNISTD_H
#define _SYS_UNISTD_H

#include <_ansi.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types.h>
#define __need_size_t
#define __need_ptrdiff_t
#define __need_NULL
#include <stddef.h>
#include <getopt.h>

__BEGIN_DECLS

/* What of POSIX there is: 200809L yes, -1 no. */
#define _POSIX_VERSION               200809L
#define _POSIX2_VERSION              200809L
#define _XOPEN_VERSION               700
#define _XOPEN_SHM                   1
#define _POSIX_ADVISORY_INFO         200809L
#define _POSIX_ASYNCHRONOUS_IO       200809L
#define _POSIX_BARRIERS              200809L
#define _POSIX_CHOWN_RESTRICTED      0
#define _POSIX_CLOCK_SELECTION       200809L
#define _POSIX_CPUTIME               200809L
#define _POSIX_FSYNC                 200809L
#define _POSIX_IPV6                  (-1)
#define _POSIX_JOB_CONTROL           1
#define _POSIX_MAPPED_FILES          200809L
#define _POSIX_MEMLOCK               200809L
#define _POSIX_MEMLOCK_RANGE         200809L
#define _POSIX_MEMORY_PROTECTION     200809L
#define _POSIX_MESSAGE_PASSING       200809L
#define _POSIX_MONOTONIC_CLOCK       200809L
#define _POSIX_NO_TRUNC              1
#define _POSIX_PRIORITIZED_IO        (-1)
#define _POSIX_PRIORITY_SCHEDULING   200809L
#define _POSIX_RAW_SOCKETS           (-1)
#define _POSIX_READER_WRITER_LOCKS   200809L
#define _POSIX_REALTIME_SIGNALS      200809L
#define _POSIX_REGEXP                1
#define _POSIX_SAVED_IDS             1
#define _POSIX_SEMAPHORES            200809L
#define _POSIX_SHARED_MEMORY_OBJECTS 200809L
#define _POSIX_SHELL                 1
#define _POSIX_SPAWN                 200809L
#define _POSIX_SPIN_LOCKS            200809L
#define _POSIX_SPORADIC_SERVER       (-1)
#define _POSIX_SYNCHRONIZED_IO       200809L
#define _POSIX_TIMERS                200809L
#define _POSIX_TYPED_MEMORY_OBJECTS  (-1)
#define _POSIX_TIMEOUTS              200809L

#ifndef _COMPILING_NEWLIB /* whose streams would have cancellation disabled */
#    define _POSIX_THREADS 200809L
#endif
#define _POSIX_THREAD_ATTR_STACKADDR      200809L
#define _POSIX_THREAD_ATTR_STACKSIZE      200809L
#define _POSIX_THREAD_CPUTIME             200809L
#define _POSIX_THREAD_PRIO_INHERIT        200809L
#define _POSIX_THREAD_PRIO_PROTECT        200809L
#define _POSIX_THREAD_PRIORITY_SCHEDULING 200809L
#define _POSIX_THREAD_PROCESS_SHARED      200809L
#define _POSIX_THREAD_ROBUST_PRIO_INHERIT 200809L
#define _POSIX_THREAD_ROBUST_PRIO_PROTECT 200809L
#define _POSIX_THREAD_SAFE_FUNCTIONS      200809L
#define _POSIX_THREAD_SPORADIC_SERVER     (-1)
#define _POSIX2_C_BIND                    200809L
#define _POSIX_V7_ILP32_OFF32             (-1)
#define _POSIX_V7_ILP32_OFFBIG            1
#define _POSIX_V7_LP64_OFF64              (-1)
#define _POSIX_V7_LPBIG_OFFBIG            (-1)
#define _XOPEN_CRYPT                      1
#define _XOPEN_ENH_I18N                   1
#define _XOPEN_SHM                        1
#define _XOPEN_UNIX                       1
#ifndef _POSIX_VDISABLE
#    define _POSIX_VDISABLE 0
#endif

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#ifndef F_OK
#    define F_OK 0
#    define X_OK 1
#    define W_OK 2
#    define R_OK 4
#endif

#ifndef SEEK_SET
#    define SEEK_SET 0
#    define SEEK_CUR 1
#    define SEEK_END 2
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
#    define SEEK_DATA 3
#    define SEEK_HOLE 4
#endif

/* lockf */
#define F_ULOCK 0
#define F_LOCK  1
#define F_TLOCK 2
#define F_TEST  3

extern char **environ;

#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
#    define POSIX_CLOSE_RESTART 0
int posix_close(int, int);
#endif

void _exit(int) __attribute__((__noreturn__));
int access(const char *, int);
unsigned alarm(unsigned);
int chdir(const char *);
int chown(const char *, uid_t, gid_t);
int close(int);
size_t confstr(int, char *, size_t);
int dup(int);
int dup2(int, int);
int execl(const char *, const char *, ...);
int execle(const char *, const char *, ...);
int execlp(const char *, const char *, ...);
int execv(const char *, char *const[]);
int execve(const char *, char *const[], char *const[]);
int execvp(const char *, char *const[]);
int fchdir(int);
int fchown(int, uid_t, gid_t);
int fdatasync(int);
int fexecve(int, char *const[], char *const[]);
pid_t fork(void);
long fpathconf(int, int);
int fsync(int);
int ftruncate(int, off_t);
char *getcwd(char *, size_t);
gid_t getegid(void);
uid_t geteuid(void);
gid_t getgid(void);
int getgroups(int, gid_t[]);
int gethostname(char *, size_t);
char *getlogin(void);
int getlogin_r(char *, size_t);
pid_t getpgid(pid_t);
pid_t getpgrp(void);
pid_t getpid(void);
pid_t getppid(void);
pid_t getsid(pid_t);
uid_t getuid(void);
int isatty(int);
int lchown(const char *, uid_t, gid_t);
int link(const char *, const char *);
off_t lseek(int, off_t, int);
long pathconf(const char *, int);
int pause(void);
int pipe(int[2]);
ssize_t pread(int, void *, size_t, off_t);
ssize_t pwrite(int, const void *, size_t, off_t);
ssize_t read(int, void *, size_t);
ssize_t readlink(const char *__restrict, char *__restrict, size_t);
int rmdir(const char *);
int setegid(gid_t);
int seteuid(uid_t);
int setgid(gid_t);
int setpgid(pid_t, pid_t);
pid_t setsid(void);
int setuid(uid_t);
unsigned sleep(unsigned);
int symlink(const char *, const char *);
long sysconf(int);
pid_t tcgetpgrp(int);
int tcsetpgrp(int, pid_t);
int truncate(const char *, off_t);
char *ttyname(int);
int ttyname_r(int, char *, size_t);
int unlink(const char *);
ssize_t write(int, const void *, size_t);

#if __ATFILE_VISIBLE
int faccessat(int, const char *, int, int);
int fchownat(int, const char *, uid_t, gid_t, int);
int linkat(int, const char *, int, const char *, int);
ssize_t readlinkat(int, const char *__restrict, char *__restrict, size_t);
int symlinkat(const char *, int, const char *);
int unlinkat(int, const char *, int);
#endif

#if __MISC_VISIBLE || __XSI_VISIBLE
long gethostid(void);
int lockf(int, int, off_t);
int nice(int);
pid_t setpgrp(void);
int setregid(gid_t, gid_t);
int setreuid(uid_t, uid_t);
char *crypt(const char *, const char *);
void encrypt(char[64], int);
void swab(const void *__restrict, void *__restrict, ssize_t);
void sync(void);
char *ctermid(char *);
#endif

#if __BSD_VISIBLE || (__XSI_VISIBLE && __POSIX_VISIBLE < 200809)
unsigned ualarm(unsigned, unsigned);
int usleep(useconds_t);
pid_t vfork(void);
char *getwd(char *);
#endif

#if __BSD_VISIBLE
int brk(void *);
int chroot(const char *);
int closefrom(int);
int daemon(int, int);
int getdtablesize(void);
int getentropy(void *, size_t);
int getpagesize(void);
char *getpass(const char *);
int issetugid(void);
void *sbrk(ptrdiff_t);
int sethostname(const char *, size_t);
long syscall(long, ...);
int getdomainname(char *, size_t);
#endif

#if __GNU_VISIBLE
int dup3(int, int, int);
int eaccess(const char *, int);
int euidaccess(const char *, int);
int execvpe(const char *, char *const[], char *const[]);
char *get_current_dir_name(void);
int getresgid(gid_t *, gid_t *, gid_t *);
int getresuid(uid_t *, uid_t *, uid_t *);
pid_t gettid(void);
int pipe2(int[2], int);
int setresgid(gid_t, gid_t, gid_t);
int setresuid(uid_t, uid_t, uid_t);
int syncfs(int);
#endif

/* sysconf */
#define _SC_ARG_MAX                      0
#define _SC_CHILD_MAX                    1
#define _SC_CLK_TCK                      2
#define _SC_NGROUPS_MAX                  3
#define _SC_OPEN_MAX                     4
#define _SC_JOB_CONTROL                  5
#define _SC_SAVED_IDS                    6
#define _SC_VERSION                      7
#define _SC_PAGESIZE                     8
#define _SC_PAGE_SIZE                    _SC_PAGESIZE
#define _SC_NPROCESSORS_CONF             9
#define _SC_NPROCESSORS_ONLN             10
#define _SC_PHYS_PAGES                   11
#define _SC_AVPHYS_PAGES                 12
#define _SC_MQ_OPEN_MAX                  13
#define _SC_MQ_PRIO_MAX                  14
#define _SC_RTSIG_MAX                    15
#define _SC_SEM_NSEMS_MAX                16
#define _SC_SEM_VALUE_MAX                17
#define _SC_SIGQUEUE_MAX                 18
#define _SC_TIMER_MAX                    19
#define _SC_TZNAME_MAX                   20
#define _SC_ASYNCHRONOUS_IO              21
#define _SC_FSYNC                        22
#define _SC_MAPPED_FILES                 23
#define _SC_MEMLOCK                      24
#define _SC_MEMLOCK_RANGE                25
#define _SC_MEMORY_PROTECTION            26
#define _SC_MESSAGE_PASSING              27
#define _SC_PRIORITIZED_IO               28
#define _SC_REALTIME_SIGNALS             29
#define _SC_SEMAPHORES                   30
#define _SC_SHARED_MEMORY_OBJECTS        31
#define _SC_SYNCHRONIZED_IO              32
#define _SC_TIMERS                       33
#define _SC_AIO_LISTIO_MAX               34
#define _SC_AIO_MAX                      35
#define _SC_AIO_PRIO_DELTA_MAX           36
#define _SC_DELAYTIMER_MAX               37
#define _SC_THREAD_KEYS_MAX              38
#define _SC_THREAD_STACK_MIN             39
#define _SC_THREAD_THREADS_MAX           40
#define _SC_TTY_NAME_MAX                 41
#define _SC_THREADS                      42
#define _SC_THREAD_ATTR_STACKADDR        43
#define _SC_THREAD_ATTR_STACKSIZE        44
#define _SC_THREAD_PRIORITY_SCHEDULING   45
#define _SC_THREAD_PRIO_INHERIT          46
#define _SC_THREAD_PRIO_PROTECT          47
#define _SC_THREAD_PRIO_CEILING          _SC_THREAD_PRIO_PROTECT
#define _SC_THREAD_PROCESS_SHARED        48
#define _SC_THREAD_SAFE_FUNCTIONS        49
#define _SC_GETGR_R_SIZE_MAX             50
#define _SC_GETPW_R_SIZE_MAX             51
#define _SC_LOGIN_NAME_MAX               52
#define _SC_THREAD_DESTRUCTOR_ITERATIONS 53
#define _SC_ADVISORY_INFO                54
#define _SC_ATEXIT_MAX                   55
#define _SC_BARRIERS                     56
#define _SC_BC_BASE_MAX                  57
#define _SC_BC_DIM_MAX                   58
#define _SC_BC_SCALE_MAX                 59
#define _SC_BC_STRING_MAX                60
#define _SC_CLOCK_SELECTION              61
#define _SC_COLL_WEIGHTS_MAX             62
#define _SC_CPUTIME                      63
#define _SC_EXPR_NEST_MAX                64
#define _SC_HOST_NAME_MAX                65
#define _SC_IOV_MAX                      66
#define _SC_IPV6                         67
#define _SC_LINE_MAX                     68
#define _SC_MONOTONIC_CLOCK              69
#define _SC_RAW_SOCKETS                  70
#define _SC_READER_WRITER_LOCKS          71
#define _SC_REGEXP                       72
#define _SC_RE_DUP_MAX                   73
#define _SC_SHELL                        74
#define _SC_SPAWN                        75
#define _SC_SPIN_LOCKS                   76
#define _SC_SPORADIC_SERVER              77
#define _SC_SS_REPL_MAX                  78
#define _SC_SYMLOOP_MAX                  79
#define _SC_THREAD_CPUTIME               80
#define _SC_THREAD_SPORADIC_SERVER       81
#define _SC_TIMEOUTS                     82
#define _SC_TRACE                        83
#define _SC_TRACE_EVENT_FILTER           84
#define _SC_TRACE_EVENT_NAME_MAX         85
#define _SC_TRACE_INHERIT                86
#define _SC_TRACE_LOG                    87
#define _SC_TRACE_NAME_MAX               88
#define _SC_TRACE_SYS_MAX                89
#define _SC_TRACE_USER_EVENT_MAX         90
#define _SC_TYPED_MEMORY_OBJECTS         91
#define _SC_V7_ILP32_OFF32               92
#define _SC_V6_ILP32_OFF32               _SC_V7_ILP32_OFF32
#define _SC_XBS5_ILP32_OFF32             _SC_V7_ILP32_OFF32
#define _SC_V7_ILP32_OFFBIG              93
#define _SC_V6_ILP32_OFFBIG              _SC_V7_ILP32_OFFBIG
#define _SC_XBS5_ILP32_OFFBIG            _SC_V7_ILP32_OFFBIG
#define _SC_V7_LP64_OFF64                94
#define _SC_V6_LP64_OFF64                _SC_V7_LP64_OFF64
#define _SC_XBS5_LP64_OFF64              _SC_V7_LP64_OFF64
#define _SC_V7_LPBIG_OFFBIG              95
#define _SC_V6_LPBIG_OFFBIG              _SC_V7_LPBIG_OFFBIG
#define _SC_XBS5_LPBIG_OFFBIG            _SC_V7_LPBIG_OFFBIG
#define _SC_XOPEN_CRYPT                  96
#define _SC_XOPEN_ENH_I18N               97
#define _SC_XOPEN_LEGACY                 98
#define _SC_XOPEN_REALTIME               99
#define _SC_STREAM_MAX                   100
#define _SC_PRIORITY_SCHEDULING          101
#define _SC_XOPEN_REALTIME_THREADS       102
#define _SC_XOPEN_SHM                    103
#define _SC_XOPEN_STREAMS                104
#define _SC_XOPEN_UNIX                   105
#define _SC_XOPEN_VERSION                106
#define _SC_2_CHAR_TERM                  107
#define _SC_2_C_BIND                     108
#define _SC_2_C_DEV                      109
#define _SC_2_FORT_DEV                   110
#define _SC_2_FORT_RUN                   111
#define _SC_2_LOCALEDEF                  112
#define _SC_2_PBS                        113
#define _SC_2_PBS_ACCOUNTING             114
#define _SC_2_PBS_CHECKPOINT             115
#define _SC_2_PBS_LOCATE                 116
#define _SC_2_PBS_MESSAGE                117
#define _SC_2_PBS_TRACK                  118
#define _SC_2_SW_DEV                     119
#define _SC_2_UPE                        120
#define _SC_2_VERSION                    121
#define _SC_THREAD_ROBUST_PRIO_INHERIT   122
#define _SC_THREAD_ROBUST_PRIO_PROTECT   123
#define _SC_XOPEN_UUCP                   124
#define _SC_LEVEL1_ICACHE_SIZE           125
#define _SC_LEVEL1_ICACHE_ASSOC          126
#define _SC_LEVEL1_ICACHE_LINESIZE       127
#define _SC_LEVEL1_DCACHE_SIZE           128
#define _SC_LEVEL1_DCACHE_ASSOC          129
#define _SC_LEVEL1_DCACHE_LINESIZE       130
#define _SC_LEVEL2_CACHE_SIZE            131
#define _SC_LEVEL2_CACHE_ASSOC           132
#define _SC_LEVEL2_CACHE_LINESIZE        133
#define _SC_LEVEL3_CACHE_SIZE            134
#define _SC_LEVEL3_CACHE_ASSOC           135
#define _SC_LEVEL3_CACHE_LINESIZE        136
#define _SC_LEVEL4_CACHE_SIZE            137
#define _SC_LEVEL4_CACHE_ASSOC           138
#define _SC_LEVEL4_CACHE_LINESIZE        139
#define _SC_POSIX_26_VERSION             140

/* pathconf and fpathconf */
#define _PC_LINK_MAX             0
#define _PC_MAX_CANON            1
#define _PC_MAX_INPUT            2
#define _PC_NAME_MAX             3
#define _PC_PATH_MAX             4
#define _PC_PIPE_BUF             5
#define _PC_CHOWN_RESTRICTED     6
#define _PC_NO_TRUNC             7
#define _PC_VDISABLE             8
#define _PC_ASYNC_IO             9
#define _PC_PRIO_IO              10
#define _PC_SYNC_IO              11
#define _PC_FILESIZEBITS         12
#define _PC_2_SYMLINKS           13
#define _PC_SYMLINK_MAX          14
#define _PC_ALLOC_SIZE_MIN       15
#define _PC_REC_INCR_XFER_SIZE   16
#define _PC_REC_MAX_XFER_SIZE    17
#define _PC_REC_MIN_XFER_SIZE    18
#define _PC_REC_XFER_ALIGN       19
#define _PC_TIMESTAMP_RESOLUTION 20
#define _PC_POSIX_PERMISSIONS    90
#define _PC_POSIX_SECURITY       91
#define _PC_CASE_INSENSITIVE     92

/* confstr */
#define _CS_PATH                           0
#define _CS_POSIX_V7_ILP32_OFF32_CFLAGS    1
#define _CS_POSIX_V6_ILP32_OFF32_CFLAGS    _CS_POSIX_V7_ILP32_OFF32_CFLAGS
#define _CS_XBS5_ILP32_OFF32_CFLAGS        _CS_POSIX_V7_ILP32_OFF32_CFLAGS
#define _CS_POSIX_V7_ILP32_OFF32_LDFLAGS   2
#define _CS_POSIX_V6_ILP32_OFF32_LDFLAGS   _CS_POSIX_V7_ILP32_OFF32_LDFLAGS
#define _CS_XBS5_ILP32_OFF32_LDFLAGS       _CS_POSIX_V7_ILP32_OFF32_LDFLAGS
#define _CS_POSIX_V7_ILP32_OFF32_LIBS      3
#define _CS_POSIX_V6_ILP32_OFF32_LIBS      _CS_POSIX_V7_ILP32_OFF32_LIBS
#define _CS_XBS5_ILP32_OFF32_LIBS          _CS_POSIX_V7_ILP32_OFF32_LIBS
#define _CS_XBS5_ILP32_OFF32_LINTFLAGS     4
#define _CS_POSIX_V7_ILP32_OFFBIG_CFLAGS   5
#define _CS_POSIX_V6_ILP32_OFFBIG_CFLAGS   _CS_POSIX_V7_ILP32_OFFBIG_CFLAGS
#define _CS_XBS5_ILP32_OFFBIG_CFLAGS       _CS_POSIX_V7_ILP32_OFFBIG_CFLAGS
#define _CS_POSIX_V7_ILP32_OFFBIG_LDFLAGS  6
#define _CS_POSIX_V6_ILP32_OFFBIG_LDFLAGS  _CS_POSIX_V7_ILP32_OFFBIG_LDFLAGS
#define _CS_XBS5_ILP32_OFFBIG_LDFLAGS      _CS_POSIX_V7_ILP32_OFFBIG_LDFLAGS
#define _CS_POSIX_V7_ILP32_OFFBIG_LIBS     7
#define _CS_POSIX_V6_ILP32_OFFBIG_LIBS     _CS_POSIX_V7_ILP32_OFFBIG_LIBS
#define _CS_XBS5_ILP32_OFFBIG_LIBS         _CS_POSIX_V7_ILP32_OFFBIG_LIBS
#define _CS_XBS5_ILP32_OFFBIG_LINTFLAGS    8
#define _CS_POSIX_V7_LP64_OFF64_CFLAGS     9
#define _CS_POSIX_V6_LP64_OFF64_CFLAGS     _CS_POSIX_V7_LP64_OFF64_CFLAGS
#define _CS_XBS5_LP64_OFF64_CFLAGS         _CS_POSIX_V7_LP64_OFF64_CFLAGS
#define _CS_POSIX_V7_LP64_OFF64_LDFLAGS    10
#define _CS_POSIX_V6_LP64_OFF64_LDFLAGS    _CS_POSIX_V7_LP64_OFF64_LDFLAGS
#define _CS_XBS5_LP64_OFF64_LDFLAGS        _CS_POSIX_V7_LP64_OFF64_LDFLAGS
#define _CS_POSIX_V7_LP64_OFF64_LIBS       11
#define _CS_POSIX_V6_LP64_OFF64_LIBS       _CS_POSIX_V7_LP64_OFF64_LIBS
#define _CS_XBS5_LP64_OFF64_LIBS           _CS_POSIX_V7_LP64_OFF64_LIBS
#define _CS_XBS5_LP64_OFF64_LINTFLAGS      12
#define _CS_POSIX_V7_LPBIG_OFFBIG_CFLAGS   13
#define _CS_POSIX_V6_LPBIG_OFFBIG_CFLAGS   _CS_POSIX_V7_LPBIG_OFFBIG_CFLAGS
#define _CS_XBS5_LPBIG_OFFBIG_CFLAGS       _CS_POSIX_V7_LPBIG_OFFBIG_CFLAGS
#define _CS_POSIX_V7_LPBIG_OFFBIG_LDFLAGS  14
#define _CS_POSIX_V6_LPBIG_OFFBIG_LDFLAGS  _CS_POSIX_V7_LPBIG_OFFBIG_LDFLAGS
#define _CS_XBS5_LPBIG_OFFBIG_LDFLAGS      _CS_POSIX_V7_LPBIG_OFFBIG_LDFLAGS
#define _CS_POSIX_V7_LPBIG_OFFBIG_LIBS     15
#define _CS_POSIX_V6_LPBIG_OFFBIG_LIBS     _CS_POSIX_V7_LPBIG_OFFBIG_LIBS
#define _CS_XBS5_LPBIG_OFFBIG_LIBS         _CS_POSIX_V7_LPBIG_OFFBIG_LIBS
#define _CS_XBS5_LPBIG_OFFBIG_LINTFLAGS    16
#define _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS 17
#define _CS_POSIX_V6_WIDTH_RESTRICTED_ENVS _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS
#define _CS_XBS5_WIDTH_RESTRICTED_ENVS     _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS
#define _CS_POSIX_V7_THREADS_CFLAGS        18
#define _CS_POSIX_V7_THREADS_LDFLAGS       19
#define _CS_V7_ENV                         20
#define _CS_V6_ENV                         _CS_V7_ENV
#define _CS_LFS_CFLAGS                     21
#define _CS_LFS_LDFLAGS                    22
#define _CS_LFS_LIBS                       23
#define _CS_LFS_LINTFLAGS                  24

__END_DECLS

#endif
