/*
 * The Multiboot information block (Multiboot 0.6.96, 3.3).
 *
 *   offset 0  flags         which of the fields below are there
 *          4  mem_lower     bit 0   KiB from 0
 *          8  mem_upper     bit 0   KiB from 1 MiB
 *         16  cmdline       bit 2   address of a string
 *         20  mods_count    bit 3
 *         24  mods_addr     bit 3   address of 16-byte entries
 *         44  mmap_length   bit 6
 *         48  mmap_addr     bit 6   address of entries that tell their size
 *         64  loader name   bit 9   address of a string
 *
 * Nothing in it is believed: addresses may point anywhere, lengths may be
 * anything. All reads go through phys_read, which reaches every address, and
 * are bounded by what the destination holds.
 */
#include "boot/multiboot.h"

#include "arch/i386/window.h"
#include "lib/log.h"
#include "lib/string.h"

#define INFO_BYTES      88
#define FLAG_MEMORY     (1u << 0)
#define FLAG_CMDLINE    (1u << 2)
#define FLAG_MODULES    (1u << 3)
#define FLAG_MAP        (1u << 6)
#define FLAG_LOADER     (1u << 9)
#define ENTRY_BYTES     24 /* of the map, with its size field */
#define ENTRY_SIZE_MIN  20 /* least value of the size field */
#define MAP_MAX_ENTRIES 4096
#define ADDRESS_END     ((uint64_t)1 << 32)

struct info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
    uint32_t mods_count, mods_addr, syms[4];
    uint32_t mmap_length, mmap_addr, drives_length, drives_addr;
    uint32_t config_table, boot_loader_name, apm_table, vbe[4];
};

struct map_entry {
    uint32_t size, base_low, base_high, length_low, length_high, type;
};

struct module_entry {
    uint32_t start, end, string, reserved;
};

_Static_assert(sizeof(struct info) == INFO_BYTES, "as in the specification");
_Static_assert(sizeof(struct map_entry) == ENTRY_BYTES, "likewise");

/* Copy a string of the loader's: true if its end was found in time. */
static bool copy_string(char *dst, uint32_t address, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((uint64_t)address + i >= ADDRESS_END)
            break;
        phys_read(&dst[i], (paddr_t)address + i, 1);
        if (dst[i] == '\0')
            return true;
    }
    dst[size - 1] = '\0';
    return false;
}

static void add_entry(struct memmap *map, const struct map_entry *e)
{
    uint64_t base = e->base_low | (uint64_t)e->base_high << 32;
    uint64_t length = e->length_low | (uint64_t)e->length_high << 32;

    if (memmap_add(map, base, length, e->type) != 0)
        klog(LOG_WARNING, "boot: map entry %llx + %llx, type %u, not used",
             (unsigned long long)base, (unsigned long long)length, e->type);
}

/* Walk the map by the entries' own sizes. Returns how many were read. */
static unsigned read_map(const struct info *in, struct memmap *map)
{
    uint32_t offset = 0, left = in->mmap_length;
    unsigned n = 0;

    while (left >= ENTRY_BYTES && n < MAP_MAX_ENTRIES) {
        struct map_entry e;

        if ((uint64_t)in->mmap_addr + offset > ADDRESS_END - ENTRY_BYTES)
            break;
        phys_read(&e, (paddr_t)in->mmap_addr + offset, sizeof(e));
        if (e.size < ENTRY_SIZE_MIN) {
            klog(LOG_WARNING,
                 "boot: map entry %u has size %u; the map ends "
                 "there",
                 n, e.size);
            return n;
        }
        add_entry(map, &e);
        n++;
        if (e.size > left - 4)
            break;
        offset += e.size + 4;
        left -= e.size + 4;
    }
    if (left > 0)
        klog(LOG_WARNING, "boot: %u bytes of the map are not understood", left);
    return n;
}

/* Without a map, memory goes from 1 MiB up to the first hole. */
static void use_size(const struct info *in, struct memmap *map)
{
    uint64_t lower = (uint64_t)in->mem_lower * 1024;
    uint64_t upper = (uint64_t)in->mem_upper * 1024;

    if (lower > 640 * 1024)
        lower = 640 * 1024;
    if (memmap_add(map, 0, lower, MEMMAP_TYPE_AVAILABLE) != 0 ||
        memmap_add(map, MEMMAP_LOW_END, upper, MEMMAP_TYPE_AVAILABLE) != 0)
        klog(LOG_WARNING, "boot: the loader's memory sizes are nonsense");
}

static const char *read_memory(const struct info *in, struct boot_info *info)
{
    memmap_init(&info->map);
    if (in->flags & FLAG_MAP)
        info->from_map = read_map(in, &info->map) > 0;
    if (!info->from_map) {
        if (!(in->flags & FLAG_MEMORY))
            return "the boot loader gave neither a memory map nor a size";
        use_size(in, &info->map);
    }
    memmap_finish(&info->map);
    if (memmap_total(&info->map, MEMMAP_AVAILABLE) == 0)
        return "the boot loader's memory map lists no memory above 1 MiB";
    return NULL;
}

static void read_modules(const struct info *in, struct boot_info *info)
{
    for (uint32_t i = 0; i < in->mods_count; i++) {
        uint64_t at = (uint64_t)in->mods_addr + (uint64_t)i * 16;
        struct module_entry e;

        if (info->nmodules == BOOT_MAX_MODULES ||
            at > ADDRESS_END - sizeof(e)) {
            klog(LOG_WARNING, "boot: %u modules; the rest is not used",
                 in->mods_count);
            return;
        }
        phys_read(&e, at, sizeof(e));
        if (e.start >= e.end) {
            klog(LOG_WARNING, "boot: module %u is empty (%08x to %08x)", i,
                 e.start, e.end);
            continue;
        }
        info->modules[info->nmodules].start = e.start;
        info->modules[info->nmodules].end = e.end;
        info->nmodules++;
    }
}

const char *multiboot_read(uint32_t magic, uint32_t address,
                           struct boot_info *info)
{
    struct info in;
    const char *error;

    memset(info, 0, sizeof(*info));
    if (magic != MULTIBOOT_MAGIC)
        return "not started by a Multiboot loader";
    phys_read(&in, address, sizeof(in));
    if ((in.flags & FLAG_CMDLINE) && in.cmdline != 0 &&
        !copy_string(info->cmdline, in.cmdline, sizeof(info->cmdline)))
        klog(LOG_WARNING, "boot: the command line is cut after %u bytes",
             (unsigned)sizeof(info->cmdline) - 1);
    if ((in.flags & FLAG_LOADER) && in.boot_loader_name != 0)
        (void)copy_string(info->loader, in.boot_loader_name,
                          sizeof(info->loader));
    error = read_memory(&in, info);
    if (error)
        return error;
    if (in.flags & FLAG_MODULES)
        read_modules(&in, info);
    return NULL;
}
