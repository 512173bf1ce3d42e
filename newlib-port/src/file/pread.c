/*
 * pread: those of read, and EINVAL, ESPIPE.
 */
#include "../call.h"
#include <unistd.h>

_ssize_t _pread_r(struct _reent *reent, int fd, void *buffer, size_t nbytes,
                  off_t offset)
{
    return __cairn_result(reent, CANCEL(pread64, fd, buffer, nbytes,
                                        LOW(offset), HIGH(offset)));
}

ssize_t pread(int fd, void *buffer, size_t nbytes, off_t offset)
{
    return _pread_r(_REENT, fd, buffer, nbytes, offset);
}
