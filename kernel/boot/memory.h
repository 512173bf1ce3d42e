/*
 * From the loader's map to a working frame allocator.
 */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "boot/multiboot.h"

/*
 * Reserve kernel and initrd in the map, place the frame metadata, and start
 * page tables, frames and commit. The initrd (the first module) is moved if it
 * does not lie in usable memory of its own; *initrd is where it is then, or
 * empty (start == end) if there is none. NULL, or why the system cannot start.
 */
const char *memory_init(struct boot_info *info,
                        struct boot_module *initrd) must_check;

/* Print the sanitised map and its totals to the log. */
void memory_report(const struct boot_info *info);

#endif
