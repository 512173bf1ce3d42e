/*
 * unlink: EACCES, EBUSY, EISDIR, ENOENT, ENOTDIR, EPERM, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int _unlink_r(struct _reent *reent, const char *path)
{
    return (int)__cairn_result(reent, CALL(unlink, path));
}

WEAK int unlink(const char *path)
{
    return _unlink_r(_REENT, path);
}
