/*
 * fchmodat: the errors of chmod, and EBADF; EOPNOTSUPP for AT_SYMLINK_NOFOLLOW
 * on a link, since links have no mode of their own.
 */
#include "../call.h"
#include <fcntl.h>
#include <sys/stat.h>

int fchmodat(int fd, const char *path, mode_t mode, int flags)
{
    struct stat attributes;

    if (flags & ~AT_SYMLINK_NOFOLLOW)
        return __cairn_fail(EINVAL);
    if (flags & AT_SYMLINK_NOFOLLOW) {
        if (fstatat(fd, path, &attributes, flags) < 0)
            return -1;
        if (S_ISLNK(attributes.st_mode))
            return __cairn_fail(EOPNOTSUPP);
    }
    return (int)RESULT(CALL(fchmodat, fd, path, mode));
}
