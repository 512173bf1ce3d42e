/*
 * __sflags: what the mode of fopen, fdopen and freopen means.
 *
 *     r, w, a, then in any order + (update), b, t (nothing), x (must be new),
 *     e (close on exec); from a comma on it is ignored
 *
 * Return the flags of the stream and, in *open_flags, those of open(); 0 with
 * EINVAL for any other first letter.
 */
#include "../call.h"

#include <fcntl.h>
#include <stdio.h>

int __sflags(struct _reent *reent, const char *mode, int *open_flags);

int __sflags(struct _reent *reent, const char *mode, int *open_flags)
{
    int flags, access, more;

    switch (*mode++) {
    case 'r':
        flags = __SRD;
        access = O_RDONLY;
        more = 0;
        break;
    case 'w':
        flags = __SWR;
        access = O_WRONLY;
        more = O_CREAT | O_TRUNC;
        break;
    case 'a':
        flags = __SWR | __SAPP;
        access = O_WRONLY;
        more = O_CREAT | O_APPEND;
        break;
    default:
        reent->_errno = EINVAL;
        return 0;
    }
    for (; *mode != '\0' && *mode != ','; mode++) {
        if (*mode == '+') {
            flags = (flags & ~(__SRD | __SWR)) | __SRW;
            access = O_RDWR;
        } else if (*mode == 'x') {
            more |= O_EXCL;
        } else if (*mode == 'e') {
            more |= O_CLOEXEC;
        }
    }
    *open_flags = access | more;
    return flags;
}
