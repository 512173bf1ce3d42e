/*
 * tools/memmap-lab/kernel.c - the kernel's memory map, on the host
 *
 *      memmap-kernel KERNEL-START KERNEL-END [MODULE-START MODULE-END]
 *
 * Reads entries of a loader's map, "BASE LENGTH TYPE" in hexadecimal, one a
 * line. Writes what kernel/mm/memmap.c, which this is linked with, makes of
 * them: "lost N" for an entry that was not taken as it is, and the ranges,
 * "START END KIND", after kernel, module and frame metadata have their places
 * as kernel/boot/memory.c gives them; or "stops: WHY".
 */
#include "mm/memmap.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LOW_MEMORY ((uint64_t)896 << 20) /* that the kernel maps */
#define LOW_FREE   ((uint64_t)256 << 10) /* of it, that it needs at least */

size_t frame_metadata_bytes(const struct memmap *map);
_Noreturn void panic(const char *format, ...);

static struct memmap map;

_Noreturn void panic(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    abort();
}

static void read_entries(void)
{
    uint64_t base, length;
    uint32_t type;

    memmap_init(&map);
    for (unsigned n = 0;
         scanf("%" SCNx64 " %" SCNx64 " %" SCNx32, &base, &length, &type) == 3;
         n++)
        if (memmap_add(&map, base, length, type) != 0)
            printf("lost %u\n", n);
    memmap_finish(&map);
}

static void stop_if(bool is_true, const char *why)
{
    if (!is_true)
        return;
    printf("stops: %s\n", why);
    exit(0);
}

static bool is_available(uint64_t start, uint64_t end)
{
    struct memmap_range r;

    for (unsigned i = 0; memmap_next(&map, &i, &r);)
        if (r.kind == MEMMAP_AVAILABLE && r.start <= start && end <= r.end)
            return true;
    return false;
}

/* Where it is, or moved to the lowest place if that is not all memory. */
static void place_module(uint64_t start, uint64_t end)
{
    uint64_t to;

    if (!is_available(start, end)) {
        static struct memmap scratch;

        scratch = map;
        stop_if(memmap_reserve(&scratch, start, end, MEMMAP_MODULE) != 0 ||
                    memmap_find(&scratch, end - start, 4096, MEMMAP_TOP, &to),
                "no room for the module");
        end = to + (end - start);
        start = to;
    }
    stop_if(memmap_reserve(&map, start, end, MEMMAP_MODULE) != 0,
            "too fragmented");
}

static void place_frames(void)
{
    uint64_t nbytes = frame_metadata_bytes(&map), at, below = 0, low = 0;
    struct memmap_range r;

    for (unsigned i = 0; memmap_next_ram(&map, &i, &r);)
        below = r.end < LOW_MEMORY ? r.end : LOW_MEMORY;
    for (unsigned i = 0; memmap_next(&map, &i, &r);)
        if (r.kind == MEMMAP_AVAILABLE && r.start < below)
            low += (r.end < below ? r.end : below) - r.start;
    stop_if(low < nbytes + LOW_FREE ||
                memmap_find(&map, nbytes, 4096, below, &at) != 0,
            "not enough memory");
    stop_if(memmap_reserve(&map, at, at + nbytes, MEMMAP_FRAMES) != 0,
            "too fragmented");
}

int main(int argc, char **argv)
{
    struct memmap_range r;
    const char *broken;

    if (argc != 3 && argc != 5)
        return 2;
    read_entries();
    stop_if(memmap_total(&map, MEMMAP_AVAILABLE) == 0, "no memory above 1 MiB");
    stop_if(memmap_reserve(&map, strtoull(argv[1], NULL, 16),
                           strtoull(argv[2], NULL, 16), MEMMAP_KERNEL) != 0,
            "too fragmented");
    if (argc == 5)
        place_module(strtoull(argv[3], NULL, 16), strtoull(argv[4], NULL, 16));
    place_frames();
    broken = memmap_check(&map);
    if (broken != NULL)
        panic("%s\n", broken);
    for (unsigned i = 0; memmap_next(&map, &i, &r);)
        printf("%" PRIx64 " %" PRIx64 " %s\n", r.start, r.end,
               memmap_kind_name(r.kind));
    return 0;
}
