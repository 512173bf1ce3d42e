/*
 * umount: EBUSY, EINVAL, ENOENT, EPERM.
 */
#include "../call.h"
#include <sys/mount.h>

int umount(const char *target)
{
    return (int)RESULT(CALL(umount2, target, 0));
}
