/*
 * linkat: those of link, and EBADF, EINVAL.
 */
#include "../call.h"
#include <unistd.h>

int linkat(int old_fd, const char *old, int new_fd, const char *new, int flags)
{
    return (int)RESULT(CALL(linkat, old_fd, old, new_fd, new, flags));
}
