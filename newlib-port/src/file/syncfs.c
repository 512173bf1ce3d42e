/*
 * syncfs: EBADF, EIO.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int syncfs(int fd)
{
    return (int)RESULT(CALL(syncfs, fd));
}
