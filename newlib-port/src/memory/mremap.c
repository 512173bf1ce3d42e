/*
 * mremap: EAGAIN, EFAULT, EINVAL, ENOMEM.  The new address counts only with
 * MREMAP_FIXED.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <stdarg.h>
#include <sys/mman.h>

void *mremap(void *old, size_t old_nbytes, size_t new_nbytes, int flags, ...)
{
    void *new = NULL;
    va_list args;

    if (flags & MREMAP_FIXED) {
        va_start(args, flags);
        new = va_arg(args, void *);
        va_end(args);
    }
    return (void *)RESULT(
        CALL(mremap, old, old_nbytes, new_nbytes, flags, new));
}
