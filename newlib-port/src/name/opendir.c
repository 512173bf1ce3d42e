/*
 * opendir, fdopendir, closedir, dirfd.
 *
 * Errors: those of open; EBADF, ENOMEM, ENOTDIR.
 */
#include "../call.h"
#include "dir.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Around a descriptor that is known to be a folder's. */
static DIR *wrap(int fd)
{
    DIR *dir = malloc(sizeof(*dir));

    if (dir == NULL)
        return NULL;
    dir->fd = fd;
    dir->next = 0;
    dir->filled = 0;
    dir->position = 0;
    return dir;
}

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir;

    if (fd < 0)
        return NULL;
    dir = wrap(fd);
    if (dir == NULL)
        close(fd);
    return dir;
}

DIR *fdopendir(int fd)
{
    struct stat attributes;
    DIR *dir;

    if (fstat(fd, &attributes) < 0)
        return NULL;
    if (!S_ISDIR(attributes.st_mode)) {
        errno = ENOTDIR;
        return NULL;
    }
    dir = wrap(fd);
    if (dir != NULL)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return dir;
}

int closedir(DIR *dir)
{
    int fd = dir->fd;

    free(dir);
    return close(fd);
}

int dirfd(DIR *dir)
{
    return dir->fd;
}
