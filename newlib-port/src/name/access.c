/*
 * access: EACCES, EINVAL, ENOENT, ENOTDIR, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int access(const char *path, int mode)
{
    return (int)RESULT(CALL(access, path, mode));
}
