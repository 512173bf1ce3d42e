/*
 * execve: E2BIG, EACCES, EFAULT, ELOOP, ENAMETOOLONG, ENOENT, ENOEXEC, ENOMEM,
 * ENOTDIR, ETXTBSY.
 */
#include "../call.h"
#include <unistd.h>

int _execve_r(struct _reent *reent, const char *path, char *const argv[],
              char *const envp[])
{
    return (int)__cairn_result(reent, CALL(execve, path, argv, envp));
}

WEAK int execve(const char *path, char *const argv[], char *const envp[])
{
    return _execve_r(_REENT, path, argv, envp);
}

/* newlib's posix_spawn calls it so. */
int _execve(const char *, char *const[], char *const[])
    __attribute__((alias("execve"), nothrow));
