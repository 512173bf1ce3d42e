/*
 * The machine of machine.h. Page tables are real ones, 512 entries of 64 bits
 * in frames of low memory, and every rule of pmap.h that can be tested is.
 */
#include "machine.h"

#include <cairn/errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/i386/cpu.h"
#include "arch/i386/pmap.h"
#include "arch/i386/window.h"
#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/memmap.h"
#include "mm/shmem.h"
#include "tap.h"

#define LOW_START  0x100000u
#define LOW_END    (LOW_START + MACHINE_LOW_BYTES)
#define HIGH_START ((paddr_t)4 << 30)
#define HIGH_END   (HIGH_START + MACHINE_HIGH_BYTES)

static uint8_t low[MACHINE_LOW_BYTES] __attribute__((aligned(4096)));
static uint8_t high[MACHINE_HIGH_BYTES] __attribute__((aligned(4096)));

struct cpu_features cpu = {.nx = true};

void machine_start(void)
{
    static struct memmap map;
    size_t nbytes;
    void *metadata;

    memmap_init(&map);
    if (memmap_add(&map, LOW_START, MACHINE_LOW_BYTES, 1) != 0 ||
        memmap_add(&map, HIGH_START, MACHINE_HIGH_BYTES, 1) != 0)
        panic("machine: no map");
    memmap_finish(&map);
    nbytes = frame_metadata_bytes(&map);
    metadata = aligned_alloc(4096, nbytes);
    if (frame_init(&map, metadata, nbytes, LOW_END) != 0)
        panic("machine: no frames");
    commit_init();
}

/*
 * Physical memory.
 */

static uint8_t *memory_at(paddr_t pa)
{
    if (pa >= LOW_START && pa < LOW_END)
        return low + (pa - LOW_START);
    if (pa >= HIGH_START && pa < HIGH_END)
        return high + (pa - HIGH_START);
    panic("machine: 0x%llx is no memory", (unsigned long long)pa);
}

void *direct_map(paddr_t pa)
{
    if (pa >= LOW_END)
        panic("machine: 0x%llx is not low", (unsigned long long)pa);
    return memory_at(pa);
}

paddr_t direct_pa(const void *p)
{
    const uint8_t *byte = p;

    assert(byte >= low && byte < low + MACHINE_LOW_BYTES);
    return LOW_START + (paddr_t)(byte - low);
}

paddr_t direct_limit(void)
{
    return LOW_END;
}

void *window_open(paddr_t pa)
{
    return memory_at(pa);
}

void window_close(void *window)
{
    (void)window;
}

void frame_zero(paddr_t pa)
{
    memset(memory_at(pa), 0, PAGE_SIZE);
}

void frame_copy(paddr_t to, paddr_t from)
{
    memcpy(memory_at(to), memory_at(from), PAGE_SIZE);
}

void phys_read(void *dst, paddr_t src, size_t nbytes)
{
    memcpy(dst, memory_at(src), nbytes);
}

void phys_write(paddr_t dst, const void *src, size_t nbytes)
{
    memcpy(memory_at(dst), src, nbytes);
}

/*
 * Page tables. An entry: the frame, HELD, and what it allows in bits 1 to 3.
 */

#define HELD      1u
#define GUARDED   2u /* of a directory's entry */
#define PROT_BITS 1
#define ENTRY_PA  (~(uint64_t)PAGE_MASK)
#define ENTRIES   512u

static const struct pmap *active;

static uint64_t *pd_entry(const struct pmap *pm, vaddr_t va)
{
    assert(va < USER_END);
    return &pm->pd[va >> 30][(va >> 21) % ENTRIES];
}

static uint64_t *pt_entry(const struct pmap *pm, vaddr_t va)
{
    uint64_t pde = *pd_entry(pm, va);
    uint64_t *table;

    if (pde == 0)
        return NULL;
    table = direct_map(pde & ENTRY_PA);
    return &table[(va >> 12) % ENTRIES];
}

static uint64_t *own_entry(const struct pmap *pm, vaddr_t va)
{
    return (*pd_entry(pm, va) & GUARDED) != 0 ? NULL : pt_entry(pm, va);
}

static uint64_t make_entry(paddr_t pa, unsigned prot)
{
    assert((pa & PAGE_MASK) == 0 && prot <= 7);
    return pa | HELD | (uint64_t)prot << PROT_BITS;
}

static unsigned entry_prot(uint64_t entry)
{
    return entry >> PROT_BITS & 7;
}

