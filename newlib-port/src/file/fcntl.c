/*
 * fcntl: EACCES, EAGAIN, EBADF, EDEADLK, EFAULT, EINTR, EINVAL, EMFILE, ENOLCK.
 */
#include "../call.h"
#include <fcntl.h>
#include <stdarg.h>

_Static_assert(sizeof(struct flock) == sizeof(struct __cairn_flock64),
               "struct flock is the kernel's");

int _fcntl_r(struct _reent *reent, int fd, int command, int argument)
{
    return (int)__cairn_result(reent, CALL(fcntl64, fd, command, argument));
}

WEAK int fcntl(int fd, int command, ...)
{
    va_list args;
    int argument;

    /* Each command takes an int, a pointer or nothing: one word at most. */
    va_start(args, command);
    argument = va_arg(args, int);
    va_end(args);
    if (command == F_SETLKW)
        return (int)RESULT(CANCEL(fcntl64, fd, command, argument));
    return _fcntl_r(_REENT, fd, command, argument);
}

/* newlib's posix_spawn calls it so. */
int _fcntl(int, int, ...) __attribute__((alias("fcntl")));
