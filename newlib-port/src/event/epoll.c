/*
 * epoll_create, epoll_ctl, epoll_wait and their later forms: EBADF, EEXIST,
 * EFAULT, EINTR, EINVAL, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, EPERM.
 */
#include "../call.h"
#include <cairn/signal.h>
#include <sys/epoll.h>

_Static_assert(sizeof(struct epoll_event) == sizeof(struct __cairn_epoll_event),
               "what the kernel writes");

int epoll_create(int size)
{
    return (int)RESULT(CALL(epoll_create, size));
}

int epoll_create1(int flags)
{
    return (int)RESULT(CALL(epoll_create1, flags));
}

int epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
{
    return (int)RESULT(CALL(epoll_ctl, epfd, operation, fd, event));
}

int epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
    return (int)RESULT(CALL(epoll_wait, epfd, events, max, timeout));
}

int epoll_pwait(int epfd, struct epoll_event *events, int max, int timeout,
                const sigset_t *mask)
{
    return (int)RESULT(CALL(epoll_pwait, epfd, events, max, timeout, mask,
                            __CAIRN_SIGSET_BYTES));
}

int epoll_pwait2(int epfd, struct epoll_event *events, int max,
                 const struct timespec *timeout, const sigset_t *mask)
{
    return (int)RESULT(CALL(epoll_pwait2, epfd, events, max, timeout, mask,
                            __CAIRN_SIGSET_BYTES));
}
