/*
 * The root pointer is on a 16-byte boundary in the first KiB of the extended
 * BIOS data area or between 0xE0000 and 0xFFFFF. It leads to a table of
 * addresses, and they to the tables. Nothing of it is trusted: sums are
 * checked, and lengths are limited.
 *
 * Source: ACPI 6.4, 5.2.5 to 5.2.8.
 */
#include "arch/i386/acpi.h"

#include "arch/i386/window.h"
#include "lib/string.h"

#define EBDA_SEGMENT 0x40Eu /* a word of the BIOS data area */
#define EBDA_SIZE    1024u
#define BIOS_START   0xE0000u
#define BIOS_HALF    0xF0000u /* most firmware has the pointer above it */
#define BIOS_END     0x100000u
#define ROOT_SIZE    20u /* what the first sum covers */
#define TABLE_MAX    0x10000u
#define TABLES_END   0xFFFF0000ull /* no processor's addresses are shorter */
#define CHUNK        64u
#define MAX_TABLES   256u

struct root_pointer {
    char signature[8];
    uint8_t sum, oem[6], revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t sum2, reserved[3];
} __attribute__((packed));

struct header {
    char name[4];
    uint32_t length;
    uint8_t revision, sum;
    char oem[6], oem_table[8];
    uint32_t oem_revision, creator, creator_revision;
};

_Static_assert(sizeof(struct root_pointer) == 36, "ACPI 5.2.5.3");
_Static_assert(sizeof(struct header) == 36, "ACPI 5.2.6");

static uint8_t sum_of(const uint8_t *bytes, size_t nbytes)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < nbytes; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum;
}

static const struct root_pointer *search(uint32_t start, uint32_t end)
{
    for (uint32_t at = start; at + sizeof(struct root_pointer) <= end;
         at += 16) {
        const uint32_t *words = direct_map(at);

        if (words[0] == 0x20445352 && words[1] == 0x20525450 && /* RSD PTR */
            sum_of((const uint8_t *)words, ROOT_SIZE) == 0)
            return (const struct root_pointer *)words;
    }
    return NULL;
}

static const struct root_pointer *find_root(void)
{
    uint32_t ebda = *(const uint16_t *)direct_map(EBDA_SEGMENT) * 16u;
    const struct root_pointer *root = search(BIOS_HALF, BIOS_END);

    if (!root)
        root = search(BIOS_START, BIOS_HALF);
    if (!root && ebda >= 0x400 && ebda < 0xA0000)
        root = search(ebda, ebda + EBDA_SIZE);
    return root;
}

/* Read a table's header, and check its sum: false for a damaged one. */
static bool read_header(paddr_t pa, struct header *h)
{
    uint8_t chunk[CHUNK], sum = 0;

    if (pa >= TABLES_END)
        return false;
    phys_read(h, pa, sizeof(*h));
    if (h->length < sizeof(*h) || h->length > TABLE_MAX)
        return false;
    for (uint32_t at = 0; at < h->length; at += CHUNK) {
        size_t n = h->length - at < CHUNK ? h->length - at : CHUNK;

        phys_read(chunk, pa + at, n);
        sum = (uint8_t)(sum + sum_of(chunk, n));
    }
    return sum == 0;
}

static bool has_name(paddr_t pa, const char *name)
{
    char found[4];

    if (pa >= TABLES_END)
        return false;
    phys_read(found, pa, sizeof(found));
    return memcmp(found, name, sizeof(found)) == 0;
}

/* Address of the table `name` among the entries of `list`, or 0. */
static paddr_t find_in(paddr_t list, const char *name, unsigned entry_size)
{
    struct header h;
    uint32_t n;

    if (list == 0 || !read_header(list, &h))
        return 0;
    n = (h.length - sizeof(h)) / entry_size;
    for (uint32_t i = 0; i < n && i < MAX_TABLES; i++) {
        uint64_t pa = 0;

        phys_read(&pa, list + sizeof(h) + (paddr_t)i * entry_size, entry_size);
        if (pa != 0 && has_name(pa, name))
            return pa;
    }
    return 0;
}

size_t acpi_read(const char *name, void *table, size_t nbytes)
{
    const struct root_pointer *root = find_root();
    struct header h;
    paddr_t pa;

    if (!root)
        return 0;
    pa = find_in(root->rsdt, name, 4);
    if (pa == 0 && root->revision >= 2)
        pa = find_in(root->xsdt, name, 8);
    if (pa == 0 || !read_header(pa, &h))
        return 0;
    if (nbytes > h.length)
        nbytes = h.length;
    phys_read(table, pa, nbytes);
    return nbytes;
}
