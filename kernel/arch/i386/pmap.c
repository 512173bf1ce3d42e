/*
 * User page tables. The contract is in pmap.h.
 *
 * An entry that holds a frame has PTE_HELD set, whether it is present or not:
 * a page of a PROT_NONE area keeps its frame and is simply not present.
 *
 * Stale translations: the CPU may keep an entry until it is flushed, so every
 * function that takes something away flushes before it returns, page by page
 * up to FLUSH_ALL pages and by reloading CR3 above that. Only the active pmap
 * can be in the TLB, since loading another one flushes all user entries.
 *
 * A guarded table is one whose directory entry is not writable. The rights of
 * a page are those of both entries together (SDM 3A 4.6), so none of its pages
 * can be written, whatever their own entries say.
 *
 * Source: Intel SDM 3A 4.4, 4.6, 4.10.
 */
#include "arch/i386/pmap.h"

#include "arch/i386/layout.h"
#include "arch/i386/paging.h"
#include "arch/i386/window.h"
#include "lib/panic.h"
#include "lib/string.h"

#define FLUSH_ALL 32 /* more pages than this: flush the whole TLB */

extern uint64_t kernel_pd[512], kernel_pdpt[4];

static const struct pmap *active;

static uint64_t *pd_entry(const struct pmap *pm, vaddr_t va)
{
    return &pm->pd[va >> 30][(va >> 21) & 511];
}

/* The entry for `va`, or NULL if there is no table. */
static inline uint64_t *pt_entry(const struct pmap *pm, vaddr_t va)
{
    uint64_t pde = *pd_entry(pm, va);
    uint64_t *table;

    if (!(pde & PTE_P))
        return NULL;
    table = (uint64_t *)((uint32_t)(pde & PTE_ADDR) + KERNEL_BASE);
    return &table[(va >> 12) & 511];
}

/* The same of a table that may be changed, or NULL. */
static inline uint64_t *own_entry(const struct pmap *pm, vaddr_t va)
{
    uint64_t pde = *pd_entry(pm, va);
    uint64_t *table;

    if (!(pde & PTE_W))
        return NULL;
    table = (uint64_t *)((uint32_t)(pde & PTE_ADDR) + KERNEL_BASE);
    return &table[(va >> 12) & 511];
}

/* The same over a range: a guarded table there is a mistake. */
static uint64_t *range_entry(const struct pmap *pm, vaddr_t va)
{
    assert(!pmap_is_guarded(pm, va));
    return own_entry(pm, va);
}

static uint64_t prot_bits(unsigned prot)
{
    uint64_t bits = PTE_HELD | PTE_U;

    if (prot == PMAP_NONE)
        return PTE_HELD;
    if (prot & PMAP_WRITE)
        bits |= PTE_W;
    if (!(prot & PMAP_EXEC))
        bits |= paging_nx;
    return bits | PTE_P;
}

static unsigned entry_prot(uint64_t entry)
{
    if (!(entry & PTE_P))
        return PMAP_NONE;
    return PMAP_READ | (entry & PTE_W ? PMAP_WRITE : 0) |
           (entry & paging_nx ? 0 : PMAP_EXEC);
}

/* What an entry and that of its table allow together. */
static unsigned live_prot(const struct pmap *pm, vaddr_t va, uint64_t entry)
{
    unsigned prot = entry_prot(entry);

    return *pd_entry(pm, va) & PTE_W ? prot : prot & ~PMAP_WRITE;
}

static void flush_all(void)
{
    __asm__ volatile("movl %%cr3, %%eax\n\tmovl %%eax, %%cr3"
                     :
                     :
                     : "eax", "memory");
}

static void flush_page(const struct pmap *pm, vaddr_t va)
{
    if (pm == active)
        tlb_flush_page(va);
}

