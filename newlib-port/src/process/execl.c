/*
 * execl, execle, execlp: execve with the arguments listed.
 *
 * Errors: those of execve, and of execvp for execlp.
 */
#include <stdarg.h>
#include <unistd.h>

static size_t count(const char *first, va_list list)
{
    va_list args;
    size_t n = 0;

    va_copy(args, list);
    for (const char *arg = first; arg != NULL; arg = va_arg(args, const char *))
        n++;
    va_end(args);
    return n;
}

/* Fill argv with n strings and the null; leaves list behind the null. */
static void collect(char **argv, size_t n, const char *first, va_list *list)
{
    const char *arg = first;

    for (size_t i = 0; i < n; i++) {
        argv[i] = (char *)arg;
        arg = va_arg(*list, const char *);
    }
    argv[n] = NULL;
}

int execl(const char *path, const char *arg, ...)
{
    va_list list;
    size_t n;

    va_start(list, arg);
    n = count(arg, list);
    {
        char *argv[n + 1];

        collect(argv, n, arg, &list);
        va_end(list);
        return execve(path, argv, environ);
    }
}

int execle(const char *path, const char *arg, ...)
{
    va_list list;
    size_t n;

    va_start(list, arg);
    n = count(arg, list);
    {
        char *argv[n + 1];
        char *const *envp;

        collect(argv, n, arg, &list);
        envp = va_arg(list, char *const *);
        va_end(list);
        return execve(path, argv, envp);
    }
}

int execlp(const char *file, const char *arg, ...)
{
    va_list list;
    size_t n;

    va_start(list, arg);
    n = count(arg, list);
    {
        char *argv[n + 1];

        collect(argv, n, arg, &list);
        va_end(list);
        return execvp(file, argv);
    }
}
