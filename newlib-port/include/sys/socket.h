/*
 * Sockets, with Linux's values.
 *
 * Cairn has no network and no local sockets: each of these fails with ENOSYS.
 * They are declared because most portable programs want the names, whatever
 * they then do; on a Linux host the same program gets that kernel's answer.
 */
#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifndef _SOCKLEN_T_DECLARED
typedef unsigned socklen_t;
#    define _SOCKLEN_T_DECLARED
#endif

#ifndef _SA_FAMILY_T_DECLARED
typedef unsigned short sa_family_t;
#    define _SA_FAMILY_T_DECLARED
#endif

struct sockaddr {
    sa_family_t sa_family;
    char sa_data[14];
};

/* Big enough for, and aligned as, the address of any family. */
struct sockaddr_storage {
    sa_family_t ss_family;
    char __ss_padding[122];
    unsigned long __ss_align;
};

struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov;
    int msg_iovlen;
    void *msg_control;
    socklen_t msg_controllen;
    int msg_flags;
};

struct cmsghdr {
    socklen_t cmsg_len;
    int cmsg_level;
    int cmsg_type;
};

#define __CMSG_ALIGN(n) \
    (((size_t)(n) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_ALIGN(n)     __CMSG_ALIGN(n)
#define CMSG_DATA(header) ((unsigned char *)((struct cmsghdr *)(header) + 1))
#define CMSG_SPACE(n)     (__CMSG_ALIGN(n) + __CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_LEN(n)       (__CMSG_ALIGN(sizeof(struct cmsghdr)) + (n))
#define CMSG_FIRSTHDR(message)                           \
    ((message)->msg_controllen >= sizeof(struct cmsghdr) \
         ? (struct cmsghdr *)(message)->msg_control      \
         : (struct cmsghdr *)0)
#define CMSG_NXTHDR(message, header) __cmsg_next(message, header)

struct linger {
    int l_onoff;
    int l_linger;
};

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_RDM       4
#define SOCK_SEQPACKET 5
#define SOCK_NONBLOCK  04000
#define SOCK_CLOEXEC   02000000

#define PF_UNSPEC 0
#define PF_UNIX   1
#define PF_LOCAL  1
#define PF_INET   2
#define PF_INET6  10
#define AF_UNSPEC PF_UNSPEC
#define AF_UNIX   PF_UNIX
#define AF_LOCAL  PF_LOCAL
#define AF_INET   PF_INET
#define AF_INET6  PF_INET6

#define SOL_SOCKET    1
#define SO_DEBUG      1
#define SO_REUSEADDR  2
#define SO_TYPE       3
#define SO_ERROR      4
#define SO_DONTROUTE  5
#define SO_BROADCAST  6
#define SO_SNDBUF     7
#define SO_RCVBUF     8
#define SO_KEEPALIVE  9
#define SO_OOBINLINE  10
#define SO_LINGER     13
#define SO_REUSEPORT  15
#define SO_RCVLOWAT   18
#define SO_SNDLOWAT   19
#define SO_RCVTIMEO   66
#define SO_SNDTIMEO   67
#define SO_ACCEPTCONN 30
#define SCM_RIGHTS    1
#define SOMAXCONN     4096

#define MSG_OOB       0x1
#define MSG_PEEK      0x2
#define MSG_DONTROUTE 0x4
#define MSG_CTRUNC    0x8
#define MSG_TRUNC     0x20
#define MSG_DONTWAIT  0x40
#define MSG_EOR       0x80
#define MSG_WAITALL   0x100
#define MSG_NOSIGNAL  0x4000

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

__BEGIN_DECLS

int accept(int, struct sockaddr *__restrict, socklen_t *__restrict);
int bind(int, const struct sockaddr *, socklen_t);
int connect(int, const struct sockaddr *, socklen_t);
int getpeername(int, struct sockaddr *__restrict, socklen_t *__restrict);
int getsockname(int, struct sockaddr *__restrict, socklen_t *__restrict);
int getsockopt(int, int, int, void *__restrict, socklen_t *__restrict);
int listen(int, int);
ssize_t recv(int, void *, size_t, int);
ssize_t recvfrom(int, void *__restrict, size_t, int,
                 struct sockaddr *__restrict, socklen_t *__restrict);
ssize_t recvmsg(int, struct msghdr *, int);
ssize_t send(int, const void *, size_t, int);
ssize_t sendmsg(int, const struct msghdr *, int);
ssize_t sendto(int, const void *, size_t, int, const struct sockaddr *,
               socklen_t);
int setsockopt(int, int, int, const void *, socklen_t);
int shutdown(int, int);
int sockatmark(int);
int socket(int, int, int);
int socketpair(int, int, int, int[2]);
#if __GNU_VISIBLE || __POSIX_VISIBLE >= 202405
int accept4(int, struct sockaddr *__restrict, socklen_t *__restrict, int);
#endif

struct cmsghdr *__cmsg_next(struct msghdr *, struct cmsghdr *);

__END_DECLS

#endif