/* Flush `nchanged` pages of [start, end). */
static void flush_range(const struct pmap *pm, vaddr_t start, vaddr_t end,
                        size_t nchanged)
{
    if (pm != active || nchanged == 0)
        return;
    if ((end - start) / PAGE_SIZE > FLUSH_ALL) {
        flush_all();
        return;
    }
    for (vaddr_t va = start; va < end; va += PAGE_SIZE)
        tlb_flush_page(va);
}

void pmap_init(struct pmap *pm, const paddr_t dirs[PMAP_NDIRS])
{
    assert(((uintptr_t)pm->pdpt & 31) == 0);
    for (unsigned i = 0; i < PMAP_NDIRS; i++) {
        pm->pd[i] = direct_map(dirs[i]);
        memset(pm->pd[i], 0, PAGE_SIZE);
        pm->pdpt[i] = dirs[i] | PTE_P;
    }
    pm->pdpt[3] = direct_pa(kernel_pd) | PTE_P;
    pm->nresident = 0;
    pm->peak = 0;
    pm->ntables = 0;
    pm->nguarded = 0;
}

void pmap_fini(struct pmap *pm, pmap_drop_fn *drop, void *context)
{
    assert(pm != active && pm->nresident == 0 && pm->ntables == 0);
    for (unsigned i = 0; i < PMAP_NDIRS; i++)
        drop(context, direct_pa(pm->pd[i]));
}

void pmap_activate(struct pmap *pm)
{
    paddr_t pa = pm ? direct_pa(pm->pdpt) : direct_pa(kernel_pdpt);

    if (pm == active)
        return;
    active = pm;
    __asm__ volatile("movl %0, %%cr3" : : "r"((uint32_t)pa) : "memory");
}

bool pmap_needs_table(const struct pmap *pm, vaddr_t va)
{
    return !(*pd_entry(pm, va) & PTE_P);
}

void pmap_add_table(struct pmap *pm, vaddr_t va, paddr_t pa)
{
    assert(va < USER_END && pmap_needs_table(pm, va));
    memset(direct_map(pa), 0, PAGE_SIZE);
    pte_set(pd_entry(pm, va), pa | PTE_P | PTE_W | PTE_U);
    pm->ntables++;
}

void pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned prot)
{
    assert(va < USER_END);
    pmap_fill(pm, own_entry(pm, va), pa, prot);
}

uint64_t *pmap_entry(const struct pmap *pm, vaddr_t va)
{
    return own_entry(pm, va);
}

void pmap_fill(struct pmap *pm, uint64_t *entry, paddr_t pa, unsigned prot)
{
    assert(entry && *entry == 0);
    pte_set(entry, pa | prot_bits(prot));
    pm->nresident++;
}

bool pmap_lookup(const struct pmap *pm, vaddr_t va, paddr_t *pa, unsigned *prot)
{
    const uint64_t *entry;

    if (va >= USER_END)
        return false;
    entry = pt_entry(pm, va);
    if (!entry || !(*entry & PTE_HELD))
        return false;
    if (pa)
        *pa = *entry & PTE_ADDR;
    if (prot)
        *prot = live_prot(pm, va, *entry);
    return true;
}

void pmap_set_prot(struct pmap *pm, vaddr_t va, unsigned prot)
{
    uint64_t *entry = own_entry(pm, va);
    paddr_t pa;

    assert(entry && (*entry & PTE_HELD));
    pa = *entry & PTE_ADDR;
    pte_clear(entry);
    pte_set(entry, pa | prot_bits(prot));
    flush_page(pm, va);
}

void pmap_replace(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned prot,
                  pmap_drop_fn *drop, void *context)
{
    uint64_t *entry = own_entry(pm, va);
    paddr_t old;

    assert(entry && (*entry & PTE_HELD));
    old = *entry & PTE_ADDR;
    pte_clear(entry);
    flush_page(pm, va);
    pte_set(entry, pa | prot_bits(prot));
    drop(context, old);
}

