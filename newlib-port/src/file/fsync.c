/*
 * fsync: EBADF, EINVAL, EIO.
 */
#include "../call.h"
#include <unistd.h>

int fsync(int fd)
{
    return (int)RESULT(CANCEL(fsync, fd));
}
