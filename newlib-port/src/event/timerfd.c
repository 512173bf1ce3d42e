/*
 * timerfd_create, timerfd_settime, timerfd_gettime: EBADF, EFAULT, EINVAL,
 * EMFILE, ENFILE, ENOMEM.
 */
#include "../call.h"
#include <sys/timerfd.h>

int timerfd_create(int clock, int flags)
{
    return (int)RESULT(CALL(timerfd_create, clock, flags));
}

int timerfd_settime(int fd, int flags, const struct itimerspec *value,
                    struct itimerspec *old)
{
    return (int)RESULT(CALL(timerfd_settime64, fd, flags, value, old));
}

int timerfd_gettime(int fd, struct itimerspec *value)
{
    return (int)RESULT(CALL(timerfd_gettime64, fd, value));
}
