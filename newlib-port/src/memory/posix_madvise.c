/*
 * posix_madvise: returns the error number.  POSIX forbids that the advice
 * changes what memory holds, so DONTNEED is only checked.
 */
#include "../call.h"
#include <sys/mman.h>

int posix_madvise(void *address, size_t nbytes, int advice)
{
    if (advice == POSIX_MADV_DONTNEED)
        advice = MADV_NORMAL;
    else if (advice < MADV_NORMAL || advice > MADV_WILLNEED)
        return EINVAL;
    return (int)-CALL(madvise, address, nbytes, advice);
}
