/*
 * Tables that the firmware leaves in memory, found by their names.
 */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

#include "lib/types.h"

/*
 * Copy up to `nbytes` of the table with the four letters `name` ("FACP",
 * "HPET") to `table`, the header included. Return how many bytes there were,
 * or 0 if there is no such table or it is damaged. After paging_init.
 */
size_t acpi_read(const char *name, void *table, size_t nbytes);

#endif
