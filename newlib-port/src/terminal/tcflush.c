/*
 * tcflush, tcflow, tcdrain, tcsendbreak: the two queues of a terminal.
 *
 * Errors: EBADF, EINTR, EINVAL, ENOTTY.
 */
#include "../call.h"
#include <sys/ioctl.h>
#include <termios.h>

int tcflush(int fd, int queue)
{
    return ioctl(fd, TCFLSH, queue);
}

int tcflow(int fd, int action)
{
    return ioctl(fd, TCXONC, action);
}

int tcdrain(int fd)
{
    return (int)RESULT(CANCEL(ioctl, fd, TCSBRK, 1));
}

int tcsendbreak(int fd, int duration)
{
    (void)duration;
    return ioctl(fd, TCSBRK, 0);
}
