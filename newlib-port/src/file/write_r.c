/*
 * write: EAGAIN, EBADF, EFAULT, EFBIG, EINTR, EINVAL, EIO, ENOSPC, EPIPE,
 * EROFS.
 */
#include "../call.h"
#include <unistd.h>

_ssize_t _write_r(struct _reent *reent, int fd, const void *buffer,
                  size_t nbytes)
{
    return __cairn_result(reent, CALL(write, fd, buffer, nbytes));
}
