/*
 * lseek: EBADF, EINVAL, EOVERFLOW, ESPIPE.
 */
#include "../call.h"
#include <unistd.h>

_off_t _lseek_r(struct _reent *reent, int fd, _off_t offset, int whence)
{
    _off_t position;
    long error;

    error = CALL(_llseek, fd, HIGH(offset), LOW(offset), &position, whence);
    return __cairn_result(reent, error) < 0 ? -1 : position;
}

WEAK off_t lseek(int fd, off_t offset, int whence)
{
    return _lseek_r(_REENT, fd, offset, whence);
}
