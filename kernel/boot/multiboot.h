/*
 * What the boot loader handed over, copied out and checked.
 */
#ifndef BOOT_MULTIBOOT_H
#define BOOT_MULTIBOOT_H

#include "lib/types.h"
#include "dev/framebuffer.h"
#include "mm/memmap.h"

#define MULTIBOOT_MAGIC   0x2BADB002u
#define BOOT_CMDLINE_SIZE 1024
#define BOOT_NAME_SIZE    64
#define BOOT_MAX_MODULES  16

struct boot_module {
    uint64_t start, end; /* physical bytes, start < end */
};

struct boot_info {
    char cmdline[BOOT_CMDLINE_SIZE]; /* cut if longer; empty if none */
    char loader[BOOT_NAME_SIZE];     /* the loader's name, or "" */
    struct memmap map;               /* finished; nothing reserved yet */
    bool from_map;                   /* the loader gave a map, not a size */
    struct framebuffer_info framebuffer;
    unsigned nmodules;
    struct boot_module modules[BOOT_MAX_MODULES];
};

/*
 * Copy everything out of the loader's memory into *info, before any of that
 * memory is used for something else. NULL, or why the system cannot start: a
 * line for the user. What is merely odd is logged as a warning.
 */
const char *multiboot_read(uint32_t magic, uint32_t address,
                           struct boot_info *info) must_check;

#endif
