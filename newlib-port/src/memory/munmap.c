/*
 * munmap: EINVAL, ENOMEM.
 */
#include "../call.h"
#include <sys/mman.h>

int munmap(void *address, size_t nbytes)
{
    return (int)RESULT(CALL(munmap, address, nbytes));
}
