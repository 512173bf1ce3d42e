/*
 * PCI configuration mechanism 1 (PCI Local Bus 3.0, 3.2.2.3.2):
 *
 *      port 0xCF8   31      23    16 15   11 10    8 7       2
 *                  +-+-------+------+-------+-------+---------+-+-+
 *                  |1|   0   | bus  | slot  |  func | register|0|0|
 *                  +-+-------+------+-------+-------+---------+-+-+
 *      port 0xCFC   the 32 bits of that register
 *
 * Buses are walked by number, all 256 of them, but only while some bus below
 * has a bridge: most machines have one bus, and a read of the configuration
 * space costs a microsecond.
 */
#include "dev/pci.h"

#include "arch/i386/cpu.h"

#define PORT_ADDRESS 0xCF8
#define PORT_DATA    0xCFC

#define REG_ID        0x00
#define REG_COMMAND   0x04
#define REG_CLASS     0x08
#define REG_HEADER    0x0C
#define REG_BAR0      0x10
#define REG_BUSES     0x18 /* of a bridge: primary, secondary, subordinate */
#define REG_SUBSYSTEM 0x2C
#define REG_IRQ       0x3C

#define COMMAND_IO     0x0001
#define COMMAND_MEMORY 0x0002
#define COMMAND_MASTER 0x0004
#define COMMAND_NO_IRQ 0x0400

#define HEADER_MULTI  0x80
#define HEADER_BRIDGE 0x01

#define BAR_IO     0x1u
#define BAR_64BIT  0x4u
#define NFUNCTIONS (256u * 32 * 8)

static unsigned last_bus; /* highest bus number that bridges lead to */

static uint32_t config_address(const struct pci_function *f, unsigned offset)
{
    return 0x80000000u | (uint32_t)f->bus << 16 | (uint32_t)f->slot << 11 |
           (uint32_t)f->function << 8 | (offset & 0xFC);
}

uint32_t pci_read32(const struct pci_function *f, unsigned offset)
{
    uint32_t flags = irq_save();
    uint32_t v;

    outl(PORT_ADDRESS, config_address(f, offset));
    v = inl(PORT_DATA);
    irq_restore(flags);
    return v;
}

uint16_t pci_read16(const struct pci_function *f, unsigned offset)
{
    return (uint16_t)(pci_read32(f, offset) >> (offset & 2) * 8);
}

uint8_t pci_read8(const struct pci_function *f, unsigned offset)
{
    return (uint8_t)(pci_read32(f, offset) >> (offset & 3) * 8);
}

void pci_write32(const struct pci_function *f, unsigned offset, uint32_t v)
{
    uint32_t flags = irq_save();

    outl(PORT_ADDRESS, config_address(f, offset));
    outl(PORT_DATA, v);
    irq_restore(flags);
}

void pci_write16(const struct pci_function *f, unsigned offset, uint16_t v)
{
    uint32_t flags = irq_save();

    outl(PORT_ADDRESS, config_address(f, offset));
    outw((uint16_t)(PORT_DATA + (offset & 2)), v);
    irq_restore(flags);
}

bool pci_is_present(void)
{
    uint32_t flags = irq_save();
    uint32_t old = inl(PORT_ADDRESS);
    bool present;

    outl(PORT_ADDRESS, 0x80000000u);
    present = inl(PORT_ADDRESS) == 0x80000000u;
    outl(PORT_ADDRESS, old);
    irq_restore(flags);
    return present;
}

static void note_bridge(const struct pci_function *f)
{
    unsigned subordinate = pci_read8(f, REG_BUSES + 2);

    if (f->header == HEADER_BRIDGE && subordinate > last_bus)
        last_bus = subordinate;
}

static bool read_function(struct pci_function *f)
{
    uint32_t id = pci_read32(f, REG_ID);
    uint32_t class, subsystem;

    if ((id & 0xFFFF) == 0xFFFF || (id & 0xFFFF) == 0)
        return false;
    f->vendor = (uint16_t)id;
    f->device = (uint16_t)(id >> 16);
    class = pci_read32(f, REG_CLASS);
    f->revision = (uint8_t) class;
    f->interface = (uint8_t)(class >> 8);
    f->subclass = (uint8_t)(class >> 16);
    f->class = (uint8_t)(class >> 24);
    f->header = pci_read8(f, REG_HEADER + 2) & (uint8_t)~HEADER_MULTI;
    subsystem = f->header == 0 ? pci_read32(f, REG_SUBSYSTEM) : 0;
    f->subsystem_vendor = (uint16_t)subsystem;
    f->subsystem = (uint16_t)(subsystem >> 16);
    f->irq_line = pci_read8(f, REG_IRQ);
    note_bridge(f);
    return true;
}

static bool is_multi_function(const struct pci_function *first)
{
    return pci_read8(first, REG_HEADER + 2) & HEADER_MULTI;
}

bool pci_next(uint32_t *cursor, struct pci_function *out)
{
    uint32_t at = *cursor;

    if (at == 0 && !pci_is_present())
        return false;
    while (at < NFUNCTIONS && at >> 8 <= last_bus) {
        struct pci_function f = {
            .bus = (uint8_t)(at >> 8),
            .slot = at >> 3 & 31,
            .function = at & 7,
        };
        bool found = read_function(&f);

        /* Function 0 tells whether its slot has others. */
        if (f.function == 0 && (!found || !is_multi_function(&f)))
            at += 8;
        else
            at++;
        if (found) {
            *cursor = at;
            *out = f;
            return true;
        }
    }
    *cursor = NFUNCTIONS;
    return false;
}

bool pci_find(uint16_t vendor, uint16_t device, struct pci_function *out)
{
    for (uint32_t cursor = 0; pci_next(&cursor, out);)
        if (out->vendor == vendor && out->device == device)
            return true;
    return false;
}

struct pci_bar pci_read_bar(const struct pci_function *f, unsigned index)
{
    struct pci_bar bar = {0};
    uint32_t low = pci_read32(f, REG_BAR0 + 4 * index);

    if (low & BAR_IO) {
        bar.is_io = true;
        bar.base = low & 0xFFFCu;
        return bar;
    }
    bar.base = low & ~0xFu;
    if ((low & BAR_64BIT) && index < 5)
        bar.base |= (paddr_t)pci_read32(f, REG_BAR0 + 4 * index + 4) << 32;
    return bar;
}

void pci_enable(const struct pci_function *f)
{
    uint16_t command = pci_read16(f, REG_COMMAND);

    command |= COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER;
    command &= (uint16_t)~COMMAND_NO_IRQ;
    pci_write16(f, REG_COMMAND, command);
}
