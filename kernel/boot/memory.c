/*
 * Laying out physical memory at boot:
 *
 *   1 MiB        kernel image
 *   anywhere     initrd, where the loader put it
 *   lowest fit   frame metadata: 16 bytes for each frame of RAM
 *   the rest     free
 *
 * Frames below the low limit are mapped by the kernel for good; metadata must
 * lie there. When it does not fit for all of a large memory, the top of the
 * memory is left out, as little as possible.
 */
#include "boot/memory.h"

#include "arch/i386/layout.h"
#include "arch/i386/paging.h"
#include "arch/i386/window.h"
#include "dev/console.h"
#include "lib/bits.h"
#include "lib/kasan.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/units.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"

#define MIN_FREE   (256 * KIB) /* below this, no program can start */
#define COPY_CHUNK PAGE_SIZE

extern char kernel_start[], kernel_end[];

static char error_text[160];
static struct memmap scratch;

static paddr_t image_start(void)
{
    return (uint32_t)(uintptr_t)kernel_start - KERNEL_BASE;
}

static paddr_t image_end(void)
{
    return (uint32_t)(uintptr_t)kernel_end - KERNEL_BASE;
}

/* True if every byte of [start, end), in whole pages, is free to use. */
static bool is_available(const struct memmap *map, uint64_t start, uint64_t end)
{
    struct memmap_range r;

    start = bits_align_down64(start, PAGE_SIZE);
    for (unsigned i = 0; memmap_next(map, &i, &r);)
        if (r.kind == MEMMAP_AVAILABLE && r.start <= start && end <= r.end)
            return true;
    return false;
}

static void copy_down(uint64_t to, uint64_t from, uint64_t nbytes)
{
    static char chunk[COPY_CHUNK];

    for (uint64_t done = 0; done < nbytes; done += COPY_CHUNK) {
        size_t n =
            nbytes - done < COPY_CHUNK ? (size_t)(nbytes - done) : COPY_CHUNK;

        phys_read(chunk, from + done, n);
        phys_write(to + done, chunk, n);
    }
}

/*
 * A module that is not page-aligned, or not in usable memory, is copied to a
 * place that does not overlap it.
 */
static const char *move_module(struct memmap *map, struct boot_module *m)
{
    uint64_t nbytes = m->end - m->start, to;

    scratch = *map;
    if (memmap_reserve(&scratch, m->start, m->end, MEMMAP_MODULE) != 0 ||
        memmap_find(&scratch, nbytes, PAGE_SIZE, MEMMAP_TOP, &to) != 0) {
        ksnprintf(error_text, sizeof(error_text),
                  "not enough memory: the initrd needs %llu KiB",
                  (unsigned long long)nbytes / KIB);
        return error_text;
    }
    klog(LOG_INFO, "boot: initrd moved from %08llx to %08llx",
         (unsigned long long)m->start, (unsigned long long)to);
    copy_down(to, m->start, nbytes);
    m->start = to;
    m->end = to + nbytes;
    return NULL;
}

static const char *place_initrd(struct boot_info *info,
                                struct boot_module *initrd)
{
    struct memmap *map = &info->map;
    const char *error;

    initrd->start = initrd->end = 0;
    if (info->nmodules == 0)
        return NULL;
    *initrd = info->modules[0];
    if (initrd->start < image_end() && initrd->end > image_start())
        return "the boot loader put the initrd over the kernel";
    if ((initrd->start & PAGE_MASK) != 0 ||
        !is_available(map, initrd->start, initrd->end)) {
        error = move_module(map, initrd);
        if (error)
            return error;
    }
    if (memmap_reserve(map, initrd->start, initrd->end, MEMMAP_MODULE) != 0)
        return "the memory map is too fragmented";
    return NULL;
}

static uint64_t ram_end(const struct memmap *map)
{
    struct memmap_range r;
    uint64_t end = 0;

    for (unsigned i = 0; memmap_next_ram(map, &i, &r);)
        end = r.end;
    return end;
}

/* Available memory that the kernel itself can use: below the low limit. */
static uint64_t low_available(const struct memmap *map, uint64_t below)
{
    struct memmap_range r;
    uint64_t total = 0;

    for (unsigned i = 0; memmap_next(map, &i, &r);)
        if (r.kind == MEMMAP_AVAILABLE && r.start < below)
            total += (r.end < below ? r.end : below) - r.start;
    return total;
}

/* A place for the metadata that leaves enough low memory for the kernel. */
static bool metadata_fits(const struct memmap *map, uint64_t below,
                          uint64_t *at)
{
    uint64_t nbytes = frame_metadata_bytes(map);

    return low_available(map, below) >= nbytes + MIN_FREE &&
           memmap_find(map, nbytes, PAGE_SIZE, below, at) == 0;
}

/* Leave out as little as possible of the top, so that the metadata fits. */
static void trim_for_metadata(struct memmap *map, uint64_t below)
{
    uint64_t fits = MEMMAP_LOW_END, too_much = ram_end(map), at, lost;

    while (too_much - fits > LARGE_PAGE) {
        uint64_t middle = fits + (too_much - fits) / 2;

        scratch = *map;
        memmap_limit(&scratch, middle);
        if (metadata_fits(&scratch, below, &at))
            fits = middle;
        else
            too_much = middle;
    }
    if (fits == MEMMAP_LOW_END)
        return; /* not even a small part of it does */
    lost = memmap_limit(map, fits);
    klog(LOG_WARNING,
         "memory: %llu MiB are left out, the frame metadata "
         "for them does not fit",
         (unsigned long long)(lost >> 20));
}

