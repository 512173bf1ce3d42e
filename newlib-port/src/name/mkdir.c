/*
 * mkdir: EACCES, EEXIST, ENOENT, ENOSPC, ENOTDIR, EROFS.
 */
#include "../call.h"
#include <sys/stat.h>

int _mkdir_r(struct _reent *reent, const char *path, int mode)
{
    return (int)__cairn_result(reent, CALL(mkdir, path, mode));
}

WEAK int mkdir(const char *path, mode_t mode)
{
    return _mkdir_r(_REENT, path, (int)mode);
}
