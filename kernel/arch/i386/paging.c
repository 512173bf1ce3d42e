/*
 * Kernel page tables. See layout.h for the addresses.
 *
 * One page directory serves the top gigabyte of every address space, so a
 * kernel mapping made once is seen by all. It never needs more than these
 * static tables, and those that paging_add_table brings for kernel stacks:
 *
 *   kernel_pd[0 .. n)      small tables where the image lies, else 2 MiB pages
 *   kernel_pd[448 .. 480)  tables for stacks, brought when first needed
 *   kernel_pd[480]         device memory (static)
 *   kernel_pd[511]         windows (static)
 *
 * Source: Intel SDM 3A 4.4 (PAE paging), 4.10 (TLB), 4.9 (memory typing).
 */
#include "arch/i386/paging.h"

#include "arch/i386/cpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/window.h"
#include "lib/kasan.h"
#include "lib/bits.h"
#include "lib/panic.h"
#include "lib/string.h"

#define IMAGE_TABLES 2 /* room for an image that ends below 4 MiB */
#define PD_INDEX(va) (((uint32_t)(va) >> 21) & 511)
#define PT_INDEX(va) (((uint32_t)(va) >> 12) & 511)

extern char kernel_text_start[], kernel_text_end[], kernel_rodata_end[];
extern char kernel_start[], kernel_end[];
extern uint64_t kernel_pd[512], kernel_pdpt[4];

static uint64_t image_tables[IMAGE_TABLES][512]
    __attribute__((aligned(PAGE_SIZE)));
static uint64_t device_table[512] __attribute__((aligned(PAGE_SIZE)));
uint64_t window_table[512] __attribute__((aligned(PAGE_SIZE)));

uint64_t paging_nx, paging_global;
paddr_t paging_direct_limit = DIRECT_MAX; /* what start.S has mapped */
static unsigned device_pages_used;
static uint32_t text_sum;

void *direct_map(paddr_t pa)
{
    return paging_direct_map(pa);
}

paddr_t direct_pa(const void *p)
{
    return (uint32_t)(uintptr_t)p - KERNEL_BASE;
}

paddr_t direct_limit(void)
{
    return paging_direct_limit;
}

static paddr_t table_pa(const void *table)
{
    return direct_pa(table);
}

/* What one 4 KiB page of the direct map around the image may do. */
static uint64_t image_page_flags(vaddr_t va)
{
    if (va >= (vaddr_t)kernel_start && va < (vaddr_t)kernel_text_end)
        return va < (vaddr_t)kernel_text_start ? paging_nx : 0;
    if (va >= (vaddr_t)kernel_text_end && va < (vaddr_t)kernel_rodata_end)
        return paging_nx;
    if (va >= KERNEL_BASE + 0xB8000 && va < KERNEL_BASE + 0xC0000)
        return PTE_W | paging_nx;
    if (va < KERNEL_BASE + 0x100000)
        return paging_nx;
    return PTE_W | paging_nx;
}

/* Read what lies between variables too, which the sanitizer reports. */
no_kasan static uint32_t sum_text(void)
{
    const uint32_t *word = (const uint32_t *)kernel_text_start;
    const uint32_t *end = (const uint32_t *)kernel_rodata_end;
    uint32_t sum = 0;

    while (word < end)
        sum = ((sum << 5) | (sum >> 27)) ^ *word++;
    return sum;
}

static void map_image(void)
{
    vaddr_t va = KERNEL_BASE;

    for (unsigned t = 0; t < IMAGE_TABLES; t++) {
        for (unsigned i = 0; i < 512; i++, va += PAGE_SIZE)
            image_tables[t][i] = (va - KERNEL_BASE) | image_page_flags(va) |
                                 PTE_P | paging_global;
        pte_set(&kernel_pd[t], table_pa(image_tables[t]) | PTE_P | PTE_W);
    }
}

void paging_init_windows(void)
{
    pte_set(&kernel_pd[PD_INDEX(WINDOW_BASE)],
            table_pa(window_table) | PTE_P | PTE_W);
}

void paging_init(paddr_t limit)
{
    unsigned nlarge;

    assert((vaddr_t)kernel_end <= KERNEL_BASE + IMAGE_TABLES * LARGE_PAGE);
    if (limit > DIRECT_MAX)
        limit = DIRECT_MAX;
    paging_direct_limit = limit;
    paging_nx = cpu.nx ? PTE_NX : 0;
    paging_global = cpu.pge ? PTE_G : 0;
    nlarge = (unsigned)((limit + LARGE_PAGE - 1) / LARGE_PAGE);
    map_image();
    for (unsigned i = IMAGE_TABLES; i < nlarge; i++)
        pte_set(&kernel_pd[i], (uint64_t)i * LARGE_PAGE | PTE_P | PTE_W |
                                   PTE_PS | paging_global | paging_nx);
    for (unsigned i = nlarge > IMAGE_TABLES ? nlarge : IMAGE_TABLES;
         i < DIRECT_MAX / LARGE_PAGE; i++)
        pte_clear(&kernel_pd[i]);
    kernel_pd[PD_INDEX(DEVMEM_BASE)] = table_pa(device_table) | PTE_P | PTE_W;
    kernel_pdpt[0] = 0;
    __asm__ volatile("movl %%cr3, %%eax\n\tmovl %%eax, %%cr3"
                     :
                     :
                     : "eax", "memory");
    cpu_enable_global_pages();
    text_sum = sum_text();
}

