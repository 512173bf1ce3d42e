/*
 * fchownat: those of chown, and EBADF, EINVAL.
 */
#include "../call.h"
#include <unistd.h>

int fchownat(int fd, const char *path, uid_t owner, gid_t group, int flags)
{
    return (int)RESULT(CALL(fchownat, fd, path, owner, group, flags));
}
