/*
 * The files of named semaphores: in /dev/shm, as those of shared memory.
 */
#include "../shim/musl.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

char *__shm_mapname(const char *name, char *path);

char *__shm_mapname(const char *name, char *path)
{
    size_t n;

    while (*name == '/')
        name++;
    n = strlen(name);
    if (n == 0 || strchr(name, '/') != NULL ||
        (*name == '.' && (n == 1 || (n == 2 && name[1] == '.')))) {
        errno = EINVAL;
        return NULL;
    }
    if (n > NAME_MAX) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    sprintf(path, "/dev/shm/%s", name);
    return path;
}
