/*
 * Events as files: eventfd, timerfd, signalfd, epoll.
 */
#ifndef _CAIRN_EVENT_H
#define _CAIRN_EVENT_H

#include <cairn/types.h>

/* eventfd2; EFD_CLOEXEC and the like are O_CLOEXEC and O_NONBLOCK. */
#define __CAIRN_EFD_SEMAPHORE 1

/* timerfd_settime. */
#define __CAIRN_TFD_TIMER_ABSTIME       1
#define __CAIRN_TFD_TIMER_CANCEL_ON_SET 2

/* What a read of a signalfd gives: 128 bytes for each signal. */
struct __cairn_signalfd_siginfo {
    __cairn_u32 ssi_signo;
    __cairn_s32 ssi_errno;
    __cairn_s32 ssi_code;
    __cairn_u32 ssi_pid;
    __cairn_u32 ssi_uid;
    __cairn_s32 ssi_fd;
    __cairn_u32 ssi_tid;
    __cairn_u32 ssi_band;
    __cairn_u32 ssi_overrun;
    __cairn_u32 ssi_trapno;
    __cairn_s32 ssi_status;
    __cairn_s32 ssi_int;
    __cairn_u64 ssi_ptr;
    __cairn_u64 ssi_utime;
    __cairn_u64 ssi_stime;
    __cairn_u64 ssi_addr;
    __cairn_u16 ssi_addr_lsb;
    __cairn_u16 __pad2;
    __cairn_s32 ssi_syscall;
    __cairn_u64 ssi_call_addr;
    __cairn_u32 ssi_arch;
    __cairn_u8 __pad[28];
};

/* epoll_ctl. */
#define __CAIRN_EPOLL_CTL_ADD 1
#define __CAIRN_EPOLL_CTL_DEL 2
#define __CAIRN_EPOLL_CTL_MOD 3

/* Events beyond those of poll, which have poll's values. */
#define __CAIRN_EPOLLEXCLUSIVE (1u << 28)
#define __CAIRN_EPOLLWAKEUP    (1u << 29)
#define __CAIRN_EPOLLONESHOT   (1u << 30)
#define __CAIRN_EPOLLET        (1u << 31)

struct __cairn_epoll_event {
    __cairn_u32 events;
    __cairn_u32 data[2];
};

_Static_assert(sizeof(struct __cairn_signalfd_siginfo) == 128,
               "signalfd_siginfo layout");
_Static_assert(sizeof(struct __cairn_epoll_event) == 12, "epoll_event layout");

#endif
