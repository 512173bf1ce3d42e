/*
 * isatty: whether a file is a terminal: whether it has terminal attributes.
 *
 * Errors: EBADF, ENOTTY.
 */
#include "../call.h"
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

int _isatty_r(struct _reent *reent, int fd)
{
    struct termios attributes;
    long error = CALL(ioctl, fd, TCGETS, &attributes);

    /* Devices that know no such request say so in several ways. */
    if (error < 0 && error != -EBADF)
        error = -ENOTTY;
    return __cairn_result(reent, error) == 0;
}

WEAK int isatty(int fd)
{
    return _isatty_r(_REENT, fd);
}
