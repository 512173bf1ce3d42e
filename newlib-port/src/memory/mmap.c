/*
 * mmap: EACCES, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EOVERFLOW.
 *
 * The call counts the offset in units of 4 KiB, so that 44 bits of it reach
 * the kernel.
 */
#include "../call.h"
#include <sys/mman.h>

void *mmap(void *address, size_t nbytes, int protection, int flags, int fd,
           off_t offset)
{
    if (offset % __CAIRN_MMAP2_UNIT != 0 || offset < 0)
        return (void *)(long)__cairn_fail(EINVAL);
    if ((offset / __CAIRN_MMAP2_UNIT) >> 32 != 0)
        return (void *)(long)__cairn_fail(EOVERFLOW);
    return (void *)RESULT(CALL(mmap2, address, nbytes, protection, flags, fd,
                               offset / __CAIRN_MMAP2_UNIT));
}