/* The end of the part of [va, end) that the table of `va` serves. */
static vaddr_t span_end(vaddr_t va, vaddr_t end)
{
    vaddr_t next = (va & ~(vaddr_t)(PMAP_SPAN - 1)) + PMAP_SPAN;

    return next < end ? next : end;
}

void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end,
                 pmap_drop_fn *drop, void *context)
{
    size_t removed = 0;

    assert(start <= end && end <= USER_END);
    for (vaddr_t va = start, next; va < end; va = next) {
        uint64_t *entry = range_entry(pm, va);

        next = span_end(va, end);
        if (!entry)
            continue;
        for (; va < next; va += PAGE_SIZE, entry++) {
            uint64_t old = *entry;

            if (!(old & PTE_HELD))
                continue;
            pte_clear(entry);
            drop(context, old & PTE_ADDR);
            removed++;
        }
    }
    pm->peak = pmap_peak(pm);
    pm->nresident -= removed;
    flush_range(pm, start, end, removed);
}

void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, unsigned prot)
{
    size_t changed = 0;

    assert(start <= end && end <= USER_END);
    for (vaddr_t va = start, next; va < end; va = next) {
        uint64_t *entry = range_entry(pm, va);

        next = span_end(va, end);
        if (!entry)
            continue;
        for (; va < next; va += PAGE_SIZE, entry++) {
            unsigned now = prot;
            paddr_t pa;

            if (!(*entry & PTE_HELD))
                continue;
            if (!(*entry & PTE_W))
                now &= ~PMAP_WRITE;
            if (prot != PMAP_NONE && now == PMAP_NONE)
                now = PMAP_READ;
            pa = *entry & PTE_ADDR;
            pte_clear(entry);
            pte_set(entry, pa | prot_bits(now));
            changed++;
        }
    }
    flush_range(pm, start, end, changed);
}

/* Move `n` entries of one table to another; how many hold a page. */
static size_t move_entries(uint64_t *source, uint64_t *target, size_t n)
{
    size_t moved = 0;

    for (; n > 0; n--, source++, target++) {
        uint64_t value = *source;

        if (!(value & PTE_HELD))
            continue;
        assert(!(*target & PTE_HELD));
        pte_clear(source);
        pte_set(target, value);
        moved++;
    }
    return moved;
}

void pmap_move(struct pmap *pm, vaddr_t from, vaddr_t to, size_t nbytes)
{
    vaddr_t start = from, end = from + nbytes;
    size_t moved = 0, n;

    assert(nbytes <= USER_END && from <= USER_END - nbytes &&
           to <= USER_END - nbytes);
    for (; from < end; from += n, to += n) {
        uint64_t *source = range_entry(pm, from);
        uint64_t *target = own_entry(pm, to);

        n = span_end(from, end) - from;
        if (!source)
            continue;
        assert(target);
        if (n > span_end(to, USER_END) - to)
            n = span_end(to, USER_END) - to;
        moved += move_entries(source, target, n / PAGE_SIZE);
    }
    flush_range(pm, start, end, moved);
}

void pmap_move_table(struct pmap *pm, vaddr_t from, vaddr_t to)
{
    uint64_t *source = pd_entry(pm, from), *target = pd_entry(pm, to);
    uint64_t value = *source;

    assert(((from | to) & (PMAP_SPAN - 1)) == 0 && !(*target & PTE_P));
    if (!(value & PTE_P))
        return;
    pte_clear(source);
    pte_set(target, value);
    pmap_flush(pm);
}

void pmap_drop_tables(struct pmap *pm, vaddr_t start, vaddr_t end,
                      pmap_drop_fn *drop, void *context)
{
    bool flush = false;

    assert(((start | end) & (PMAP_SPAN - 1)) == 0 && end <= USER_END);
    for (vaddr_t va = start; va < end; va += PMAP_SPAN) {
        uint64_t *pde = pd_entry(pm, va);
        paddr_t table = *pde & PTE_ADDR;

        if (!(*pde & PTE_P))
            continue;
        assert(*pde & PTE_W);
        pte_clear(pde);
        drop(context, table);
        pm->ntables--;
        flush = true;
    }
    /* The CPU may cache directory entries too (SDM 3A 4.10.3). */
    if (flush && pm == active)
        flush_all();
}

