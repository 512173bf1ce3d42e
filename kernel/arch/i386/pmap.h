/*
 * Page tables of one address space: the four-entry PDPT, three page
 * directories of its own for user addresses (3 GiB) and the kernel's shared
 * one. A pmap knows nothing of areas, charges or the frame allocator: frames
 * for its tables are handed in, and frames it lets go of are handed out.
 *
 *   pdpt[0..2] -> pd[0..2] -> page tables -> user frames
 *   pdpt[3]    -> the kernel's page directory, the same in every pmap
 *
 * The PDPT entries never change after pmap_init, so the rule that CR3 must be
 * reloaded for them (Intel SDM 3A 4.4.1) is met by construction.
 *
 * A page table may be guarded: held by several pmaps at once after a fork, and
 * write-protected as a whole in each of them. What it maps counts as resident
 * in each pmap, but frames are referenced once, by the table. Before an entry
 * of a guarded table is changed, the pmap must own the table again
 * (pmap_own_table): functions that change entries assert it.
 *
 * Page tables and directories must lie in low memory. All functions run with
 * the kernel's implicit lock (no preemption) and never sleep.
 */
#ifndef ARCH_PMAP_H
#define ARCH_PMAP_H

#include "lib/types.h"

#define USER_BASE  0x00010000u /* lowest address a user may map */
#define USER_END   0xC0000000u /* first address that is the kernel's */
#define PMAP_SPAN  0x00200000u /* bytes mapped by one page table */
#define PMAP_NDIRS 3           /* frames pmap_init needs */

/* What a mapping allows. PMAP_NONE keeps the frame but forbids everything. */
#define PMAP_READ  1u
#define PMAP_WRITE 2u
#define PMAP_EXEC  4u
#define PMAP_NONE  0u

/* What a page fault was about, and the answer that all was well already. */
#define FAULT_READ    0u
#define FAULT_WRITE   1u
#define FAULT_EXEC    2u
#define FAULT_NOTHING 1

struct pmap {
    uint64_t pdpt[4] __attribute__((aligned(32))); /* (c) read by the CPU */
    uint64_t *pd[PMAP_NDIRS];                      /* (c) in the direct map */
    size_t nresident; /* frames mapped, PMAP_NONE ones included */
    size_t peak;      /* the most of them before they last became fewer */
    size_t ntables;   /* page tables in use, directories not counted */
    size_t nguarded;  /* of these, guarded ones */
};

/*
 * Take a frame that a pmap lets go of, when it is safe to use it again.
 * `context` is what the caller of the pmap's function gave.
 */
typedef void pmap_drop_fn(void *context, paddr_t pa);

/*
 * Make an empty pmap over `dirs`, PMAP_NDIRS low frames (contents any). The
 * struct itself must lie in low memory, 32-byte aligned, below 4 GiB.
 */
void pmap_init(struct pmap *pm, const paddr_t dirs[PMAP_NDIRS]);

/* Hand the directories of an empty pmap back through `drop`. Not active. */
void pmap_fini(struct pmap *pm, pmap_drop_fn *drop, void *context);

/* Load the pmap into CR3; NULL loads the kernel's own. */
void pmap_activate(struct pmap *pm);

/* True if the page table for `va` is missing (pmap_add_table must come). */
bool pmap_needs_table(const struct pmap *pm, vaddr_t va);

/* Give the low frame `table_pa` (contents any) as page table for `va`. */
void pmap_add_table(struct pmap *pm, vaddr_t va, paddr_t table_pa);

/*
 * Map the frame `pa` at page `va`, with one reference that the pmap now
 * holds. The table must be there and the page unmapped (asserted).
 */
void pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned prot);

/*
 * The same in two steps, for a fault that must be quick: where the entry of
 * page `va` lies, or NULL if its table is missing or guarded; an entry is 0 if
 * it holds no frame, and then pmap_fill may make it hold one. Valid until
 * anything else is done to the pmap.
 */
uint64_t *pmap_entry(const struct pmap *pm, vaddr_t va);
void pmap_fill(struct pmap *pm, uint64_t *entry, paddr_t pa, unsigned prot);

