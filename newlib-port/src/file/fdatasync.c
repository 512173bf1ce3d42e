/*
 * fdatasync: EBADF, EINVAL, EIO.
 */
#include "../call.h"
#include <unistd.h>

int fdatasync(int fd)
{
    return (int)RESULT(CANCEL(fdatasync, fd));
}
