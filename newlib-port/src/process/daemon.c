/*
 * daemon: go on in the background, in a session of its own.
 *
 * Errors: those of chdir, open, fork and setsid.  What can fail comes first, so
 * that the caller is still in the foreground when it is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Make `fd` the three standard files and close it. */
static void become_standard(int fd)
{
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2)
        close(fd);
}

int daemon(int keep_directory, int keep_files)
{
    int fd = -1;
    pid_t pid;

    if (!keep_directory && chdir("/") < 0)
        return -1;
    if (!keep_files && (fd = open("/dev/null", O_RDWR)) < 0)
        return -1;
    pid = fork();
    if (pid < 0) {
        int error = errno;

        if (fd >= 0)
            close(fd);
        errno = error;
        return -1;
    }
    if (pid > 0)
        _exit(0);
    if (setsid() < 0)
        return -1;
    if (fd >= 0)
        become_standard(fd);
    return 0;
}
