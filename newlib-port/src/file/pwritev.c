/*
 * pwritev: those of pwrite.
 */
#include "../call.h"
#include <sys/uio.h>

ssize_t pwritev(int fd, const struct iovec *vector, int count, off_t offset)
{
    return RESULT(
        CANCEL(pwritev, fd, vector, count, LOW(offset), HIGH(offset)));
}
