/*
 * munlock: EINVAL, ENOMEM.
 */
#include "../call.h"
#include <sys/mman.h>

int munlock(const void *address, size_t nbytes)
{
    return (int)RESULT(CALL(munlock, address, nbytes));
}
