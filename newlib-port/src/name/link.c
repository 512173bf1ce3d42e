/*
 * link: EACCES, EEXIST, ELOOP, EMLINK, ENOENT, ENOSPC, ENOTDIR, EPERM, EROFS,
 * EXDEV.
 */
#include "../call.h"
#include <unistd.h>

int _link_r(struct _reent *reent, const char *old, const char *new)
{
    return (int)__cairn_result(reent, CALL(link, old, new));
}

WEAK int link(const char *old, const char *new)
{
    return _link_r(_REENT, old, new);
}
