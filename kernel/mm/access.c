/*
 * Reading and writing a space that need not be the active one, page by page
 * through the physical memory behind it.
 */
#include <cairn/errno.h>

#include "arch/i386/window.h"
#include "mm/area.h"

/*
 * The frame of the page at `va`, brought in if need be, and for `write` one
 * that may be written. Protection holds unless `force`.
 */
static int frame_behind(struct space *space, vaddr_t va, bool write, bool force,
                        paddr_t *pa)
{
    unsigned needed = write ? PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC;
    struct area *area;
    int error;

    if (va >= USER_END)
        return -EFAULT;
    va = page_down(va);
    do {
        space_wait(space);
        area = area_find(space, va);
        if (!area_holds(area, va)) {
            if (stack_grow(space, area, va) != 0)
                return -EFAULT;
            area = area_find(space, va);
        }
        if (!force && (area->prot & needed) == 0)
            return -EFAULT;
        if (!write && pmap_lookup(&space->pmap, va, pa, NULL))
            return 0;
        error = fault_page(space, area, va, write);
        if (error < 0)
            return -EFAULT;
    } while (!pmap_lookup(&space->pmap, va, pa, NULL));
    return 0;
}

/* Bytes of [va, va + nbytes) that lie in the first page. */
static size_t in_page(vaddr_t va, size_t nbytes)
{
    size_t rest = PAGE_SIZE - (va & PAGE_MASK);

    return nbytes < rest ? nbytes : rest;
}

int space_write(struct space *space, vaddr_t va, const void *src, size_t nbytes,
                bool force)
{
    const char *from = src;
    paddr_t pa;

    while (nbytes > 0) {
        size_t n = in_page(va, nbytes);

        if (frame_behind(space, va, true, force, &pa) != 0)
            return -EFAULT;
        phys_write(pa + (va & PAGE_MASK), from, n);
        va += n;
        from += n;
        nbytes -= n;
    }
    return 0;
}

int space_zero(struct space *space, vaddr_t va, size_t nbytes, bool force)
{
    static const char zeros[256];

    while (nbytes > 0) {
        size_t n = in_page(va, nbytes);

        if (n > sizeof zeros)
            n = sizeof zeros;
        if (space_write(space, va, zeros, n, force) != 0)
            return -EFAULT;
        va += n;
        nbytes -= n;
    }
    return 0;
}

int space_read(struct space *space, vaddr_t va, void *dst, size_t nbytes)
{
    char *to = dst;
    paddr_t pa;

    while (nbytes > 0) {
        size_t n = in_page(va, nbytes);

        if (frame_behind(space, va, false, false, &pa) != 0)
            return -EFAULT;
        phys_read(to, pa + (va & PAGE_MASK), n);
        va += n;
        to += n;
        nbytes -= n;
    }
    return 0;
}
