/*
 * pwrite: those of write, and EINVAL, ESPIPE.
 */
#include "../call.h"
#include <unistd.h>

_ssize_t _pwrite_r(struct _reent *reent, int fd, const void *buffer,
                   size_t nbytes, off_t offset)
{
    return __cairn_result(reent, CANCEL(pwrite64, fd, buffer, nbytes,
                                        LOW(offset), HIGH(offset)));
}

ssize_t pwrite(int fd, const void *buffer, size_t nbytes, off_t offset)
{
    return _pwrite_r(_REENT, fd, buffer, nbytes, offset);
}
