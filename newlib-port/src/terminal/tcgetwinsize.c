/*
 * tcgetwinsize, tcsetwinsize: EBADF, ENOTTY.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <sys/ioctl.h>
#include <termios.h>

int tcgetwinsize(int fd, struct winsize *size)
{
    return ioctl(fd, TIOCGWINSZ, size);
}

int tcsetwinsize(int fd, const struct winsize *size)
{
    return ioctl(fd, TIOCSWINSZ, size);
}
