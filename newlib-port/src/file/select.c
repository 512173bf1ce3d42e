/*
 * select, pselect: EBADF, EINTR, EINVAL, ENOMEM.
 *
 * The kernel's call takes a sixth argument that points at the mask and its
 * size, and writes back the time left, which select hands on as Linux does.
 */
#include "../call.h"
#include <sys/select.h>

struct mask_and_size {
    const sigset_t *mask;
    size_t nbytes;
};

static int call(int count, fd_set *reads, fd_set *writes, fd_set *excepts,
                struct timespec *timeout, const sigset_t *mask)
{
    struct mask_and_size sixth = {mask, sizeof(*mask)};

    return (int)RESULT(CANCEL(pselect6_time64, count, reads, writes, excepts,
                              timeout, &sixth));
}

int select(int count, fd_set *restrict reads, fd_set *restrict writes,
           fd_set *restrict excepts, struct timeval *restrict timeout)
{
    struct timespec left;
    int result;

    if (timeout == NULL)
        return call(count, reads, writes, excepts, NULL, NULL);
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
        return __cairn_fail(EINVAL);
    left.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
    left.tv_nsec = timeout->tv_usec % 1000000 * 1000;
    result = call(count, reads, writes, excepts, &left, NULL);
    timeout->tv_sec = left.tv_sec;
    timeout->tv_usec = left.tv_nsec / 1000;
    return result;
}

int pselect(int count, fd_set *restrict reads, fd_set *restrict writes,
            fd_set *restrict excepts, const struct timespec *restrict timeout,
            const sigset_t *restrict mask)
{
    struct timespec copy;

    if (timeout != NULL)
        copy = *timeout;
    return call(count, reads, writes, excepts, timeout != NULL ? &copy : NULL,
                mask);
}
