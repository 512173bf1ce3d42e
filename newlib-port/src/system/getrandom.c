/*
 * getrandom, getentropy: EAGAIN, EFAULT, EINTR, EINVAL; getentropy gives all or
 * nothing, at most 256 bytes (EIO).
 */
#include "../call.h"
#include <sys/random.h>

ssize_t getrandom(void *buffer, size_t nbytes, unsigned flags)
{
    return RESULT(CALL(getrandom, buffer, nbytes, flags));
}

int getentropy(void *buffer, size_t nbytes)
{
    char *next = buffer;

    if (nbytes > 256)
        return __cairn_fail(EIO);
    while (nbytes > 0) {
        ssize_t got = getrandom(next, nbytes, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        next += got;
        nbytes -= (size_t)got;
    }
    return 0;
}

/* newlib 4 calls it so. */
int _getentropy_r(struct _reent *reent, void *buffer, size_t nbytes)
{
    (void)reent;
    return getentropy(buffer, nbytes);
}
