/*
 * fstatat: the errors of stat, and EBADF, EINVAL.
 */
#include "../call.h"
#include "stat_convert.h"

int fstatat(int fd, const char *restrict path, struct stat *restrict result,
            int flags)
{
    return (int)RESULT(__cairn_stat(fd, path, flags, result));
}
