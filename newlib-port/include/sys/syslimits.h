/*
 * Limits of the system; newlib's <limits.h> includes this.
 */
#ifndef _SYS_SYSLIMITS_H_
#define _SYS_SYSLIMITS_H_

#include <sys/features.h>
#if __POSIX_VISIBLE

#    include <cairn/limits.h>

#    define ARG_MAX        __CAIRN_ARG_MAX
#    define LINK_MAX       __CAIRN_LINK_MAX
#    define MAX_CANON      255
#    define MAX_INPUT      255
#    define NAME_MAX       __CAIRN_NAME_MAX
#    define NGROUPS_MAX    __CAIRN_NGROUPS_MAX
#    define PATH_MAX       __CAIRN_PATH_MAX
#    define PIPE_BUF       __CAIRN_PIPE_BUF
#    define IOV_MAX        1024
#    define SYMLOOP_MAX    __CAIRN_SYMLOOP_MAX
#    define HOST_NAME_MAX  __CAIRN_HOST_MAX
#    define LOGIN_NAME_MAX 256
#    define TTY_NAME_MAX   32
#    define TZNAME_MAX     6
#    define PAGESIZE       __CAIRN_PAGE_SIZE
#    define PAGE_SIZE      __CAIRN_PAGE_SIZE
#    define RTSIG_MAX      31
#    define FILESIZEBITS   64
#    define SYMLINK_MAX    4095

#    define PTHREAD_DESTRUCTOR_ITERATIONS 4
#    define PTHREAD_KEYS_MAX              128
#    define PTHREAD_STACK_MIN             16384
#    define SEM_NSEMS_MAX                 256
#    define SEM_VALUE_MAX                 __INT_MAX__

#    define SSIZE_MAX __INT_MAX__
#    define LONG_BIT  32
#    define WORD_BIT  32
#    define NZERO     20

#    define BC_BASE_MAX        99
#    define BC_DIM_MAX         2048
#    define BC_SCALE_MAX       99
#    define BC_STRING_MAX      1000
#    define CHARCLASS_NAME_MAX 14
#    define COLL_WEIGHTS_MAX   2
#    define EXPR_NEST_MAX      32
#    define LINE_MAX           2048
#    define RE_DUP_MAX         255

#    define DELAYTIMER_MAX 2147483647
#    define MQ_PRIO_MAX    32768

#    define NL_LANGMAX 32
#    define NL_MSGMAX  32767
#    define NL_SETMAX  255
#    define NL_TEXTMAX 2048

#    define _POSIX_AIO_LISTIO_MAX     2
#    define _POSIX_AIO_MAX            1
#    define _POSIX_ARG_MAX            4096
#    define _POSIX_CHILD_MAX          25
#    define _POSIX_CLOCKRES_MIN       20000000
#    define _POSIX_DELAYTIMER_MAX     32
#    define _POSIX_HOST_NAME_MAX      255
#    define _POSIX_LINK_MAX           8
#    define _POSIX_LOGIN_NAME_MAX     9
#    define _POSIX_MAX_CANON          255
#    define _POSIX_MAX_INPUT          255
#    define _POSIX_MQ_OPEN_MAX        8
#    define _POSIX_MQ_PRIO_MAX        32
#    define _POSIX_NAME_MAX           14
#    define _POSIX_NGROUPS_MAX        8
#    define _POSIX_OPEN_MAX           20
#    define _POSIX_PATH_MAX           256
#    define _POSIX_PIPE_BUF           512
#    define _POSIX_RE_DUP_MAX         255
#    define _POSIX_RTSIG_MAX          8
#    define _POSIX_SEM_NSEMS_MAX      256
#    define _POSIX_SEM_VALUE_MAX      32767
#    define _POSIX_SIGQUEUE_MAX       32
#    define _POSIX_SSIZE_MAX          32767
#    define _POSIX_STREAM_MAX         8
#    define _POSIX_SYMLINK_MAX        255
#    define _POSIX_SYMLOOP_MAX        8
#    define _POSIX_TIMER_MAX          32
#    define _POSIX_THREAD_KEYS_MAX    128
#    define _POSIX_THREAD_THREADS_MAX 64

#    define _POSIX_THREAD_DESTRUCTOR_ITERATIONS 4

#    define _POSIX_TTY_NAME_MAX        9
#    define _POSIX_TZNAME_MAX          6
#    define _POSIX2_BC_BASE_MAX        99
#    define _POSIX2_BC_DIM_MAX         2048
#    define _POSIX2_BC_SCALE_MAX       99
#    define _POSIX2_BC_STRING_MAX      1000
#    define _POSIX2_CHARCLASS_NAME_MAX 14
#    define _POSIX2_COLL_WEIGHTS_MAX   2
#    define _POSIX2_EXPR_NEST_MAX      32
#    define _POSIX2_LINE_MAX           2048
#    define _XOPEN_IOV_MAX             16
#    define _XOPEN_NAME_MAX            255
#    define _XOPEN_PATH_MAX            1024

#endif /* __POSIX_VISIBLE */

#endif
