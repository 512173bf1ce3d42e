/*
 * mkdirat: those of mkdir, and EBADF.
 */
#include "../call.h"
#include <sys/stat.h>

int mkdirat(int fd, const char *path, mode_t mode)
{
    return (int)RESULT(CALL(mkdirat, fd, path, mode));
}
