/*
 * readlink: EACCES, EINVAL, ENOENT, ENOTDIR.
 */
#include "../call.h"
#include <unistd.h>

ssize_t readlink(const char *restrict path, char *restrict buffer,
                 size_t nbytes)
{
    return RESULT(CALL(readlink, path, buffer, nbytes));
}
