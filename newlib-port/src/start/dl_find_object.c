/*
 * _dl_find_object: what libgcc's unwinder asks for the unwind tables of an
 * address; there is one object, the program.  The struct is that of <dlfcn.h>
 * in the library that libgcc was built for, on i386.
 *
 * Returns 0, or -1 for an address outside the program or without tables.
 */
#include "start.h"
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dl_find_object {
    unsigned long long flags;
    void *map_start;
    void *map_end;
    void *link_map;
    void *eh_frame; /* the segment PT_GNU_EH_FRAME */
    void *eh_dbase;
    unsigned pad;
    unsigned long long reserved[7];
};

int _dl_find_object(void *pc, struct dl_find_object *result);

int _dl_find_object(void *pc, struct dl_find_object *result)
{
    uintptr_t start = UINTPTR_MAX;
    uintptr_t end = 0;
    unsigned long table;
    unsigned long count;
    const Elf32_Phdr *ph;

    memset(result, 0, sizeof(*result));
    if (__cairn_auxv_get(AT_PHDR, &table) < 0 ||
        __cairn_auxv_get(AT_PHNUM, &count) < 0)
        return -1;
    ph = (const Elf32_Phdr *)table;
    for (; count > 0; count--, ph++) {
        if (ph->p_type == PT_GNU_EH_FRAME)
            result->eh_frame = (void *)ph->p_vaddr;
        if (ph->p_type != PT_LOAD)
            continue;
        if (ph->p_vaddr < start)
            start = ph->p_vaddr;
        if (ph->p_vaddr + ph->p_memsz > end)
            end = ph->p_vaddr + ph->p_memsz;
    }
    result->map_start = (void *)start;
    result->map_end = (void *)end;
    if (result->eh_frame == NULL || (uintptr_t)pc < start ||
        (uintptr_t)pc >= end)
        return -1;
    return 0;
}
