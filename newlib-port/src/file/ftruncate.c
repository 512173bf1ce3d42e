/*
 * ftruncate: EBADF, EFBIG, EINVAL, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int ftruncate(int fd, off_t nbytes)
{
    return (int)RESULT(CALL(ftruncate64, fd, LOW(nbytes), HIGH(nbytes)));
}