void pmap_init(struct pmap *pm, const paddr_t dirs[PMAP_NDIRS])
{
    assert(((uintptr_t)pm & 31) == 0);
    for (unsigned i = 0; i < PMAP_NDIRS; i++) {
        pm->pd[i] = direct_map(dirs[i]);
        memset(pm->pd[i], 0, PAGE_SIZE);
    }
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
    active = pm;
}

bool pmap_needs_table(const struct pmap *pm, vaddr_t va)
{
    return *pd_entry(pm, va) == 0;
}

void pmap_add_table(struct pmap *pm, vaddr_t va, paddr_t table_pa)
{
    assert(pmap_needs_table(pm, va));
    memset(direct_map(table_pa), 0, PAGE_SIZE);
    *pd_entry(pm, va) = table_pa | HELD;
    pm->ntables++;
}

void pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned prot)
{
    assert((va & PAGE_MASK) == 0);
    pmap_fill(pm, own_entry(pm, va), pa, prot);
}

uint64_t *pmap_entry(const struct pmap *pm, vaddr_t va)
{
    return own_entry(pm, va);
}

void pmap_fill(struct pmap *pm, uint64_t *entry, paddr_t pa, unsigned prot)
{
    assert(entry != NULL && *entry == 0);
    *entry = make_entry(pa, prot);
    pm->nresident++;
}

bool pmap_lookup(const struct pmap *pm, vaddr_t va, paddr_t *pa, unsigned *prot)
{
    uint64_t *entry = pt_entry(pm, va);

    if (entry == NULL || *entry == 0)
        return false;
    if (pa != NULL)
        *pa = *entry & ENTRY_PA;
    if (prot != NULL)
        *prot = entry_prot(*entry);
    if (prot != NULL && pmap_is_guarded(pm, va))
        *prot &= ~PMAP_WRITE;
    return true;
}

void pmap_set_prot(struct pmap *pm, vaddr_t va, unsigned prot)
{
    uint64_t *entry = own_entry(pm, va);

    assert(entry != NULL && *entry != 0);
    *entry = make_entry(*entry & ENTRY_PA, prot);
}

void pmap_replace(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned prot,
                  pmap_drop_fn *drop, void *context)
{
    uint64_t *entry = own_entry(pm, va);
    paddr_t old;

    assert(entry != NULL && *entry != 0);
    old = *entry & ENTRY_PA;
    *entry = make_entry(pa, prot);
    drop(context, old);
}

/* Check a range; and skip to the next span where there is no table. */
static void check_range(vaddr_t start, vaddr_t end)
{
    assert(((start | end) & PAGE_MASK) == 0);
    assert(start <= end && end <= USER_END);
}

static vaddr_t next_span(vaddr_t va)
{
    return (va & ~(vaddr_t)(PMAP_SPAN - 1)) + PMAP_SPAN;
}

void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end,
                 pmap_drop_fn *drop, void *context)
{
    check_range(start, end);
    for (vaddr_t va = start; va < end;) {
        uint64_t *entry = pt_entry(pm, va);
        paddr_t pa;

        assert(!pmap_is_guarded(pm, va));
        if (entry == NULL) {
            va = next_span(va);
            continue;
        }
        va += PAGE_SIZE;
        if (*entry == 0)
            continue;
        pa = *entry & ENTRY_PA;
        *entry = 0;
        pm->peak = pmap_peak(pm);
        pm->nresident--;
        drop(context, pa);
    }
}

void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, unsigned prot)
{
    check_range(start, end);
    for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
        uint64_t *entry = pt_entry(pm, va);
        unsigned now;

        assert(!pmap_is_guarded(pm, va));
        if (entry == NULL || *entry == 0)
            continue;
        now = prot & ~PMAP_WRITE;
        now |= entry_prot(*entry) & prot & PMAP_WRITE;
        *entry = make_entry(*entry & ENTRY_PA, now);
    }
}

void pmap_move(struct pmap *pm, vaddr_t from, vaddr_t to, size_t nbytes)
{
    check_range(from, from + nbytes);
    check_range(to, to + nbytes);
    assert(from + nbytes <= to || to + nbytes <= from);
    for (size_t i = 0; i < nbytes; i += PAGE_SIZE) {
        uint64_t *source = pt_entry(pm, from + i);
        uint64_t *target = pt_entry(pm, to + i);

        assert(!pmap_is_guarded(pm, from + i));
        assert(!pmap_is_guarded(pm, to + i));
        assert(target == NULL || *target == 0);
        if (source == NULL || *source == 0)
            continue;
        assert(target != NULL);
        *target = *source;
        *source = 0;
    }
}

void pmap_move_table(struct pmap *pm, vaddr_t from, vaddr_t to)
{
    uint64_t *source = pd_entry(pm, from), *target = pd_entry(pm, to);

    assert(((from | to) & (PMAP_SPAN - 1)) == 0);
    assert(*target == 0);
    *target = *source;
    *source = 0;
}

