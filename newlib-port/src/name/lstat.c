/*
 * lstat: as stat, and a symbolic link is not followed.
 */
#include "../call.h"
#include "stat_convert.h"
#include <fcntl.h>

int lstat(const char *restrict path, struct stat *restrict result)
{
    return (int)RESULT(
        __cairn_stat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, result));
}
