/*
 * fexecve: by way of /proc/self/fd, as there is no call for it.
 *
 * Errors: those of execve; ENOSYS where /proc is not mounted.
 */
#include "../call.h"
#include <stdio.h>
#include <unistd.h>

int fexecve(int fd, char *const argv[], char *const envp[])
{
    char path[32];

    if (fd < 0)
        return __cairn_fail(EBADF);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    execve(path, argv, envp);
    if (errno == ENOENT)
        errno = access("/proc/self", F_OK) < 0 ? ENOSYS : EBADF;
    return -1;
}