/*
 * Look `va` up: true if a frame is held there; *pa and *prot (either may be
 * NULL) receive the frame and what the live entry allows.
 */
bool pmap_lookup(const struct pmap *pm, vaddr_t va, paddr_t *pa,
                 unsigned *prot);

/* Set what the held page at `va` allows, up or down, and flush it. */
void pmap_set_prot(struct pmap *pm, vaddr_t va, unsigned prot);

/* Replace the frame held at `va`; the old one goes to `drop`. */
void pmap_replace(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned prot,
                  pmap_drop_fn *drop, void *context);

/*
 * Let go of every page in [start, end), page-aligned, below USER_END. Each
 * frame goes to `drop`. Tables stay. The TLB is flushed before it returns;
 * `drop` must not make frames usable for anyone who runs before that (the
 * kernel is not preempted, so putting them on a free list is fine).
 */
void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end,
                 pmap_drop_fn *drop, void *context);

/*
 * Limit what the held pages of [start, end) allow to at most `prot`;
 * execute and read are also raised to it, write never is (the fault handler
 * does that, page by page, since only it knows who else shares the frame).
 */
void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, unsigned prot);

/*
 * Move the held pages of [from, from + nbytes) to `to`, tables of the target
 * being there; the target must be empty and must not overlap the source.
 */
void pmap_move(struct pmap *pm, vaddr_t from, vaddr_t to, size_t nbytes);

/*
 * Move the table of the slot that starts at `from`, if it has one, guarded or
 * not, with all that it holds, to the slot that starts at `to`, which has none.
 */
void pmap_move_table(struct pmap *pm, vaddr_t from, vaddr_t to);

/*
 * Hand the tables of the 2 MiB slots that lie wholly in [start, end) (both
 * PMAP_SPAN-aligned) back through `drop`; they must hold no page.
 */
void pmap_drop_tables(struct pmap *pm, vaddr_t start, vaddr_t end,
                      pmap_drop_fn *drop, void *context);

/* Whether the page table for `va` is there and guarded. */
bool pmap_is_guarded(const struct pmap *pm, vaddr_t va);

/* The frame of the page table for `va`, which is there. */
paddr_t pmap_table(const struct pmap *pm, vaddr_t va);

/*
 * Let `child`, which has no table for `va`, hold the one of `parent`, if there
 * is one; it becomes guarded in both. True if it is so; the caller counts the
 * table's new holder, and sets child->nresident when all are done. Ends with
 * pmap_flush(parent).
 */
bool pmap_share_table(struct pmap *parent, struct pmap *child, vaddr_t va);

/* Forget all cached translations, if the pmap is the active one. */
void pmap_flush(const struct pmap *pm);

/*
 * Make a guarded table the pmap's own: replace it by `table_pa`, a low frame
 * that becomes a copy of it in which nothing is writable, and neither in the
 * old one any more. `share` is called for each frame that the copy now also
 * refers to. The caller takes care of the old table's frame.
 */
void pmap_own_table(struct pmap *pm, vaddr_t va, paddr_t table_pa,
                    void (*share)(paddr_t pa));

/* The same where no other pmap holds it any more: nothing to copy. */
void pmap_unguard_table(struct pmap *pm, vaddr_t va);

/*
 * Let go of a guarded table and what it maps, `nheld` pages, which stay with
 * its other holders. The caller takes care of the table's frame.
 */
void pmap_leave_table(struct pmap *pm, vaddr_t va, size_t nheld);

/*
 * Next held page at or after *va and below `end`: true with *va, *pa and
 * *prot set. For fork and for the pictures of memory.
 */
bool pmap_next(const struct pmap *pm, vaddr_t *va, vaddr_t end, paddr_t *pa,
               unsigned *prot);

/* Set a byte of `vec` for each page of [va, end): 1 if it is held, or 0. */
void pmap_tell_held(const struct pmap *pm, vaddr_t va, vaddr_t end,
                    uint8_t *vec);

/* The most frames that were ever mapped at a time. */
static inline size_t pmap_peak(const struct pmap *pm)
{
    return pm->peak > pm->nresident ? pm->peak : pm->nresident;
}

#endif
