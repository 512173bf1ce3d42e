/*
 * fdclosedir: end the reading of a directory and keep its descriptor.
 */
#include "../call.h"
#include "dir.h"
#include <dirent.h>
#include <stdlib.h>

int fdclosedir(DIR *dir)
{
    int fd = dirfd(dir);

    free(dir);
    return fd;
}
