/*
 * execv: execve with the environment of this process.
 */
#include <unistd.h>

int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}
