/*
 * unlinkat: those of unlink and rmdir, and EBADF, EINVAL.
 */
#include "../call.h"
#include <unistd.h>

int unlinkat(int fd, const char *path, int flags)
{
    return (int)RESULT(CALL(unlinkat, fd, path, flags));
}
