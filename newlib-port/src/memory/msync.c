/*
 * msync: EBUSY, EINVAL, ENOMEM.
 */
#include "../call.h"
#include <sys/mman.h>

int msync(void *address, size_t nbytes, int flags)
{
    return (int)RESULT(CANCEL(msync, address, nbytes, flags));
}
