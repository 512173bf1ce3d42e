/*
 * dl_iterate_phdr: there is one object, the program itself.  The unwinder of
 * libgcc finds its tables by this.
 */
#include "start.h"
#include <link.h>

int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *),
                    void *data)
{
    struct dl_phdr_info info = {.dlpi_name = ""};
    unsigned long table;
    unsigned long count;

    if (__cairn_auxv_get(AT_PHDR, &table) < 0 ||
        __cairn_auxv_get(AT_PHNUM, &count) < 0)
        return 0;
    info.dlpi_phdr = (const Elf32_Phdr *)table;
    info.dlpi_phnum = (Elf32_Half)count;
    info.dlpi_adds = 1;
    return callback(&info, sizeof(info), data);
}
