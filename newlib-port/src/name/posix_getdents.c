/*
 * posix_getdents: those of getdents64; EOPNOTSUPP for flags.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <dirent.h>

ssize_t posix_getdents(int fd, void *buffer, size_t nbytes, int flags)
{
    if (flags != 0)
        return __cairn_fail(EOPNOTSUPP);
    return getdents64(fd, buffer, nbytes);
}
