/*
 * mkfifo, mkfifoat: the errors of mknod.
 */
#include <sys/stat.h>

int mkfifo(const char *path, mode_t mode)
{
    return mknod(path, (mode & ~(mode_t)S_IFMT) | S_IFIFO, 0);
}

int mkfifoat(int fd, const char *path, mode_t mode)
{
    return mknodat(fd, path, (mode & ~(mode_t)S_IFMT) | S_IFIFO, 0);
}
