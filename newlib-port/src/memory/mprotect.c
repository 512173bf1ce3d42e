/*
 * mprotect: EACCES, EINVAL, ENOMEM.
 */
#include "../call.h"
#include <sys/mman.h>

int mprotect(void *address, size_t nbytes, int protection)
{
    return (int)RESULT(CALL(mprotect, address, nbytes, protection));
}
