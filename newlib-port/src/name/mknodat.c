/*
 * mknodat: those of mknod, and EBADF.
 */
#include "../call.h"
#include <sys/stat.h>

int mknodat(int fd, const char *path, mode_t mode, dev_t device)
{
    return (int)RESULT(CALL(mknodat, fd, path, mode, device));
}
