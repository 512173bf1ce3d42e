/*
 * writev: those of write, and EINVAL.
 */
#include "../call.h"
#include <sys/uio.h>

ssize_t writev(int fd, const struct iovec *vector, int count)
{
    return RESULT(CANCEL(writev, fd, vector, count));
}
