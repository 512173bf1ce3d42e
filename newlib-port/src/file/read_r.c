/*
 * read: EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EIO, EISDIR.
 */
#include "../call.h"
#include <unistd.h>

_ssize_t _read_r(struct _reent *reent, int fd, void *buffer, size_t nbytes)
{
    return __cairn_result(reent, CALL(read, fd, buffer, nbytes));
}
