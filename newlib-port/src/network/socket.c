/*
 * Sockets. Each of these is the call of its name; the older forms are those
 * with fewer arguments. Errors: ENOSYS, as long as the kernel has no sockets.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#define SIOCATMARK 0x8905

int accept(int fd, struct sockaddr *restrict address,
           socklen_t *restrict length)
{
    return (int)RESULT(CALL(accept4, fd, address, length, 0));
}

int accept4(int fd, struct sockaddr *restrict address,
            socklen_t *restrict length, int flags)
{
    return (int)RESULT(CALL(accept4, fd, address, length, flags));
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
    return (int)RESULT(CALL(bind, fd, address, length));
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    return (int)RESULT(CALL(connect, fd, address, length));
}

int getpeername(int fd, struct sockaddr *restrict address,
                socklen_t *restrict length)
{
    return (int)RESULT(CALL(getpeername, fd, address, length));
}

int getsockname(int fd, struct sockaddr *restrict address,
                socklen_t *restrict length)
{
    return (int)RESULT(CALL(getsockname, fd, address, length));
}

int listen(int fd, int backlog)
{
    return (int)RESULT(CALL(listen, fd, backlog));
}

ssize_t recv(int fd, void *buffer, size_t nbytes, int flags)
{
    return RESULT(CALL(recvfrom, fd, buffer, nbytes, flags, 0, 0));
}

ssize_t recvfrom(int fd, void *restrict buffer, size_t nbytes, int flags,
                 struct sockaddr *restrict address, socklen_t *restrict length)
{
    return RESULT(CALL(recvfrom, fd, buffer, nbytes, flags, address, length));
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    return RESULT(CALL(recvmsg, fd, message, flags));
}

ssize_t send(int fd, const void *data, size_t nbytes, int flags)
{
    return RESULT(CALL(sendto, fd, data, nbytes, flags, 0, 0));
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    return RESULT(CALL(sendmsg, fd, message, flags));
}

ssize_t sendto(int fd, const void *data, size_t nbytes, int flags,
               const struct sockaddr *address, socklen_t length)
{
    return RESULT(CALL(sendto, fd, data, nbytes, flags, address, length));
}

/*
 * Linux takes a time limit as two numbers of 64 bits; a struct timeval here is
 * shorter.
 */
static int is_time_limit(int level, int name, socklen_t length)
{
    return level == SOL_SOCKET &&
           (name == SO_RCVTIMEO || name == SO_SNDTIMEO) &&
           length >= sizeof(struct timeval);
}

int getsockopt(int fd, int level, int name, void *restrict value,
               socklen_t *restrict length)
{
    long long limit[2];
    socklen_t size = sizeof(limit);
    struct timeval *time = value;

    if (length == NULL || value == NULL || !is_time_limit(level, name, *length))
        return (int)RESULT(CALL(getsockopt, fd, level, name, value, length));
    if (RESULT(CALL(getsockopt, fd, level, name, limit, &size)) < 0)
        return -1;
    time->tv_sec = limit[0];
    time->tv_usec = (suseconds_t)limit[1];
    *length = sizeof(*time);
    return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    const struct timeval *time = value;

    if (value != NULL && is_time_limit(level, name, length)) {
        long long limit[2] = {time->tv_sec, time->tv_usec};

        return (int)RESULT(
            CALL(setsockopt, fd, level, name, limit, sizeof(limit)));
    }
    return (int)RESULT(CALL(setsockopt, fd, level, name, value, length));
}

int shutdown(int fd, int how)
{
    return (int)RESULT(CALL(shutdown, fd, how));
}

int sockatmark(int fd)
{
    int result;

    return ioctl(fd, SIOCATMARK, &result) < 0 ? -1 : result;
}

int socket(int family, int type, int protocol)
{
    return (int)RESULT(CALL(socket, family, type, protocol));
}

int socketpair(int family, int type, int protocol, int pair[2])
{
    return (int)RESULT(CALL(socketpair, family, type, protocol, pair));
}
