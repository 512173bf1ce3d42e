/*
 * lchown: EACCES, ENOENT, ENOTDIR, EPERM, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int lchown(const char *path, uid_t owner, gid_t group)
{
    return (int)RESULT(CALL(lchown32, path, owner, group));
}
