/*
 * PCI: who is on the bus, by configuration mechanism 1.
 */
#ifndef DEV_PCI_H
#define DEV_PCI_H

#include "lib/types.h"

/* Where a function lies, and what its header says. */
struct pci_function {
    uint8_t bus, slot, function;
    uint16_t vendor, device;
    uint16_t subsystem_vendor, subsystem;
    uint8_t class, subclass, interface, revision;
    uint8_t header;   /* header type, without the multi-function bit */
    uint8_t irq_line; /* as the firmware set it; 0xFF: none */
};

/* One base address register. */
struct pci_bar {
    bool is_io;
    paddr_t base; /* port or physical address; 0: not set */
};

/* True if the machine answers to mechanism 1. */
bool pci_is_present(void);

/*
 * The next function at or behind *cursor (start with 0) that exists: true
 * with *out filled and *cursor behind it; false when there is none.
 */
bool pci_next(uint32_t *cursor, struct pci_function *out);

/* The first function with these numbers; false if there is none. */
bool pci_find(uint16_t vendor, uint16_t device, struct pci_function *out);

/* Configuration space; `offset` is 0 to 255, aligned to the width. */
uint32_t pci_read32(const struct pci_function *f, unsigned offset);
uint16_t pci_read16(const struct pci_function *f, unsigned offset);
uint8_t pci_read8(const struct pci_function *f, unsigned offset);
void pci_write32(const struct pci_function *f, unsigned offset, uint32_t v);
void pci_write16(const struct pci_function *f, unsigned offset, uint16_t v);

/* Base address register 0..5 as it is set now. */
struct pci_bar pci_read_bar(const struct pci_function *f, unsigned index);

/* Let the function answer to ports and memory, and be bus master. */
void pci_enable(const struct pci_function *f);

#endif
