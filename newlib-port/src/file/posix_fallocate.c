/*
 * posix_fallocate: returns the error number: EBADF, EFBIG, EINVAL, ENODEV,
 * ENOSPC, ENOSYS.
 */
#include "../call.h"
#include <fcntl.h>

int posix_fallocate(int fd, off_t offset, off_t nbytes)
{
    if (nbytes <= 0 || offset < 0)
        return EINVAL;
    return (int)-CALL(fallocate, fd, 0, LOW(offset), HIGH(offset), LOW(nbytes),
                      HIGH(nbytes));
}
