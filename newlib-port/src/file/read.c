/*
 * read: EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EIO, EISDIR.
 */
#include "../call.h"
#include <unistd.h>

ssize_t read(int fd, void *buffer, size_t nbytes)
{
    return RESULT(CANCEL(read, fd, buffer, nbytes));
}
