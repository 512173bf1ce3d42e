/*
 * sbrk() for a program of Cairn's under callgrind: a walk through a reservation
 * of its own, since brk() ends after 8 MiB there.  Bound by --wrap; what the
 * allocator does is the same as with the system's.
 */
#include <errno.h>
#include <reent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#define RESERVED ((ptrdiff_t)1 << 30)

static char *arena, *end;

void *__wrap_sbrk(ptrdiff_t nbytes);
void *__wrap__sbrk_r(struct _reent *r, ptrdiff_t nbytes);

void *__wrap__sbrk_r(struct _reent *r, ptrdiff_t nbytes)
{
    char *old;

    if (arena == NULL)
        arena = end = mmap(NULL, RESERVED, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (nbytes > arena + RESERVED - end || nbytes < arena - end) {
        r->_errno = ENOMEM;
        return (void *)-1;
    }
    old = end;
    end += nbytes;
    return old;
}

void *__wrap_sbrk(ptrdiff_t nbytes)
{
    return __wrap__sbrk_r(_REENT, nbytes);
}
