/*
 * mincore: EFAULT, EINVAL, ENOMEM.
 */
#include "../call.h"
#include <sys/mman.h>

int mincore(void *address, size_t nbytes, unsigned char *vector)
{
    return (int)RESULT(CALL(mincore, address, nbytes, vector));
}
