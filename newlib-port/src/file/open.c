/*
 * open: EACCES, EEXIST, EINTR, EINVAL, EISDIR, ELOOP, EMFILE, ENAMETOOLONG,
 * ENFILE, ENODEV, ENOENT, ENOMEM, ENOSPC, ENOTDIR, ENXIO, EROFS.
 *
 * O_LARGEFILE is always set, since offsets have 64 bits.
 */
#include "../call.h"
#include <fcntl.h>
#include <stdarg.h>

int _open_r(struct _reent *reent, const char *path, int flags, int mode)
{
    return (int)__cairn_result(reent,
                               CALL(open, path, flags | O_LARGEFILE, mode));
}

WEAK int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list args;

    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return (int)RESULT(CANCEL(open, path, flags | O_LARGEFILE, mode));
}

/* newlib's posix_spawn calls it so. */
int _open(const char *, int, ...) __attribute__((alias("open")));
