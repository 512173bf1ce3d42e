/*
 * execvp, execvpe: look for a program in PATH.
 *
 * A name with a slash is taken as it is.  A file that the kernel cannot execute
 * is given to the shell, as POSIX demands.  Errors: those of execve; EACCES if
 * a file was found but none could be run.
 */
#include "../call.h"
#include <cairn/limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/bin:/usr/bin"

static void run_by_shell(const char *path, char *const argv[],
                         char *const envp[])
{
    size_t argc = 0;

    while (argv[argc] != NULL)
        argc++;
    {
        char *shell_argv[argc + 3]; /* "sh", path, null at the least */

        shell_argv[0] = (char *)"sh";
        shell_argv[1] = (char *)path;
        for (size_t i = 1; i <= argc; i++)
            shell_argv[i + 1] = argv[i];
        if (argc == 0)
            shell_argv[2] = NULL;
        execve("/bin/sh", shell_argv, envp);
    }
}

static void try_path(const char *path, char *const argv[], char *const envp[])
{
    execve(path, argv, envp);
    if (errno == ENOEXEC)
        run_by_shell(path, argv, envp);
}

/* Whether the search goes on after this error. */
static int is_soft_error(int number)
{
    return number == ENOENT || number == ENOTDIR || number == EACCES ||
           number == ENAMETOOLONG || number == ELOOP;
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
    const char *path = getenv("PATH");
    size_t file_length = strlen(file);
    char buffer[__CAIRN_PATH_MAX];
    int was_denied = 0;

    if (*file == '\0')
        return __cairn_fail(ENOENT);
    if (strchr(file, '/') != NULL) {
        try_path(file, argv, envp);
        return -1;
    }
    if (path == NULL)
        path = DEFAULT_PATH;
    for (;;) {
        size_t length = strcspn(path, ":");

        if (length < sizeof(buffer) - 1 &&
            file_length < sizeof(buffer) - 1 - length) {
            memcpy(buffer, path, length);
            if (length > 0)
                buffer[length++] = '/';
            memcpy(buffer + length, file, file_length + 1);
            try_path(buffer, argv, envp);
            if (!is_soft_error(errno))
                return -1;
            was_denied |= errno == EACCES;
        }
        path += strcspn(path, ":");
        if (*path == '\0')
            break;
        path++;
    }
    return __cairn_fail(was_denied ? EACCES : ENOENT);
}

int execvp(const char *file, char *const argv[])
{
    return execvpe(file, argv, environ);
}
