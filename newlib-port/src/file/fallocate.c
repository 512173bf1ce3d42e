/*
 * fallocate: EBADF, EFBIG, EINVAL, ENOSPC, EOPNOTSUPP.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>

int fallocate(int fd, int mode, off_t offset, off_t nbytes)
{
    return (int)RESULT(CALL(fallocate, fd, mode, LOW(offset), HIGH(offset),
                            LOW(nbytes), HIGH(nbytes)));
}
