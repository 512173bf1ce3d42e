/*
 * tools/cairn-run/elf_needs.h - what an ELF file says it needs
 */
#ifndef CAIRN_RUN_ELF_NEEDS_H
#define CAIRN_RUN_ELF_NEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct elf_needs {
    char *interpreter; /* a path, or NULL */
    char **needed;     /* names of libraries */
    size_t nneeded;
    char *rpath, *runpath; /* folders, divided by colons; or NULL */
};

/*
 * Read the file `path`. Return false, with nothing to free, if it is not an
 * ELF program or library for i386; else set *needs, to be freed by
 * elf_needs_free.
 */
bool elf_needs_read(const char *path, struct elf_needs *needs);

void elf_needs_free(struct elf_needs *needs);

#endif
