/*
 * fchmod: EBADF, EPERM, EROFS.
 */
#include "../call.h"
#include <sys/stat.h>

int fchmod(int fd, mode_t mode)
{
    return (int)RESULT(CALL(fchmod, fd, mode));
}
