/*
 * readv: those of read, and EINVAL.
 */
#include "../call.h"
#include <sys/uio.h>

ssize_t readv(int fd, const struct iovec *vector, int count)
{
    return RESULT(CANCEL(readv, fd, vector, count));
}
