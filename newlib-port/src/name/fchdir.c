/*
 * fchdir: EACCES, EBADF, ENOTDIR.
 */
#include "../call.h"
#include <unistd.h>

int fchdir(int fd)
{
    return (int)RESULT(CALL(fchdir, fd));
}
