/*
 * madvise: EINVAL, ENOMEM.
 */
#include "../call.h"
#include <sys/mman.h>

int madvise(void *address, size_t nbytes, int advice)
{
    return (int)RESULT(CALL(madvise, address, nbytes, advice));
}
