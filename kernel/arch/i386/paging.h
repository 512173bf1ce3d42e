/*
 * The kernel's own page tables: the direct map, the image with its
 * permissions, and the single pages mapped for stacks, devices and windows.
 */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include "lib/types.h"
#include "arch/i386/layout.h"

/* Bits of an entry (Intel SDM 3A 4.4.2), and two that the CPU ignores. */
#define PTE_P    0x001ull
#define PTE_W    0x002ull
#define PTE_U    0x004ull
#define PTE_PWT  0x008ull
#define PTE_PCD  0x010ull
#define PTE_A    0x020ull
#define PTE_D    0x040ull
#define PTE_PS   0x080ull
#define PTE_G    0x100ull
#define PTE_HELD 0x200ull /* the entry holds a frame, present or not */
#define PTE_NX   0x8000000000000000ull
#define PTE_ADDR 0x0000000FFFFFF000ull

/* Make windows work on the tables of start.S. First of all. */
void paging_init_windows(void);

/*
 * Replace the tables of start.S by the final ones: text read-only, constants
 * read-only and not executable, the rest of the direct map not executable,
 * everything below 1 MiB read-only but for the VGA text buffer, nothing above
 * `low_limit` (rounded up to 2 MiB; at most 832 MiB). After cpu_init.
 */
void paging_init(paddr_t low_limit);

/* What direct_limit() and direct_map() of window.h tell, without a call. */
extern paddr_t paging_direct_limit;

static inline void *paging_direct_map(paddr_t pa)
{
    return (void *)(uintptr_t)((uint32_t)pa + KERNEL_BASE);
}

/* True if mapping the kernel page `va` needs a page table first. */
bool paging_needs_table(vaddr_t va);

/* Give a low frame as page table for kernel address `va`; it stays there. */
void paging_add_table(vaddr_t va, paddr_t table_pa);

/* Map or unmap one kernel page above the direct map, writable data. */
void paging_map(vaddr_t va, paddr_t pa, uint64_t flags);
void paging_unmap(vaddr_t va);

/* The frame of a mapped kernel page above the direct map. */
paddr_t paging_lookup(vaddr_t va);

/*
 * Map `nbytes` of device memory at `pa` uncached, for ever. The tables for it
 * are static: 2 MiB in all. NULL when they are used up.
 */
volatile void *paging_map_device(paddr_t pa, size_t nbytes);

/*
 * The same for much of it, in large pages: what else is in the first and the
 * last one is mapped too.
 */
volatile void *paging_map_large_device(paddr_t pa, size_t nbytes);

/*
 * Walk the kernel's live tables: NULL, or what is broken: a page writable
 * and executable, text that can be written, a kernel page that user mode can
 * reach, a changed byte in the kernel's text.
 */
const char *paging_check(void);

/* PTE_NX where the CPU has it, else 0; PTE_G likewise. */
extern uint64_t paging_nx, paging_global;

/* One 64-bit store in the order the hardware may see it. */
static inline void pte_set(uint64_t *entry, uint64_t value)
{
    volatile uint32_t *word = (volatile uint32_t *)entry;

    word[1] = (uint32_t)(value >> 32);
    __asm__ volatile("" : : : "memory");
    word[0] = (uint32_t)value;
}

static inline void pte_clear(uint64_t *entry)
{
    volatile uint32_t *word = (volatile uint32_t *)entry;

    word[0] = 0;
    __asm__ volatile("" : : : "memory");
    word[1] = 0;
}

static inline void tlb_flush_page(vaddr_t va)
{
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

#endif
