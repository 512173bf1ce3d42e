/*
 * flock: EBADF, EINTR, EINVAL, ENOLCK, EWOULDBLOCK.
 */
#include "../call.h"
#include <sys/file.h>

int flock(int fd, int operation)
{
    return (int)RESULT(CALL(flock, fd, operation));
}
