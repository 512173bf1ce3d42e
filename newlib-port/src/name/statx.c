/*
 * statx: those of stat, and EBADF, EINVAL.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <sys/stat.h>

int statx(int fd, const char *restrict path, int flags, unsigned mask,
          struct statx *restrict result)
{
    return (int)RESULT(CALL(statx, fd, path, flags, mask, result));
}
