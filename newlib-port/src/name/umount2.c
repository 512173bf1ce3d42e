/*
 * umount2: EBUSY, EINVAL, ENOENT, EPERM.
 */
#include "../call.h"
#include <sys/mount.h>

int umount2(const char *target, int flags)
{
    return (int)RESULT(CALL(umount2, target, flags));
}
