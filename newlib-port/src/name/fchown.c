/*
 * fchown: EBADF, EPERM, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int fchown(int fd, uid_t owner, gid_t group)
{
    return (int)RESULT(CALL(fchown32, fd, owner, group));
}
