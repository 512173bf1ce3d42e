/*
 * Memory in /proc.
 *
 * meminfo and vmstat are Linux's, as far as Cairn has the numbers; there is
 * no swap, and "available" is exact: what may still be promised. Cairn's own:
 *
 *      memmap   START-END BYTES KIND, one line per range of the boot map, the
 *               end not included
 *      frames   KIND: FRAMES for each kind and their total; then per zone how
 *               many free blocks of 2^0, 2^1, ... 2^10 frames there are, and
 *               how many single frames are cached and how many are zeroed
 *               beside them
 *      slabs    NAME SIZE USED ROOM FRAMES, one line per cache of objects, and
 *               the totals
 *      commit   what is promised and what of it is in use, in frames
 */
#include "proc/procfs.h"

#include "lib/string.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/memmap.h"
#include "mm/shmem.h"
#include "mm/space.h"
#include "proc/procfs_private.h"
#include "sched/kstack.h"

static const struct memmap *boot_map;

void procfs_set_memmap(const struct memmap *map)
{
    boot_map = map;
}

static void add_kib(struct text *text, const char *name, size_t nframes)
{
    text_printf(text, "%-16s%8lu kB\n", name, KIB_OF(nframes));
}

void procfs_show_meminfo(struct text *text, struct process *p)
{
    struct commit_state commit;
    size_t shmem, shmem_low;

    (void)p;
    kmalloc_settle();
    commit_read(&commit);
    shmem_total_charges(&shmem, &shmem_low);
    add_kib(text, "MemTotal:", frame_total());
    add_kib(text, "MemFree:", frame_count(FRAME_FREE));
    add_kib(text, "MemAvailable:", commit.limit - commit.charged);
    add_kib(text, "Buffers:", 0);
    add_kib(text, "Cached:", frame_count(FRAME_FILE));
    add_kib(text, "SwapCached:", 0);
    add_kib(text, "HighFree:", frame_free_high());
    add_kib(text, "LowFree:", frame_free_low());
    add_kib(text, "SwapTotal:", 0);
    add_kib(text, "SwapFree:", 0);
    add_kib(text, "AnonPages:", frame_count(FRAME_USER));
    add_kib(text, "Shmem:", shmem);
    add_kib(text, "Slab:", kmalloc_nframes());
    add_kib(text, "SReclaimable:", 0);
    add_kib(text, "SUnreclaim:", kmalloc_nframes());
    add_kib(text, "KernelStack:", kstack_charged());
    add_kib(text, "PageTables:", frame_count(FRAME_PAGETABLE));
    add_kib(text, "CommitLimit:", commit.limit);
    add_kib(text, "Committed_AS:", commit.charged);
}

static void add_count(struct text *text, const char *name, size_t count)
{
    text_printf(text, "%s %zu\n", name, count);
}

void procfs_show_vmstat(struct text *text, struct process *p)
{
    (void)p;
    kmalloc_settle();
    add_count(text, "nr_free_pages", frame_count(FRAME_FREE));
    add_count(text, "nr_anon_pages", frame_count(FRAME_USER));
    add_count(text, "nr_file_pages", frame_count(FRAME_FILE));
    add_count(text, "nr_page_table_pages", frame_count(FRAME_PAGETABLE));
    add_count(text, "nr_slab_unreclaimable", kmalloc_nframes());
    add_count(text, "pswpin", 0);
    add_count(text, "pswpout", 0);
}

const struct memmap *procfs_memory_map(void)
{
    return boot_map;
}

void procfs_show_memmap(struct text *text, struct process *p)
{
    struct memmap_range range;

    (void)p;
    if (boot_map == NULL)
        return;
    for (unsigned i = 0; memmap_next(boot_map, &i, &range);)
        text_printf(text, "%09llx-%09llx %12llu %s\n",
                    (unsigned long long)range.start,
                    (unsigned long long)range.end,
                    (unsigned long long)(range.end - range.start),
                    memmap_kind_name(range.kind));
}

static void add_kind(struct text *text, const char *name, size_t nframes)
{
    int width = 12 - (int)strlen(name);

    text_printf(text, "%s:%*s%8zu\n", name, width, "", nframes);
}

static void add_zone(struct text *text, const char *name, enum frame_zone zone)
{
    text_printf(text, "%s blocks:", name);
    for (unsigned order = 0; order <= FRAME_MAX_ORDER; order++)
        text_printf(text, " %zu", frame_free_blocks(zone, order));
    text_printf(text, "\n%s cached: %zu\n", name, frame_cached(zone));
    text_printf(text, "%s zeroed: %zu\n", name, frame_zeroed(zone));
}

void procfs_show_frames(struct text *text, struct process *p)
{
    (void)p;
    kmalloc_settle();
    for (unsigned kind = 0; kind < FRAME_NKINDS; kind++)
        add_kind(text, frame_kind_name(kind), frame_count(kind));
    add_kind(text, "total", frame_total());
    add_zone(text, "low", FRAME_ZONE_LOW);
    add_zone(text, "high", FRAME_ZONE_HIGH);
}

static void add_slab(const struct slab_cache *cache, void *ctx)
{
    struct text *text = ctx;

    text_printf(text, "%-20s %6u %8lu %8lu %8lu\n", cache->name, cache->size,
                (unsigned long)cache->nused,
                (unsigned long)cache->nslabs * cache->per_slab,
                (unsigned long)cache->nslabs);
}

void procfs_show_slabs(struct text *text, struct process *p)
{
    (void)p;
    kmalloc_settle();
    text_printf(text, "%-20s %6s %8s %8s %8s\n", "name", "size", "used", "room",
                "frames");
    kmalloc_each(add_slab, text);
    text_printf(text, "%-20s %6s %8zu %8s %8zu\n", "total", "-",
                kmalloc_nobjects(), "-", kmalloc_nframes());
}

void procfs_show_commit(struct text *text, struct process *p)
{
    struct commit_state commit;
    size_t user, low, shmem, shmem_low;

    (void)p;
    kmalloc_settle();
    commit_read(&commit);
    space_total_charges(&user, &low);
    shmem_total_charges(&shmem, &shmem_low);
    add_count(text, "limit", commit.limit);
    add_count(text, "charged", commit.charged);
    add_count(text, "charged_low", commit.charged_low);
    add_count(text, "taken", commit.taken);
    add_count(text, "taken_low", commit.taken_low);
    add_count(text, "spaces", user);
    add_count(text, "spaces_low", low);
    add_count(text, "shared", shmem);
    add_count(text, "shared_low", shmem_low);
}
