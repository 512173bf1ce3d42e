/* Range checks in front of the copies of usercopy.S. */
#include "arch/i386/ucopy.h"

#include <cairn/errno.h>
#include <cairn/signal.h>

#include "arch/i386/cpu.h"
#include "arch/i386/pmap.h"
#include "lib/kasan.h"

#define FXSAVE_BYTES   512
#define FPSTATE_FXSAVE offsetof(struct __cairn_fpstate, fxsave)
#define MAGIC_FSAVE    0xFFFF0000u /* there is only the FSAVE image */

_Static_assert(FPSTATE_FXSAVE == 112 &&
                   offsetof(struct __cairn_fpstate, status) == 108 &&
                   EFAULT == 14,
               "usercopy.S relies on it");

size_t ucopy_bytes(void *dst, const void *src, size_t nbytes);
int ucopy_all(void *dst, const void *src, size_t nbytes);
int ucopy_halves(void *dst, const void *src, size_t n, size_t stride);
int ucopy_store(void *dst, uint32_t word);
int ucopy_load(const void *src, uint32_t *word);
int ucopy_exchange(void *word, uint32_t *old, uint32_t fresh);
size_t ucopy_zero(void *dst, size_t nbytes);
int ucopy_fpu_save(void *fpstate, uint32_t magic);
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
    kasan_check(dst, nbytes, true);
    return ucopy_bytes(dst, (const void *)src, user_room(src, nbytes));
}

size_t copy_to_user_some(uaddr_t dst, const void *src, size_t nbytes)
{
    kasan_check(src, nbytes, false);
    return ucopy_bytes((void *)dst, src, user_room(dst, nbytes));
}

size_t zero_user_some(uaddr_t dst, size_t nbytes)
{
    return ucopy_zero((void *)dst, user_room(dst, nbytes));
}

/* Whether all of a copy lies below the kernel, and need not fail. */
static inline bool fits(uaddr_t va, size_t nbytes)
{
    if (likely(nbytes <= USER_END && va <= USER_END - nbytes &&
               ucopy_fail_in == 0))
        return true;
    return user_room(va, nbytes) == nbytes;
}

int copy_from_user(void *dst, uaddr_t src, size_t nbytes)
{
    if (unlikely(!fits(src, nbytes)))
        return nbytes == 0 ? 0 : -EFAULT;
    kasan_check(dst, nbytes, true);
    return ucopy_all(dst, (const void *)src, nbytes);
}

int copy_to_user(uaddr_t dst, const void *src, size_t nbytes)
{
    if (unlikely(!fits(dst, nbytes)))
        return nbytes == 0 ? 0 : -EFAULT;
    kasan_check(src, nbytes, false);
    return ucopy_all((void *)dst, src, nbytes);
}

int put_user_halves(uaddr_t dst, const void *src, size_t n, size_t stride)
{
    size_t nbytes = (n - 1) * stride + sizeof(uint16_t);

    if (n == 0)
        return 0;
    if (unlikely(n > USER_END / stride || !fits(dst, nbytes)))
        return -EFAULT;
    kasan_check(src, nbytes, false);
    return ucopy_halves((void *)dst, src, n, stride);
}

int put_user_word(uaddr_t dst, uint32_t word)
{
    if (unlikely(!fits(dst, sizeof(word))))
        return -EFAULT;
    return ucopy_store((void *)dst, word);
}

int get_user_word(uaddr_t src, uint32_t *word)
{
    if (unlikely(!fits(src, sizeof(*word))))
        return -EFAULT;
    return ucopy_load((const void *)src, word);
}

int exchange_user_word(uaddr_t word, uint32_t *old, uint32_t fresh)
{
    if (unlikely(!fits(word, sizeof(fresh))))
        return -EFAULT;
    return ucopy_exchange((void *)word, old, fresh);
}

ssize_t copy_string_from_user(char *dst, uaddr_t src, size_t size)
{
    size_t room = user_room(src, size);
    size_t n;

    kasan_check(dst, size, true);
    n = ucopy_string(dst, (const char *)src, room);

    if (n == SIZE_MAX)
        return -EFAULT;
    if (n > 0 && dst[n - 1] == '\0')
        return (ssize_t)n - 1;
    return room < size ? -EFAULT : -ENAMETOOLONG;
}

bool fpu_save_to_user(uaddr_t fpstate)
{
    if (unlikely(!cpu.fxsr))
        return fits(fpstate, FPSTATE_FXSAVE) &&
               ucopy_fpu_save((void *)fpstate, MAGIC_FSAVE);
    return fits(fpstate, sizeof(struct __cairn_fpstate)) &&
           ucopy_fpu_save((void *)fpstate, 0);
}

bool fpu_load_from_user(uaddr_t image)
{
    return fits(image, FXSAVE_BYTES) && ucopy_fxrstor((const void *)image);
}
