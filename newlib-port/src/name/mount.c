/*
 * mount: EBUSY, EINVAL, ENODEV, ENOENT, ENOTDIR, EPERM.
 */
#include "../call.h"
#include <sys/mount.h>

int mount(const char *source, const char *target, const char *type,
          unsigned long flags, const void *data)
{
    return (int)RESULT(CALL(mount, source, target, type, flags, data));
}
