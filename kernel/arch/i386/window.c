/*
 * Windows: the last 2 MiB of addresses, of which WINDOW_NSLOTS pages are used
 * as a stack. A frame of the direct map needs none.
 */
#include "arch/i386/window.h"

#include "arch/i386/layout.h"
#include "arch/i386/paging.h"
#include "lib/panic.h"
#include "lib/string.h"

extern uint64_t window_table[512];

static unsigned depth;

void *window_open(paddr_t pa)
{
    vaddr_t va = WINDOW_BASE + depth * PAGE_SIZE;

    if (pa < paging_direct_limit)
        return paging_direct_map(pa);
    assert(depth < WINDOW_NSLOTS);
    pte_set(&window_table[depth], pa | PTE_P | PTE_W | paging_nx);
    tlb_flush_page(va);
    depth++;
    return (void *)va;
}

void window_close(void *window)
{
    vaddr_t va = (vaddr_t)window;

    if (va < WINDOW_BASE)
        return;
    depth--;
    assert(va == WINDOW_BASE + depth * PAGE_SIZE);
    pte_clear(&window_table[depth]);
    tlb_flush_page(va);
}

bool window_any_open(void)
{
    return depth != 0;
}

static inline void zero_page(void *page)
{
    size_t nwords = PAGE_SIZE / 4;

    __asm__ volatile("rep stosl"
                     : "+D"(page), "+c"(nwords)
                     : "a"(0)
                     : "memory");
}

void frame_zero(paddr_t pa)
{
    void *page;

    if (pa < paging_direct_limit) {
        zero_page(paging_direct_map(pa));
        return;
    }
    page = window_open(pa);
    zero_page(page);
    window_close(page);
}

void frame_copy(paddr_t to, paddr_t from)
{
    void *dst = window_open(to);
    void *src = window_open(from);

    memcpy(dst, src, PAGE_SIZE);
    window_close(src);
    window_close(dst);
}

/* Copy one way or the other, piece by piece as the frames end. */
static void phys_copy(void *buf, paddr_t pa, size_t nbytes, bool to_memory)
{
    char *p = buf;

    while (nbytes > 0) {
        size_t in_page = (size_t)(pa & PAGE_MASK);
        size_t n = PAGE_SIZE - in_page < nbytes ? PAGE_SIZE - in_page : nbytes;
        char *window = window_open(pa - in_page);

        if (to_memory)
            memcpy(window + in_page, p, n);
        else
            memcpy(p, window + in_page, n);
        window_close(window);
        p += n;
        pa += n;
        nbytes -= n;
    }
}

void phys_read(void *dst, paddr_t src, size_t nbytes)
{
    phys_copy(dst, src, nbytes, false);
}

void phys_write(paddr_t dst, const void *src, size_t nbytes)
{
    phys_copy((void *)(uintptr_t)src, dst, nbytes, true);
}
