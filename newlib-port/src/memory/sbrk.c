/*
 * sbrk: move the end of the heap.
 *
 * Cairn has a call of that name, which moves the break or refuses in one step.
 * A kernel without AT_CAIRN is a Linux host: there the break is read and set by
 * brk, so that programs run on it too.  Error: ENOMEM, with the break unmoved.
 */
#include "../call.h"
#include <stdint.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "../start/start.h"

static int has_sbrk = -1; /* not known yet */

/* The same by brk, which returns the break that is in force afterwards. */
static long sbrk_by_brk(intptr_t increment)
{
    uintptr_t old = (uintptr_t)CALL(brk, 0);
    uintptr_t new = old + (uintptr_t)increment;

    if (increment == 0)
        return (long)old;
    if (increment > 0 ? new < old : new > old)
        return -ENOMEM;
    if ((uintptr_t)CALL(brk, new) != new)
        return -ENOMEM;
    return (long)old;
}

WEAK void *_sbrk_r(struct _reent *reent, ptrdiff_t increment)
{
    unsigned long version;

    if (has_sbrk < 0)
        has_sbrk = __cairn_auxv_get(AT_CAIRN, &version) == 0;
    return (void *)__cairn_result(reent, has_sbrk ? CALL(sbrk, increment)
                                                  : sbrk_by_brk(increment));
}

WEAK void *sbrk(ptrdiff_t increment)
{
    return _sbrk_r(_REENT, increment);
}
