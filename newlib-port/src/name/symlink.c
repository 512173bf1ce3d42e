/*
 * symlink: EACCES, EEXIST, ENOENT, ENOSPC, ENOTDIR, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int symlink(const char *target, const char *path)
{
    return (int)RESULT(CALL(symlink, target, path));
}