static const char *not_enough(const struct memmap *map, uint64_t below)
{
    uint64_t have = low_available(map, below);
    uint64_t need = frame_metadata_bytes(map) + MIN_FREE;

    if (have >= need)
        return "the memory map is too fragmented";
    ksnprintf(error_text, sizeof(error_text),
              "not enough memory: %llu KiB are free%s, %llu KiB are needed",
              (unsigned long long)have / KIB,
              ram_end(map) > DIRECT_MAX ? " below 832 MiB" : "",
              (unsigned long long)need / KIB);
    return error_text;
}

#ifdef KASAN

/* Give the sanitizer its shadow, if there is room for it. */
static const char *place_shadow(struct memmap *map, uint64_t below,
                                uint64_t *at)
{
    uint64_t nbytes =
        bits_align_down64(kasan_shadow_bytes(below) + PAGE_MASK, PAGE_SIZE);

    *at = 0;
    if (memmap_find(map, nbytes, PAGE_SIZE, below, at) != 0 ||
        memmap_reserve(map, *at, *at + nbytes, MEMMAP_FRAMES) != 0)
        return "not enough memory for the sanitizer";
    return NULL;
}

/* Mind the direct map; what is free is not to be touched. */
static void start_sanitizer(uint64_t below, uint64_t at)
{
    struct frame_info info;
    paddr_t cursor = 0;

    kasan_describe = kmalloc_describe;
    kasan_init(direct_map(0), below, direct_map(at));
    while (frame_next(&cursor, &info))
        if (info.refs == 0)
            kasan_poison_frames(info.pa, (size_t)PAGE_SIZE << info.order);
}

#else

static const char *place_shadow(struct memmap *map, uint64_t below,
                                uint64_t *at)
{
    (void)map, (void)below, (void)at;
    return NULL;
}

static void start_sanitizer(uint64_t below, uint64_t at)
{
    (void)below, (void)at;
}

#endif

const char *memory_init(struct boot_info *info, struct boot_module *initrd)
{
    struct memmap *map = &info->map;
    uint64_t below, at, nbytes, shadow = 0;
    const char *error;

    if (memmap_reserve(map, image_start(), image_end(), MEMMAP_KERNEL) != 0)
        return "the memory map is too fragmented";
    error = place_initrd(info, initrd);
    if (error)
        return error;
    below = ram_end(map) < DIRECT_MAX ? ram_end(map) : DIRECT_MAX;
    error = place_shadow(map, below, &shadow);
    if (error)
        return error;
    if (!metadata_fits(map, below, &at))
        trim_for_metadata(map, below);
    if (!metadata_fits(map, below, &at))
        return not_enough(map, below);
    nbytes = frame_metadata_bytes(map);
    if (memmap_reserve(map, at, at + nbytes, MEMMAP_FRAMES) != 0)
        return "the memory map is too fragmented";
    paging_init(below);
    if (frame_init(map, direct_map(at), (size_t)nbytes, below) != 0)
        return "the memory map has no usable memory";
    start_sanitizer(below, shadow);
    commit_init();
    return NULL;
}

static const char *kind_colour(enum memmap_kind kind)
{
    switch (kind) {
    case MEMMAP_AVAILABLE:
        return "\033[32m";
    case MEMMAP_KERNEL:
    case MEMMAP_MODULE:
        return "\033[36m";
    case MEMMAP_FRAMES:
        return "\033[33m";
    case MEMMAP_BAD:
        return "\033[31m";
    default:
        return "\033[90m";
    }
}

static void print_range(const struct memmap_range *r, bool colour)
{
    uint64_t nbytes = r->end - r->start;
    bool mib = nbytes >= 16 * KIB * KIB;

    klog(LOG_INFO, "  %09llx - %09llx  %8llu %s  %s%s%s",
         (unsigned long long)r->start, (unsigned long long)r->end - 1,
         (unsigned long long)(nbytes >> (mib ? 20 : 10)), mib ? "MiB" : "KiB",
         colour ? kind_colour(r->kind) : "", memmap_kind_name(r->kind),
         colour ? "\033[0m" : "");
}

void memory_report(const struct boot_info *info)
{
    const struct memmap *map = &info->map;
    bool colour = console_has_colour();
    struct memmap_range r;

    klog(LOG_INFO, "memory map (%s):",
         info->from_map ? "from the boot loader"
                        : "from the boot loader's sizes");
    for (unsigned i = 0; memmap_next(map, &i, &r);)
        print_range(&r, colour);
    klog(LOG_INFO,
         "memory: %zu frames of RAM, %zu MiB: %zu free, %zu kernel, "
         "%zu modules; %zu low, %zu high",
         frame_total(), frame_total() >> 8, frame_count(FRAME_FREE),
         frame_count(FRAME_KERNEL), frame_count(FRAME_FILE), frame_free_low(),
         frame_free_high());
    if (map->above > 0)
        klog(LOG_WARNING, "memory: %llu MiB above 64 GiB are not used",
             (unsigned long long)(map->above >> 20));
}