bool pmap_is_guarded(const struct pmap *pm, vaddr_t va)
{
    return (*pd_entry(pm, va) & (PTE_P | PTE_W)) == PTE_P;
}

paddr_t pmap_table(const struct pmap *pm, vaddr_t va)
{
    return *pd_entry(pm, va) & PTE_ADDR;
}

void pmap_flush(const struct pmap *pm)
{
    if (pm == active)
        flush_all();
}

bool pmap_share_table(struct pmap *parent, struct pmap *child, vaddr_t va)
{
    uint64_t *from = pd_entry(parent, va);
    uint64_t *to = pd_entry(child, va);
    paddr_t table = *from & PTE_ADDR;

    assert(*to == 0);
    if (!(*from & PTE_P))
        return false;
    if (*from & PTE_W) {
        pte_set(from, table | PTE_P | PTE_U);
        parent->nguarded++;
    }
    pte_set(to, table | PTE_P | PTE_U);
    child->nguarded++;
    child->ntables++;
    return true;
}

void pmap_own_table(struct pmap *pm, vaddr_t va, paddr_t table_pa,
                    void (*share)(paddr_t pa))
{
    uint64_t *old = direct_map(pmap_table(pm, va));
    uint64_t *new = direct_map(table_pa);

    assert(pmap_is_guarded(pm, va));
    for (unsigned i = 0; i < 512; i++) {
        uint64_t entry = old[i];

        if (entry & PTE_HELD) {
            entry &= ~(uint64_t)PTE_W;
            pte_set(&old[i], entry);
            share(entry & PTE_ADDR);
        }
        new[i] = entry;
    }
    pte_set(pd_entry(pm, va), table_pa | PTE_P | PTE_W | PTE_U);
    pm->nguarded--;
    pmap_flush(pm);
}

void pmap_unguard_table(struct pmap *pm, vaddr_t va)
{
    assert(pmap_is_guarded(pm, va));
    pte_set(pd_entry(pm, va), pmap_table(pm, va) | PTE_P | PTE_W | PTE_U);
    pm->nguarded--;
    pmap_flush(pm);
}

void pmap_leave_table(struct pmap *pm, vaddr_t va, size_t nheld)
{
    assert(pmap_is_guarded(pm, va));
    pte_clear(pd_entry(pm, va));
    pm->peak = pmap_peak(pm);
    pm->nresident -= nheld;
    pm->nguarded--;
    pm->ntables--;
    pmap_flush(pm);
}

bool pmap_next(const struct pmap *pm, vaddr_t *va, vaddr_t end, paddr_t *pa,
               unsigned *prot)
{
    for (vaddr_t at = *va, next; at < end; at = next) {
        const uint64_t *entry = pt_entry(pm, at);

        next = span_end(at, end);
        if (!entry)
            continue;
        for (; at < next; at += PAGE_SIZE, entry++) {
            if (!(*entry & PTE_HELD))
                continue;
            *va = at;
            *pa = *entry & PTE_ADDR;
            *prot = live_prot(pm, at, *entry);
            return true;
        }
    }
    return false;
}

void pmap_tell_held(const struct pmap *pm, vaddr_t va, vaddr_t end,
                    uint8_t *vec)
{
    for (vaddr_t next; va < end; va = next) {
        const uint64_t *entry = pt_entry(pm, va);
        size_t n;

        next = span_end(va, end);
        n = (next - va) / PAGE_SIZE;
        if (!entry)
            memset(vec, 0, n);
        else
            for (size_t i = 0; i < n; i++)
                vec[i] = ((uint32_t)entry[i] & PTE_HELD) != 0;
        vec += n;
    }
}
