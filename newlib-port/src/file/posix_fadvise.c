/*
 * posix_fadvise: returns the error number: EBADF, EINVAL, ESPIPE, ENOSYS.
 */
#include "../call.h"
#include <fcntl.h>

int posix_fadvise(int fd, off_t offset, off_t nbytes, int advice)
{
    return (int)-CALL(fadvise64_64, fd, LOW(offset), HIGH(offset), LOW(nbytes),
                      HIGH(nbytes), advice);
}
