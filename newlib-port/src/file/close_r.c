/*
 * close: EBADF, EINTR, EIO.
 */
#include "../call.h"
#include <unistd.h>

int _close_r(struct _reent *reent, int fd)
{
    return (int)__cairn_result(reent, CALL(close, fd));
}
