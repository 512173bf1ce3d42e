/*
 * utimes, lutimes, futimes, futimesat, utime: older ways to set a file's
 * times.  Errors: those of utimensat.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

static int set(int fd, const char *path, const struct timeval times[2],
               int flags)
{
    struct timespec fine[2];

    if (times == NULL)
        return utimensat(fd, path, NULL, flags);
    for (int i = 0; i < 2; i++) {
        if (times[i].tv_usec < 0 || times[i].tv_usec >= 1000000)
            return __cairn_fail(EINVAL);
        fine[i].tv_sec = times[i].tv_sec;
        fine[i].tv_nsec = times[i].tv_usec * 1000;
    }
    return utimensat(fd, path, fine, flags);
}

int utimes(const char *path, const struct timeval times[2])
{
    return set(AT_FDCWD, path, times, 0);
}

int lutimes(const char *path, const struct timeval times[2])
{
    return set(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

int futimes(int fd, const struct timeval times[2])
{
    return set(fd, NULL, times, 0);
}

int futimesat(int fd, const char *path, const struct timeval times[2])
{
    return set(fd, path, times, 0);
}

int utime(const char *path, const struct utimbuf *times)
{
    struct timespec fine[2] = {{0}};

    if (times == NULL)
        return utimensat(AT_FDCWD, path, NULL, 0);
    fine[0].tv_sec = times->actime;
    fine[1].tv_sec = times->modtime;
    return utimensat(AT_FDCWD, path, fine, 0);
}
