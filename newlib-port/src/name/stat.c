/*
 * stat: EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR.
 */
#include "../call.h"
#include "stat_convert.h"
#include <fcntl.h>

int _stat_r(struct _reent *reent, const char *path, struct stat *result)
{
    return (int)__cairn_result(reent, __cairn_stat(AT_FDCWD, path, 0, result));
}

WEAK int stat(const char *restrict path, struct stat *restrict result)
{
    return _stat_r(_REENT, path, result);
}
