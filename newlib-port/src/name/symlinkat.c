/*
 * symlinkat: those of symlink, and EBADF.
 */
#include "../call.h"
#include <unistd.h>

int symlinkat(const char *target, int fd, const char *path)
{
    return (int)RESULT(CALL(symlinkat, target, fd, path));
}
