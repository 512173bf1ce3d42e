/*
 * tcgetattr, tcsetattr: the attributes of a terminal.
 *
 * Errors: EBADF, EINTR, EINVAL, ENOTTY.
 */
#include "../call.h"
#include <sys/ioctl.h>
#include <termios.h>

int tcgetattr(int fd, struct termios *attributes)
{
    return ioctl(fd, TCGETS, attributes);
}

int tcsetattr(int fd, int when, const struct termios *attributes)
{
    if (when < TCSANOW || when > TCSAFLUSH)
        return __cairn_fail(EINVAL);
    return ioctl(fd, TCSETS + (unsigned)when, attributes);
}
