/*
 * rmdir: EACCES, EBUSY, EINVAL, ENOENT, ENOTDIR, ENOTEMPTY, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int rmdir(const char *path)
{
    return (int)RESULT(CALL(rmdir, path));
}
