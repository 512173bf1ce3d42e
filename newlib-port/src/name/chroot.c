/*
 * chroot: EACCES, ENOENT, ENOTDIR, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int chroot(const char *path)
{
    return (int)RESULT(CALL(chroot, path));
}
