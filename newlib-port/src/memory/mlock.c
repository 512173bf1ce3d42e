/*
 * mlock: EAGAIN, EINVAL, ENOMEM, EPERM.
 */
#include "../call.h"
#include <sys/mman.h>

int mlock(const void *address, size_t nbytes)
{
    return (int)RESULT(CALL(mlock, address, nbytes));
}
