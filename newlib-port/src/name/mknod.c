/*
 * mknod: EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, EPERM, EROFS.
 */
#include "../call.h"
#include <sys/stat.h>

int mknod(const char *path, mode_t mode, dev_t device)
{
    return (int)RESULT(CALL(mknod, path, mode, device));
}
