/*
 * madvise, mincore and msync: calls on whatever is mapped that change no area.
 */
#include <cairn/errno.h>

#include "lib/checkpoint.h"
#include "lib/string.h"
#include "mm/area.h"

#define MANY 256 /* areas between two chances for others */

/* What an advice does: nothing, or something to each area of the range. */
enum advice { ADVICE_UNKNOWN, ADVICE_HINT, ADVICE_DROP, ADVICE_FREE };

static enum advice advice_of(int advice)
{
    switch (advice) {
    case MADV_DONTNEED:
        return ADVICE_DROP;
    case MADV_FREE:
        return ADVICE_FREE;
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_KEEPONFORK:
        return ADVICE_HINT;
    default:
        return ADVICE_UNKNOWN;
    }
}

int space_advise(struct space *space, vaddr_t addr, size_t nbytes, int advice)
{
    enum advice what = advice_of(advice);
    struct area *area;
    vaddr_t at, end;
    unsigned work = 0;
    int error;

    if (what == ADVICE_UNKNOWN)
        return -EINVAL;
    error = range_check(addr, &nbytes);
    if (error != 0 || nbytes == 0)
        return error;
    space_wait(space);
    at = addr;
    end = addr + nbytes;
    for (area = area_find(space, at); area != NULL && area->start < end;
         area = area->next) {
        vaddr_t from = area->start > addr ? area->start : addr;
        vaddr_t to = area->end < end ? area->end : end;

        if (from != at)
            error = -ENOMEM;
        if (what == ADVICE_FREE && area->obj != NULL)
            return -EINVAL;
        if (what != ADVICE_HINT)
            area_drop_range(space, area, from, to);
        at = to;
        space_pace(space, &work, pages_of(from, to));
    }
    charge_settle(space);
    return at == end ? error : -ENOMEM;
}

/* Tell of [va, end) of an area. An object's pages never leave memory. */
static void tell_resident(const struct space *space, const struct area *area,
                          vaddr_t va, vaddr_t end, uint8_t *vec)
{
    if (area->obj != NULL)
        memset(vec, 1, pages_of(va, end));
    else
        pmap_tell_held(&space->pmap, va, end, vec);
}

int space_resident(struct space *space, vaddr_t addr, size_t npages,
                   uint8_t *vec)
{
    size_t nbytes;
    vaddr_t end;
    int error;

    if (npages > USER_END >> PAGE_SHIFT)
        return -ENOMEM;
    nbytes = npages << PAGE_SHIFT;
    error = range_check(addr, &nbytes);
    if (error != 0)
        return error;
    space_wait(space);
    for (vaddr_t va = addr; va < addr + nbytes; va = end) {
        const struct area *area = area_find(space, va);

        if (!area_holds(area, va))
            return -ENOMEM;
        end = area->end < addr + nbytes ? area->end : addr + nbytes;
        tell_resident(space, area, va, end, vec + ((va - addr) >> PAGE_SHIFT));
    }
    return 0;
}

int space_sync(struct space *space, vaddr_t addr, size_t nbytes)
{
    const struct area *area;
    vaddr_t at;
    unsigned n = 0;
    int error = range_check(addr, &nbytes);

    if (error != 0)
        return error;
    space_wait(space);
    for (at = addr; at < addr + nbytes; at = area->end) {
        area = area_find(space, at);
        if (!area_holds(area, at))
            return -ENOMEM;
        if (unlikely(++n % MANY == 0))
            space_pause(space);
    }
    return 0;
}
