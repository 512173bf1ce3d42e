/*
 * daemon: go on in the background, in a session of its own.
 *
 * Errors: those of fork, setsid and open.
 */
#include <fcntl.h>
#include <unistd.h>

int daemon(int keep_directory, int keep_files)
{
    pid_t pid = fork();
    int fd;

    if (pid < 0)
        return -1;
    if (pid > 0)
        _exit(0);
    if (setsid() < 0)
        return -1;
    if (!keep_directory && chdir("/") < 0)
        return -1;
    if (keep_files)
        return 0;
    fd = open("/dev/null", O_RDWR);
    if (fd < 0)
        return -1;
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    if (fd > 2)
        close(fd);
    return 0;
}