static uint64_t *kernel_table(vaddr_t va)
{
    uint64_t entry = kernel_pd[PD_INDEX(va)];

    if (!(entry & PTE_P))
        return NULL;
    return direct_map(entry & PTE_ADDR);
}

bool paging_needs_table(vaddr_t va)
{
    return kernel_table(va) == NULL;
}

void paging_add_table(vaddr_t va, paddr_t pa)
{
    assert(va >= KSTACK_BASE && paging_needs_table(va));
    memset(direct_map(pa), 0, PAGE_SIZE);
    pte_set(&kernel_pd[PD_INDEX(va)], pa | PTE_P | PTE_W);
}

void paging_map(vaddr_t va, paddr_t pa, uint64_t flags)
{
    uint64_t *entry = &kernel_table(va)[PT_INDEX(va)];

    assert(va >= KSTACK_BASE && !(*entry & PTE_P));
    pte_set(entry, pa | PTE_P | PTE_W | paging_nx | paging_global | flags);
}

void paging_unmap(vaddr_t va)
{
    pte_clear(&kernel_table(va)[PT_INDEX(va)]);
    tlb_flush_page(va);
}

paddr_t paging_lookup(vaddr_t va)
{
    return kernel_table(va)[PT_INDEX(va)] & PTE_ADDR;
}

volatile void *paging_map_device(paddr_t pa, size_t nbytes)
{
    paddr_t first = pa & ~(paddr_t)PAGE_MASK;
    size_t npages;
    vaddr_t va;

    if (nbytes == 0 || nbytes > LARGE_PAGE)
        return NULL;
    npages = (size_t)((pa + nbytes - first + PAGE_MASK) >> PAGE_SHIFT);
    if (npages > 512 - device_pages_used)
        return NULL;
    va = DEVMEM_BASE + device_pages_used * PAGE_SIZE;
    for (size_t i = 0; i < npages; i++)
        paging_map(va + i * PAGE_SIZE, first + i * PAGE_SIZE,
                   PTE_PCD | PTE_PWT);
    device_pages_used += npages;
    return (volatile void *)(va + (vaddr_t)(pa - first));
}

volatile void *paging_map_large_device(paddr_t pa, size_t nbytes)
{
    static vaddr_t next = DEVMEM_BASE + LARGE_PAGE; /* after device_table's */
    paddr_t first = pa & ~(paddr_t)(LARGE_PAGE - 1), end = pa + nbytes;
    vaddr_t va = next;

    if (nbytes == 0 || end - first > DEVMEM_END - next)
        return NULL;
    for (; first < end; first += LARGE_PAGE, next += LARGE_PAGE)
        pte_set(&kernel_pd[PD_INDEX(next)], first | PTE_P | PTE_W | PTE_PS |
                                                PTE_PCD | PTE_PWT |
                                                paging_global | paging_nx);
    return (volatile void *)(va + (vaddr_t)(pa & (LARGE_PAGE - 1)));
}

static const char *check_entry(uint64_t entry, vaddr_t va)
{
    bool in_text = va < (vaddr_t)kernel_rodata_end &&
                   va + PAGE_SIZE > (vaddr_t)kernel_start;

    if (entry & PTE_U)
        return "a kernel page that user mode can reach";
    if (in_text && (entry & PTE_W))
        return "kernel text or constants writable";
    if (paging_nx && !(entry & PTE_NX) &&
        ((entry & PTE_W) || va < (vaddr_t)kernel_text_start ||
         va >= (vaddr_t)kernel_text_end))
        return "kernel data executable";
    return NULL;
}

static const char *check_table(unsigned index)
{
    const uint64_t *table = direct_map(kernel_pd[index] & PTE_ADDR);

    for (unsigned i = 0; i < 512; i++) {
        vaddr_t va = KERNEL_BASE + index * LARGE_PAGE + i * PAGE_SIZE;
        const char *bad;

        if ((table[i] & PTE_P) == 0)
            continue;
        bad = check_entry(table[i], va);
        if (bad)
            return bad;
    }
    return NULL;
}

const char *paging_check(void)
{
    for (unsigned i = 0; i < 512; i++) {
        const char *bad;

        if (!(kernel_pd[i] & PTE_P))
            continue;
        bad = kernel_pd[i] & PTE_PS
                  ? check_entry(kernel_pd[i], KERNEL_BASE + i * LARGE_PAGE)
                  : check_table(i);
        if (bad)
            return bad;
    }
    return sum_text() == text_sum ? NULL : "the kernel's text has changed";
}
