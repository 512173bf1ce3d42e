/*
 * chmod: EACCES, ENOENT, ENOTDIR, EPERM, EROFS.
 */
#include "../call.h"
#include <sys/stat.h>

int chmod(const char *path, mode_t mode)
{
    return (int)RESULT(CALL(chmod, path, mode));
}
