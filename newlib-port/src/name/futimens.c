/*
 * futimens: EACCES, EBADF, EINVAL, EPERM, EROFS.
 */
#include "../call.h"
#include <sys/stat.h>

int futimens(int fd, const struct timespec times[2])
{
    return (int)RESULT(CALL(utimensat_time64, fd, NULL, times, 0));
}
