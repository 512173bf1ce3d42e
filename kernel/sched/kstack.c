/*
 * The area of kernel stacks is divided into slots of three pages, so that each
 * stack has a page that is not mapped on either side (the last one's is the
 * page that the area has left):
 *
 *     | guard | stack | stack | guard | stack | stack | ...
 *
 * A slot is unused, in use, or cached: mapped but free. A few cached ones make
 * fork and exit cheap. Page tables for the area are brought when a slot first
 * needs one and stay, charged, for ever.
 */
#include "sched/kstack.h"

#include <cairn/errno.h>

#include "arch/i386/paging.h"
#include "lib/panic.h"
#include "mm/commit.h"

#define NPAGES     (KSTACK_SIZE / PAGE_SIZE)
#define CACHED_MAX 4

static uint32_t used[KSTACK_MAX / 32]; /* slots in use or cached */
static void *cached[CACHED_MAX];
static unsigned ncached;
static unsigned first_free_word; /* no free slot in words below */
static size_t charged, ntables;

static int find_slot(void)
{
    for (unsigned w = first_free_word; w < KSTACK_MAX / 32; w++) {
        if (used[w] == UINT32_MAX)
            continue;
        first_free_word = w;
        return (int)(w * 32 + (unsigned)__builtin_ctz(~used[w]));
    }
    return -ENOMEM;
}

static int ensure_table(vaddr_t va)
{
    if (!paging_needs_table(va))
        return 0;
    if (commit_charge_low(1) != 0)
        return -ENOMEM;
    charged++;
    ntables++;
    paging_add_table(va, commit_take(FRAME_PAGETABLE));
    return 0;
}

int kstack_alloc(void **stack)
{
    int slot;
    vaddr_t va;

    if (ncached > 0) {
        *stack = cached[--ncached];
        return 0;
    }
    slot = find_slot();
    if (slot < 0)
        return slot;
    va = KSTACK_BASE + (vaddr_t)slot * KSTACK_SLOT + PAGE_SIZE;
    if (ensure_table(va) != 0 || ensure_table(va + PAGE_SIZE) != 0 ||
        commit_charge_low(NPAGES) != 0)
        return -ENOMEM;
    charged += NPAGES;
    used[slot / 32] |= 1u << (slot % 32);
    for (unsigned i = 0; i < NPAGES; i++)
        paging_map(va + i * PAGE_SIZE, commit_take_zeroed(FRAME_KERNEL), 0);
    *stack = (void *)va;
    return 0;
}

static void unmap_stack(void *stack)
{
    vaddr_t va = (vaddr_t)stack;
    unsigned slot = (unsigned)((va - KSTACK_BASE) / KSTACK_SLOT);

    for (unsigned i = 0; i < NPAGES; i++) {
        paddr_t pa = paging_lookup(va + i * PAGE_SIZE);

        paging_unmap(va + i * PAGE_SIZE);
        commit_give(pa, FRAME_KERNEL);
    }
    commit_uncharge_low(NPAGES);
    charged -= NPAGES;
    used[slot / 32] &= ~(1u << (slot % 32));
    if (slot / 32 < first_free_word)
        first_free_word = slot / 32;
}

void kstack_free(void *stack)
{
    assert(((vaddr_t)stack - KSTACK_BASE) % KSTACK_SLOT == PAGE_SIZE);
    if (ncached < CACHED_MAX)
        cached[ncached++] = stack;
    else
        unmap_stack(stack);
}

size_t kstack_shrink(void)
{
    size_t n = ncached * NPAGES;

    while (ncached > 0)
        unmap_stack(cached[--ncached]);
    return n;
}

size_t kstack_tables(void)
{
    return ntables;
}

size_t kstack_charged(void)
{
    return charged;
}
