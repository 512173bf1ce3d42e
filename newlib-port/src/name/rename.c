/*
 * rename: EACCES, EBUSY, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY,
 * EROFS, EXDEV.
 */
#include "../call.h"
#include <stdio.h>

int _rename_r(struct _reent *reent, const char *old, const char *new)
{
    return (int)__cairn_result(reent, CALL(rename, old, new));
}

int rename(const char *old, const char *new)
{
    return _rename_r(_REENT, old, new);
}
