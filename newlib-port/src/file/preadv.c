/*
 * preadv: those of pread.
 */
#include "../call.h"
#include <sys/uio.h>

ssize_t preadv(int fd, const struct iovec *vector, int count, off_t offset)
{
    return RESULT(CANCEL(preadv, fd, vector, count, LOW(offset), HIGH(offset)));
}
