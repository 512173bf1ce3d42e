/*
 * fstat: EBADF.
 */
#include "../call.h"
#include "stat_convert.h"
#include <fcntl.h>

int _fstat_r(struct _reent *reent, int fd, struct stat *result)
{
    /* An empty path below AT_FDCWD would be the current folder. */
    if (fd < 0)
        return (int)__cairn_result(reent, -EBADF);
    return (int)__cairn_result(reent,
                               __cairn_stat(fd, "", AT_EMPTY_PATH, result));
}

WEAK int fstat(int fd, struct stat *result)
{
    return _fstat_r(_REENT, fd, result);
}
