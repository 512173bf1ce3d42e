/*
 * close: EBADF, EINTR, EIO.
 */
#include "../call.h"
#include <unistd.h>

int _close_r(struct _reent *reent, int fd)
{
    return (int)__cairn_result(reent, CALL(close, fd));
}

WEAK int close(int fd)
{
    return _close_r(_REENT, fd);
}

/* newlib's posix_spawn calls it so. */
int _close(int) __attribute__((alias("close")));
