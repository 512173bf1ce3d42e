/*
 * What a program knows about its own image: for unwinders.
 */
#ifndef _LINK_H
#define _LINK_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <elf.h>

#define ElfW(type) Elf32_##type

struct dl_phdr_info {
    Elf32_Addr dlpi_addr;
    const char *dlpi_name;
    const Elf32_Phdr *dlpi_phdr;
    Elf32_Half dlpi_phnum;
    unsigned long long dlpi_adds;
    unsigned long long dlpi_subs;
    size_t dlpi_tls_modid;
    void *dlpi_tls_data;
};

__BEGIN_DECLS

int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *), void *);

__END_DECLS

#endif