void pmap_drop_tables(struct pmap *pm, vaddr_t start, vaddr_t end,
                      pmap_drop_fn *drop, void *context)
{
    check_range(start, end);
    assert(((start | end) & (PMAP_SPAN - 1)) == 0);
    for (vaddr_t va = start; va < end; va += PMAP_SPAN) {
        uint64_t *pde = pd_entry(pm, va);
        uint64_t *table;
        paddr_t pa;

        if (*pde == 0)
            continue;
        assert((*pde & GUARDED) == 0);
        pa = *pde & ENTRY_PA;
        table = direct_map(pa);
        for (unsigned i = 0; i < ENTRIES; i++)
            assert(table[i] == 0);
        *pde = 0;
        pm->ntables--;
        drop(context, pa);
    }
}

bool pmap_is_guarded(const struct pmap *pm, vaddr_t va)
{
    return (*pd_entry(pm, va) & GUARDED) != 0;
}

paddr_t pmap_table(const struct pmap *pm, vaddr_t va)
{
    assert(*pd_entry(pm, va) != 0);
    return *pd_entry(pm, va) & ENTRY_PA;
}

void pmap_flush(const struct pmap *pm)
{
    (void)pm;
}

bool pmap_share_table(struct pmap *parent, struct pmap *child, vaddr_t va)
{
    uint64_t *from = pd_entry(parent, va);
    uint64_t *to = pd_entry(child, va);

    assert(*to == 0);
    if (*from == 0)
        return false;
    parent->nguarded += !pmap_is_guarded(parent, va);
    *from |= GUARDED;
    *to = *from;
    child->nguarded++;
    child->ntables++;
    return true;
}

void pmap_own_table(struct pmap *pm, vaddr_t va, paddr_t table_pa,
                    void (*share)(paddr_t pa))
{
    uint64_t *old = direct_map(pmap_table(pm, va));
    uint64_t *new = direct_map(table_pa);

    assert(pmap_is_guarded(pm, va) && new != old);
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (old[i] != 0) {
            old[i] &= ~((uint64_t)PMAP_WRITE << PROT_BITS);
            share(old[i] & ENTRY_PA);
        }
        new[i] = old[i];
    }
    *pd_entry(pm, va) = table_pa | HELD;
    pm->nguarded--;
}

void pmap_unguard_table(struct pmap *pm, vaddr_t va)
{
    assert(pmap_is_guarded(pm, va));
    *pd_entry(pm, va) &= ~(uint64_t)GUARDED;
    pm->nguarded--;
}

void pmap_leave_table(struct pmap *pm, vaddr_t va, size_t nheld)
{
    assert(pmap_is_guarded(pm, va));
    *pd_entry(pm, va) = 0;
    pm->peak = pmap_peak(pm);
    pm->nresident -= nheld;
    pm->nguarded--;
    pm->ntables--;
}

bool pmap_next(const struct pmap *pm, vaddr_t *va, vaddr_t end, paddr_t *pa,
               unsigned *prot)
{
    vaddr_t at = *va;

    while (at < end) {
        if (pt_entry(pm, at) == NULL) {
            at = next_span(at);
            continue;
        }
        if (pmap_lookup(pm, at, pa, prot)) {
            *va = at;
            return true;
        }
        at += PAGE_SIZE;
    }
    return false;
}

void pmap_tell_held(const struct pmap *pm, vaddr_t va, vaddr_t end,
                    uint8_t *vec)
{
    check_range(va, end);
    for (; va < end; va += PAGE_SIZE)
        *vec++ = pmap_lookup(pm, va, NULL, NULL);
}

/*
 * The CPU. struct space begins with its pmap, as this test must know to walk
 * the tables as hardware does.
 */

static bool cpu_allows(unsigned prot, unsigned access)
{
    if (access == FAULT_WRITE)
        return (prot & PMAP_WRITE) != 0;
    if (access == FAULT_EXEC)
        return (prot & PMAP_EXEC) != 0;
    return prot != PMAP_NONE;
}

int machine_touch(struct space *space, vaddr_t va, unsigned access,
                  uint8_t **byte)
{
    const struct pmap *pm = (const struct pmap *)space;

    for (int tries = 0; tries < 5; tries++) {
        vaddr_t page = va & ~(vaddr_t)PAGE_MASK;
        unsigned prot;
        paddr_t pa;
        int err;

        if (va < USER_END && pmap_lookup(pm, page, &pa, &prot) &&
            cpu_allows(prot, access)) {
            *byte = memory_at(pa) + (va & PAGE_MASK);
            return 0;
        }
        err = space_fault(space, va, access);
        if (err < 0)
            return err;
    }
    return tap_fail(__FILE__, __LINE__, "a fault at 0x%lx never ends",
                    (unsigned long)va);
}

