/*
 * posix_close: those of close, which never leaves a descriptor open; EINVAL for
 * flags.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int posix_close(int fd, int flags)
{
    if (flags != POSIX_CLOSE_RESTART)
        return __cairn_fail(EINVAL);
    return close(fd);
}
