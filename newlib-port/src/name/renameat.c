/*
 * renameat: those of rename, and EBADF.
 */
#include "../call.h"
#include <stdio.h>

int renameat(int old_fd, const char *old, int new_fd, const char *new)
{
    return (int)RESULT(CALL(renameat, old_fd, old, new_fd, new));
}
