/*
 * Sets of files to watch.
 */
#ifndef _SYS_EPOLL_H
#define _SYS_EPOLL_H

#include <sys/cdefs.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/_sigset.h>
#include <sys/_timespec.h>
#include <cairn/event.h>

#if !defined(_SIGSET_T_DECLARED)
#    define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

#define EPOLL_CLOEXEC 02000000

#define EPOLL_CTL_ADD __CAIRN_EPOLL_CTL_ADD
#define EPOLL_CTL_DEL __CAIRN_EPOLL_CTL_DEL
#define EPOLL_CTL_MOD __CAIRN_EPOLL_CTL_MOD

/* Both names and macros, as programs test for some of them with #ifdef. */
enum EPOLL_EVENTS {
    __EPOLL_NONE,
#define EPOLLIN EPOLLIN
    EPOLLIN = 0x001,
#define EPOLLPRI EPOLLPRI
    EPOLLPRI = 0x002,
#define EPOLLOUT EPOLLOUT
    EPOLLOUT = 0x004,
#define EPOLLERR EPOLLERR
    EPOLLERR = 0x008,
#define EPOLLHUP EPOLLHUP
    EPOLLHUP = 0x010,
#define EPOLLRDNORM EPOLLRDNORM
    EPOLLRDNORM = 0x040,
#define EPOLLRDBAND EPOLLRDBAND
    EPOLLRDBAND = 0x080,
#define EPOLLWRNORM EPOLLWRNORM
    EPOLLWRNORM = 0x100,
#define EPOLLWRBAND EPOLLWRBAND
    EPOLLWRBAND = 0x200,
#define EPOLLMSG EPOLLMSG
    EPOLLMSG = 0x400,
#define EPOLLRDHUP EPOLLRDHUP
    EPOLLRDHUP = 0x2000
};

#define EPOLLEXCLUSIVE __CAIRN_EPOLLEXCLUSIVE
#define EPOLLWAKEUP    __CAIRN_EPOLLWAKEUP
#define EPOLLONESHOT   __CAIRN_EPOLLONESHOT
#define EPOLLET        __CAIRN_EPOLLET

typedef union epoll_data {
    void *ptr;
    int fd;
    uint32_t u32;
    uint64_t u64;
} epoll_data_t;

struct epoll_event {
    uint32_t events;
    epoll_data_t data;
};

__BEGIN_DECLS

int epoll_create(int);
int epoll_create1(int);
int epoll_ctl(int, int, int, struct epoll_event *);
int epoll_wait(int, struct epoll_event *, int, int);
int epoll_pwait(int, struct epoll_event *, int, int, const sigset_t *);
int epoll_pwait2(int, struct epoll_event *, int, const struct timespec *,
                 const sigset_t *);

__END_DECLS

#endif
