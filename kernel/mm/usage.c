/*
 * What of an address space is really there: counted page by page for those
 * who show it.
 */
#include "lib/checkpoint.h"
#include "mm/area.h"

/* A frame is held by tables, each of which `nspaces` spaces hold. */
static void count_page(struct space_usage *usage, paddr_t pa, uint32_t nspaces)
{
    bool is_file = frame_kind_of(pa) == FRAME_FILE;
    uint32_t sharers = frame_refs(pa) + nspaces - 1;

    if (is_file && sharers > 1)
        sharers--; /* the file itself holds one reference */

    usage->resident++;
    usage->share_bytes += PAGE_SIZE / sharers;
    if (is_file)
        usage->file++;
    if (is_file && sharers > 1)
        usage->shared_clean++;
    else if (is_file)
        usage->private_clean++;
    else if (sharers > 1)
        usage->shared_dirty++;
    else
        usage->private_dirty++;
}

static void measure_piece(const struct space *space, vaddr_t va, vaddr_t end,
                          struct space_usage *usage)
{
    paddr_t pa;
    unsigned prot;

    for (; pmap_next(&space->pmap, &va, end, &pa, &prot); va += PAGE_SIZE)
        if (pa != space_zero_pa)
            count_page(usage, pa, frame_refs(pmap_table(&space->pmap, va)));
}

void space_measure(struct space *space, vaddr_t start, vaddr_t end,
                   struct space_usage *usage)
{
    *usage = (struct space_usage){0};
    for (vaddr_t to; start < end; start = to) {
        to = piece_end(start, end);
        measure_piece(space, start, to, usage);
        if (to < end)
            checkpoint();
    }
}
