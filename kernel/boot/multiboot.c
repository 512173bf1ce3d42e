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
 *         88  framebuffer   bit 12  struct framebuffer_fields
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
#define FLAG_SCREEN     (1u << 12)
#define ENTRY_BYTES     24 /* of the map, with its size field */
#define ENTRY_SIZE_MIN  20 /* least value of the size field */
#define MODULES_LOOK_AT 256
#define MAP_MAX_ENTRIES 65536
#define MAX_WARNINGS    8 /* about entries of one kind */
#define ADDRESS_END     ((uint64_t)1 << 32)

struct info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
    uint32_t mods_count, mods_addr, syms[4];
    uint32_t mmap_length, mmap_addr, drives_length, drives_addr;
    uint32_t config_table, boot_loader_name, apm_table, vbe[4];
};

/* At offset 88, where they are. */
struct framebuffer_fields {
    uint32_t address_low, address_high, pitch, width, height;
    uint8_t bpp, type;
    uint8_t colours[8]; /* first bit, number of bits, of three colours */
} __attribute__((packed));

struct map_entry {
    uint32_t size, base_low, base_high, length_low, length_high, type;
};

struct module_entry {
    uint32_t start, end, string, reserved;
};

_Static_assert(sizeof(struct info) == INFO_BYTES, "as in the specification");
_Static_assert(sizeof(struct map_entry) == ENTRY_BYTES, "likewise");
_Static_assert(sizeof(struct framebuffer_fields) == 30, "likewise");

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

/* What goes to a terminal must not command it. */
static void make_printable(char *s)
{
    for (; *s; s++)
        if (*s < ' ' || *s > '~')
            *s = '?';
}

/* Lay one entry over the map; *nodd counts those that were not taken as is. */
static void add_entry(struct memmap *map, const struct map_entry *e,
                      unsigned *nodd)
{
    uint64_t base = e->base_low | (uint64_t)e->base_high << 32;
    uint64_t length = e->length_low | (uint64_t)e->length_high << 32;
    int error = memmap_add(map, base, length, e->type);

    if (!error || (*nodd)++ >= MAX_WARNINGS)
        return;
    klog(LOG_WARNING, "boot: map entry %llx + %llx, type %u, %s",
         (unsigned long long)base, (unsigned long long)length, e->type,
         e->type == MEMMAP_TYPE_AVAILABLE
             ? "is not used"
             : "covers more than it says: there are too many");
}

/* The entry at `offset`, with `left` bytes from there on; false if none. */
static bool read_entry(const struct info *in, uint32_t offset, uint32_t left,
                       struct map_entry *e)
{
    uint64_t at = (uint64_t)in->mmap_addr + offset;

    if (left < sizeof(*e) || at > ADDRESS_END - sizeof(*e))
        return false;
    phys_read(e, at, sizeof(*e));
    return e->size >= ENTRY_SIZE_MIN;
}

/*
 * Walk the map by the entries' own sizes; *n is how many there were. All of
 * them count: the last one may say what must not be touched.
 */
static const char *read_map(const struct info *in, struct memmap *map,
                            unsigned *n)
{
    uint32_t offset = 0, left = in->mmap_length;
    unsigned nodd = 0;
    struct map_entry e;

    *n = 0;
    while (read_entry(in, offset, left, &e)) {
        if ((*n)++ == MAP_MAX_ENTRIES)
            return "the boot loader's memory map has no end";
        add_entry(map, &e, &nodd);
        if (e.size > left - 4)
            break;
        offset += e.size + 4;
        left -= e.size + 4;
    }
    if (left > 0)
        klog(LOG_WARNING,
             "boot: the map is not understood from its byte %u on; "
             "%u bytes are left",
             offset, left);
    if (nodd > MAX_WARNINGS)
        klog(LOG_WARNING, "boot: and %u more entries like these",
             nodd - MAX_WARNINGS);
    return NULL;
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
    const char *error = NULL;
    unsigned n = 0;

    memmap_init(&info->map);
    if (in->flags & FLAG_MAP)
        error = read_map(in, &info->map, &n);
    if (error)
        return error;
    info->from_map = n > 0;
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

/* Keep one module of the list, unless it is empty; *nodd counts those. */
static void add_module(struct boot_info *info, const struct module_entry *e,
                       unsigned *nodd)
{
    if (e->start < e->end) {
        info->modules[info->nmodules].start = e->start;
        info->modules[info->nmodules].end = e->end;
        info->nmodules++;
    } else if ((*nodd)++ < MAX_WARNINGS) {
        klog(LOG_WARNING, "boot: a module is empty (%08x to %08x)", e->start,
             e->end);
    }
}

static void read_modules(const struct info *in, struct boot_info *info)
{
    unsigned nodd = 0;

    for (uint32_t i = 0; i < in->mods_count; i++) {
        uint64_t at = (uint64_t)in->mods_addr + (uint64_t)i * 16;
        struct module_entry e;

        if (info->nmodules == BOOT_MAX_MODULES || i == MODULES_LOOK_AT ||
            at > ADDRESS_END - sizeof(e)) {
            klog(LOG_WARNING, "boot: %u modules; the rest is not used",
                 in->mods_count);
            return;
        }
        phys_read(&e, at, sizeof(e));
        add_module(info, &e, &nodd);
    }
}

/* Copy the loader's description of the screen; dev/framebuffer.c checks it. */
static void read_framebuffer(uint32_t address, struct framebuffer_info *info)
{
    struct framebuffer_fields in;
    const uint8_t *c = in.colours;

    if ((uint64_t)address + INFO_BYTES > ADDRESS_END - sizeof(in))
        return;
    phys_read(&in, (paddr_t)address + INFO_BYTES, sizeof(in));
    info->type = in.type;
    info->address = in.address_low | (uint64_t)in.address_high << 32;
    info->pitch = in.pitch;
    info->width = in.width;
    info->height = in.height;
    info->bpp = in.bpp;
    if (c[1] == 0)
        c += 2; /* GRUB aligns them, which the specification does not */
    info->red = (struct framebuffer_colour){c[0], c[1]};
    info->green = (struct framebuffer_colour){c[2], c[3]};
    info->blue = (struct framebuffer_colour){c[4], c[5]};
}

const char *multiboot_read(uint32_t magic, uint32_t address,
                           struct boot_info *info)
{
    struct info in;
    const char *error;

    memset(info, 0, sizeof(*info));
    info->framebuffer.type = FRAMEBUFFER_NONE;
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
    make_printable(info->loader);
    error = read_memory(&in, info);
    if (error)
        return error;
    if (in.flags & FLAG_MODULES)
        read_modules(&in, info);
    if (in.flags & FLAG_SCREEN)
        read_framebuffer(address, &info->framebuffer);
    return NULL;
}
