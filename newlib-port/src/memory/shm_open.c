/*
 * shm_open, shm_unlink: shared memory objects are files in /dev/shm.
 *
 * Errors: EINVAL for a name with a further slash, "." and ".."; those of open and unlink.
 */
#include "../call.h"
#include <cairn/limits.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FOLDER "/dev/shm/"

static int make_path(char *path, size_t nbytes, const char *name)
{
    while (*name == '/')
        name++;
    if (*name == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return __cairn_fail(EINVAL);
    if (strlen(name) > __CAIRN_NAME_MAX)
        return __cairn_fail(ENAMETOOLONG);
    snprintf(path, nbytes, FOLDER "%s", name);
    return 0;
}

int shm_open(const char *name, int flags, mode_t mode)
{
    char path[sizeof(FOLDER) + __CAIRN_NAME_MAX];

    if (make_path(path, sizeof(path), name) < 0)
        return -1;
    /* Not open(): a thread is not cancelled here. */
    flags |= O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_LARGEFILE;
    return (int)RESULT(CALL(open, path, flags, mode));
}

int shm_unlink(const char *name)
{
    char path[sizeof(FOLDER) + __CAIRN_NAME_MAX];

    if (make_path(path, sizeof(path), name) < 0)
        return -1;
    if (unlink(path) == 0)
        return 0;
    return __cairn_fail(errno == EPERM ? EACCES : errno); /* as POSIX has it */
}
