/* Range checks in front of the copies of usercopy.S. */
#include "arch/i386/ucopy.h"

#include <cairn/errno.h>

#include "arch/i386/pmap.h"

#define FXSAVE_BYTES 512

size_t ucopy_bytes(void *dst, const void *src, size_t nbytes);
size_t ucopy_zero(void *dst, size_t nbytes);
int ucopy_fxsave(void *image);
int ucopy_fxrstor(const void *image);
size_t ucopy_string(char *dst, const char *src, size_t nbytes);

uint32_t ucopy_fail_in;

/*
 * How many bytes from `va` on lie below the kernel; 0 for a copy that is to
 * fail.
 */
static size_t user_room(uaddr_t va, size_t nbytes)
{
    if (va >= USER_END)
        return 0;
    if (ucopy_fail_in != 0 && --ucopy_fail_in == 0)
        return 0;
    return nbytes <= USER_END - va ? nbytes : USER_END - va;
}

size_t copy_from_user_some(void *dst, uaddr_t src, size_t nbytes)
{
    return ucopy_bytes(dst, (const void *)src, user_room(src, nbytes));
}

size_t copy_to_user_some(uaddr_t dst, const void *src, size_t nbytes)
{
    return ucopy_bytes((void *)dst, src, user_room(dst, nbytes));
}

size_t zero_user_some(uaddr_t dst, size_t nbytes)
{
    return ucopy_zero((void *)dst, user_room(dst, nbytes));
}

int copy_from_user(void *dst, uaddr_t src, size_t nbytes)
{
    if (user_room(src, nbytes) != nbytes)
        return nbytes == 0 ? 0 : -EFAULT;
    return ucopy_bytes(dst, (const void *)src, nbytes) == nbytes ? 0 : -EFAULT;
}

int copy_to_user(uaddr_t dst, const void *src, size_t nbytes)
{
    if (user_room(dst, nbytes) != nbytes)
        return nbytes == 0 ? 0 : -EFAULT;
    return ucopy_bytes((void *)dst, src, nbytes) == nbytes ? 0 : -EFAULT;
}

ssize_t copy_string_from_user(char *dst, uaddr_t src, size_t size)
{
    size_t room = user_room(src, size);
    size_t n = ucopy_string(dst, (const char *)src, room);

    if (n == SIZE_MAX)
        return -EFAULT;
    if (n > 0 && dst[n - 1] == '\0')
        return (ssize_t)n - 1;
    return room < size ? -EFAULT : -ENAMETOOLONG;
}

bool fpu_save_to_user(uaddr_t image)
{
    return user_room(image, FXSAVE_BYTES) == FXSAVE_BYTES &&
           ucopy_fxsave((void *)image);
}

bool fpu_load_from_user(uaddr_t image)
{
    return user_room(image, FXSAVE_BYTES) == FXSAVE_BYTES &&
           ucopy_fxrstor((const void *)image);
}
