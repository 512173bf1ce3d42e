/*
 * faccessat, eaccess, euidaccess: may the process use a file?
 *
 * The call without flags is older than the one with.  Errors: those of access,
 * and EBADF, EINVAL.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>
#include <unistd.h>

int faccessat(int fd, const char *path, int mode, int flags)
{
    if (flags == 0)
        return (int)RESULT(CALL(faccessat, fd, path, mode));
    return (int)RESULT(CALL(faccessat2, fd, path, mode, flags));
}

int eaccess(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

int euidaccess(const char *path, int mode)
{
    return eaccess(path, mode);
}
