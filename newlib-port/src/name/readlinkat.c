/*
 * readlinkat: those of readlink, and EBADF.
 */
#include "../call.h"
#include <unistd.h>

ssize_t readlinkat(int fd, const char *restrict path, char *restrict buffer,
                   size_t nbytes)
{
    return RESULT(CALL(readlinkat, fd, path, buffer, nbytes));
}
