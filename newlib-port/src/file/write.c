/*
 * write: EAGAIN, EBADF, EFAULT, EFBIG, EINTR, EINVAL, EIO, ENOSPC, EPIPE,
 * EROFS.
 */
#include "../call.h"
#include <unistd.h>

ssize_t write(int fd, const void *buffer, size_t nbytes)
{
    return RESULT(CANCEL(write, fd, buffer, nbytes));
}
