/*
 * utimensat: EACCES, EBADF, EINVAL, ENOENT, EPERM, EROFS.
 */
#include "../call.h"
#include <sys/stat.h>

int utimensat(int fd, const char *path, const struct timespec times[2],
              int flags)
{
    return (int)RESULT(CALL(utimensat_time64, fd, path, times, flags));
}
