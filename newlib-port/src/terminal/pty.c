/*
 * posix_openpt, grantpt, unlockpt, ptsname, ptsname_r: the master's side of a
 * pseudo terminal.  The kernel gives the slave its owner and mode.
 *
 * Errors: those of open; EBADF, ENOTTY, ERANGE; EINVAL (grantpt).
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

int posix_openpt(int flags)
{
    return open("/dev/ptmx", flags);
}

int grantpt(int fd)
{
    unsigned number;

    if (ioctl(fd, TIOCGPTN, &number) == 0)
        return 0;
    return errno == ENOTTY ? __cairn_fail(EINVAL) : -1;
}

int unlockpt(int fd)
{
    int lock = 0;

    return ioctl(fd, TIOCSPTLCK, &lock);
}

int ptsname_r(int fd, char *buffer, size_t nbytes)
{
    char path[32];
    unsigned number;

    if (ioctl(fd, TIOCGPTN, &number) < 0)
        return errno;
    snprintf(path, sizeof(path), "/dev/pts/%u", number);
    if (strlen(path) >= nbytes)
        return errno = ERANGE;
    strcpy(buffer, path);
    return 0;
}

char *ptsname(int fd)
{
    static char path[32];

    return ptsname_r(fd, path, sizeof(path)) == 0 ? path : NULL;
}
