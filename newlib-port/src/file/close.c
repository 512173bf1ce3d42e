/*
 * close: EBADF, EINTR, EIO.
 */
#include "../call.h"
#include <unistd.h>

int close(int fd)
{
    return (int)RESULT(CANCEL(close, fd));
}

/* newlib's posix_spawn calls it so. */
int _close(int) __attribute__((alias("close")));
