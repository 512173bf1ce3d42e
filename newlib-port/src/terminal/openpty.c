/*
 * openpty, login_tty, forkpty: both sides of a pseudo terminal, and a child on
 * it.  Errors: those of posix_openpt, open, fork and setsid.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int openpty(int *master, int *slave, char *name,
            const struct termios *attributes, const struct winsize *size)
{
    char path[32];
    int fd = posix_openpt(O_RDWR | O_NOCTTY);

    if (fd < 0)
        return -1;
    if (grantpt(fd) < 0 || unlockpt(fd) < 0 ||
        ptsname_r(fd, path, sizeof(path)) != 0)
        goto err_master;
    *slave = open(path, O_RDWR | O_NOCTTY);
    if (*slave < 0)
        goto err_master;
    if (attributes != NULL)
        tcsetattr(*slave, TCSANOW, attributes);
    if (size != NULL)
        ioctl(*slave, TIOCSWINSZ, size);
    if (name != NULL)
        strcpy(name, path);
    *master = fd;
    return 0;

err_master:
    close(fd);
    return -1;
}

int login_tty(int fd)
{
    if (setsid() < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
        return -1;
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2)
        close(fd);
    return 0;
}

pid_t forkpty(int *master, char *name, const struct termios *attributes,
              const struct winsize *size)
{
    int slave;
    pid_t pid;

    if (openpty(master, &slave, name, attributes, size) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(*master);
        if (login_tty(slave) < 0)
            _exit(1);
        return 0;
    }
    close(slave);
    if (pid < 0)
        close(*master);
    return pid;
}
