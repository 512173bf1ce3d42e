/*
 * getcwd, getwd, get_current_dir_name: the path of the current folder.
 *
 * Without a buffer, one is allocated, as long as needed when nbytes is 0.
 * Errors: EINVAL, ENOENT, ENOMEM, ERANGE.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <cairn/limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Into a buffer of the caller's. */
static char *get_into(char *buffer, size_t nbytes)
{
    if (RESULT(CALL(getcwd, buffer, nbytes)) < 0)
        return NULL;
    /* Linux says "(unreachable)" for a folder outside the root. */
    if (buffer[0] != '/') {
        errno = ENOENT;
        return NULL;
    }
    return buffer;
}

char *getcwd(char *buffer, size_t nbytes)
{
    char path[__CAIRN_PATH_MAX];

    if (buffer != NULL && nbytes == 0) {
        errno = EINVAL;
        return NULL;
    }
    if (buffer != NULL)
        return get_into(buffer, nbytes);
    if (get_into(path, sizeof(path)) == NULL)
        return NULL;
    if (nbytes == 0)
        return strdup(path);
    if (strlen(path) >= nbytes) {
        errno = ERANGE;
        return NULL;
    }
    buffer = malloc(nbytes);
    return buffer != NULL ? strcpy(buffer, path) : NULL;
}

char *getwd(char *buffer)
{
    if (buffer == NULL) {
        errno = EINVAL;
        return NULL;
    }
    return getcwd(buffer, __CAIRN_PATH_MAX);
}

char *get_current_dir_name(void)
{
    return getcwd(NULL, 0);
}
