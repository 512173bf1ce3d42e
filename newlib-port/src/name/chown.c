/*
 * chown: EACCES, ENOENT, ENOTDIR, EPERM, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int chown(const char *path, uid_t owner, gid_t group)
{
    return (int)RESULT(CALL(chown32, path, owner, group));
}
