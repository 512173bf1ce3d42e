/*
 * QEMU's firmware configuration device (QEMU, docs/specs/fw_cfg): a number is
 * written to one port, then the item of that number is read from the other one,
 * byte by byte. Numbers are big-endian.
 *
 *      item 0      "QEMU"
 *      item 0x19   count, then for each file: size, item, 2 bytes, name[56]
 */
#include "boot/fwcfg.h"

#include "arch/i386/cpu.h"
#include "lib/string.h"

#define PORT_SELECT 0x510
#define PORT_DATA   0x511

#define ITEM_SIGNATURE 0x00
#define ITEM_DIRECTORY 0x19

#define NAME_BYTES 56
#define MAX_FILES  256

static void read_bytes(void *buf, size_t nbytes)
{
    uint8_t *p = buf;

    while (nbytes-- > 0)
        *p++ = inb(PORT_DATA);
}

static uint32_t read_number(size_t nbytes)
{
    uint32_t n = 0;

    while (nbytes-- > 0)
        n = n << 8 | inb(PORT_DATA);
    return n;
}

static bool is_present(void)
{
    char signature[4];

    outw(PORT_SELECT, ITEM_SIGNATURE);
    read_bytes(signature, sizeof(signature));
    return memcmp(signature, "QEMU", sizeof(signature)) == 0;
}

size_t fwcfg_read(const char *name, char *buf, size_t size)
{
    uint32_t nfiles;

    if (!is_present())
        return 0;
    outw(PORT_SELECT, ITEM_DIRECTORY);
    nfiles = read_number(4);
    for (uint32_t i = 0; i < nfiles && i < MAX_FILES; i++) {
        uint32_t nbytes = read_number(4), item = read_number(2);
        char entry[NAME_BYTES];

        (void)read_number(2);
        read_bytes(entry, sizeof(entry));
        if (strncmp(entry, name, sizeof(entry)) != 0)
            continue;
        outw(PORT_SELECT, (uint16_t)item);
        nbytes = nbytes < size ? nbytes : size;
        read_bytes(buf, nbytes);
        return nbytes;
    }
    return 0;
}
