/*
 * posix_memalign for newlib's own allocator, which has only memalign.
 *
 * Returns the error number: EINVAL for an alignment that is no power of two or
 * no multiple of a pointer's size, ENOMEM.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

int posix_memalign(void **result, size_t align, size_t nbytes)
{
    int saved = errno;
    void *memory;

    if (align % sizeof(void *) != 0 || align == 0 || (align & (align - 1)) != 0)
        return EINVAL;
    memory = memalign(align, nbytes);
    errno = saved;
    if (memory == NULL)
        return ENOMEM;
    *result = memory;
    return 0;
}
