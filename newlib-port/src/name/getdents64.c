/*
 * getdents64: EBADF, EINVAL, ENOTDIR.
 */
#include "../call.h"
#include <dirent.h>

ssize_t getdents64(int fd, void *buffer, size_t nbytes)
{
    return RESULT(CALL(getdents64, fd, buffer, nbytes));
}