int machine_poke(struct space *space, vaddr_t va, uint8_t value)
{
    uint8_t *byte;
    int err = machine_touch(space, va, FAULT_WRITE, &byte);

    if (err == 0)
        *byte = value;
    return err;
}

int machine_peek(struct space *space, vaddr_t va, uint8_t expected)
{
    uint8_t *byte;
    int err = machine_touch(space, va, FAULT_READ, &byte);

    if (err != 0)
        return err;
    return *byte == expected ? 0 : -1000;
}

void (*machine_checkpoint)(void);

bool checkpoint(void)
{
    if (machine_checkpoint != NULL)
        machine_checkpoint();
    return false;
}

void pause_wait(void)
{
    abort(); /* there is one thread */
}

void pause_over(void)
{
}

bool checkpoint_signal(void)
{
    return checkpoint();
}

/*
 * Files.
 */

struct file_object {
    struct mobject object;
    size_t npages;
    paddr_t pages[];
};

size_t machine_nfiles;
size_t machine_file_frames;
void (*machine_file_sleeps)(void);

static int file_page(struct mobject *obj, uint64_t index, bool write,
                     paddr_t *pa)
{
    struct file_object *file = (struct file_object *)obj;

    (void)write;
    if (machine_file_sleeps != NULL)
        machine_file_sleeps();
    if (index >= file->npages)
        return -ENXIO;
    frame_get(file->pages[index]);
    *pa = file->pages[index];
    return 0;
}

/* That there is one makes the first write to a shared page fault. */
static void file_written(struct mobject *obj)
{
    CHECK(obj->refs > 0);
}

static void file_release(struct mobject *obj)
{
    struct file_object *file = (struct file_object *)obj;

    for (size_t i = 0; i < file->npages; i++)
        commit_put_file(file->pages[i]);
    machine_nfiles--;
    machine_file_frames -= file->npages;
    free(file);
}

static const struct mobject_ops file_ops = {.page = file_page,
                                            .written = file_written,
                                            .release = file_release};

struct mobject *machine_file(size_t npages, uint8_t first)
{
    struct file_object *file =
        malloc(sizeof *file + npages * sizeof file->pages[0]);

    if (commit_charge(npages) != 0)
        panic("machine: no memory for a file");
    mobject_init(&file->object, &file_ops);
    file->npages = npages;
    for (size_t i = 0; i < npages; i++) {
        file->pages[i] = commit_take(FRAME_FILE);
        memset(memory_at(file->pages[i]), (int)(first + i) & 0xFF, PAGE_SIZE);
    }
    machine_nfiles++;
    machine_file_frames += npages;
    return &file->object;
}

/*
 * Checks over everything.
 */

static const char *check_charges(void)
{
    static char text[160];
    struct commit_state state;
    size_t user, low_charged, shared, shared_low, expected;

    commit_read(&state);
    space_total_charges(&user, &low_charged);
    shmem_total_charges(&shared, &shared_low);
    expected = user + low_charged + shared + shared_low + kmalloc_nframes() +
               machine_file_frames;
    if (state.charged == expected)
        return NULL;
    snprintf(text, sizeof text,
             "%zu charged, not spaces %zu + %zu, shared %zu + %zu, "
             "slabs %zu, files %zu",
             state.charged, user, low_charged, shared, shared_low,
             kmalloc_nframes(), machine_file_frames);
    return text;
}

const char *machine_check(struct space *const spaces[], size_t nspaces)
{
    const char *broken = frame_check();

    for (size_t i = 0; i < nspaces && broken == NULL; i++)
        if (spaces[i] != NULL)
            broken = space_check(spaces[i]);
    if (broken == NULL)
        broken = commit_check();
    if (broken == NULL)
        broken = kmalloc_check();
    if (broken == NULL)
        broken = check_charges();
    return broken;
}

void machine_read(struct machine_state *state)
{
    struct commit_state commit;

    kmalloc_shrink();
    commit_read(&commit);
    state->free_low = frame_free_low();
    state->free_high = frame_free_high();
    state->charged = commit.charged;
    state->objects = kmalloc_nobjects();
}

void machine_check_same(const struct machine_state *before)
{
    struct machine_state now;

    machine_read(&now);
    CHECK_EQ(now.free_low + now.free_high,
             before->free_low + before->free_high);
    CHECK_EQ(now.charged, before->charged);
    CHECK_EQ(now.objects, before->objects);
}
