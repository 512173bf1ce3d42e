/*
 * openat: the errors of open, and EBADF.
 */
#include "../call.h"
#include <fcntl.h>
#include <stdarg.h>

int openat(int fd, const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return (int)RESULT(CANCEL(openat, fd, path, flags | O_LARGEFILE, mode));
}
