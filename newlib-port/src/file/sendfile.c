/*
 * sendfile: EAGAIN, EBADF, EINVAL, EIO, ENOMEM.
 */
#include "../call.h"
#include <sys/sendfile.h>

ssize_t sendfile(int to, int from, off_t *offset, size_t nbytes)
{
    return RESULT(CALL(sendfile64, to, from, offset, nbytes));
}
