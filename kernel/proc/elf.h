/*
 * Reads the headers of static ELF32 programs for i386.
 *
 * Two steps, because the program headers may lie anywhere in the file:
 *
 *      read the first ELF_HEADER_BYTES of the file  -> elf_parse_header
 *      read what it says of the program headers     -> elf_parse_segments
 *
 * Everything in the file is hostile until checked. What comes out can be
 * mapped as it is: segments sorted, disjoint by pages where their permissions
 * differ, inside user space and inside the file.
 *
 * Source: System V ABI (gabi 4.1), chapters 4 and 5; i386 psABI 1.1.
 */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"

#define ELF_HEADER_BYTES 52
#define ELF_PHDR_BYTES   32
#define ELF_MAX_PHDRS    128 /* program headers of all types, as in Linux */
#define ELF_MAX_SEGMENTS 16  /* loadable ones */
#define ELF_USER_START   0x00010000u
#define ELF_USER_END     0xC0000000u

/* Bits of a segment's flags, as in the file (p_flags). */
#define ELF_EXEC  1u
#define ELF_WRITE 2u
#define ELF_READ  4u

/* What the file header says; valid once elf_parse_header returned 0. */
struct elf_header {
    uint32_t entry;
    uint32_t phdr_offset; /* of the program headers in the file */
    uint32_t nphdrs;      /* 1 to ELF_MAX_PHDRS, ELF_PHDR_BYTES each */
    bool is_dynamic;      /* a shared object, or a program that can be one */
};

/*
 * One loadable segment: `filesz` bytes at `offset` go to `start`, and zeros
 * follow up to start + memsz. memsz > 0. offset and start agree modulo
 * the page size; where filesz is 0, offset is 0 and means nothing.
 */
struct elf_segment {
    uint32_t start;
    uint32_t memsz;
    uint32_t offset;
    uint32_t filesz;
    uint32_t flags; /* ELF_READ, ELF_WRITE, ELF_EXEC */
};

/* All that a loader must know. */
struct elf_image {
    uint32_t entry;
    uint32_t phdr_va; /* of the program headers, 0 if not loaded (AT_PHDR) */
    uint32_t nphdrs;  /* AT_PHNUM */
    uint32_t brk;     /* first page above the highest segment */
    bool exec_stack;  /* PT_GNU_STACK asks for an executable stack */
    unsigned nsegments;
    struct elf_segment segments[ELF_MAX_SEGMENTS]; /* sorted by start */
};

/*
 * Checks a file header. `buf` holds the first `nbytes` bytes of a file of
 * `file_size` bytes. Returns 0, or -ENOEXEC if this is no such program: too
 * short, another magic, class, byte order, machine, version or type, or
 * program headers that lie outside the file.
 */
int elf_parse_header(const void *buf, size_t nbytes, uint64_t file_size,
                     struct elf_header *header) must_check;

/*
 * Checks the program headers: `phdrs` holds header->nphdrs of them as they are
 * in the file. Returns 0 with *image set; -ENOEXEC if they contradict each
 * other or the file; -ELIBBAD if the program is linked dynamically; -EINVAL if there are more than
 * ELF_MAX_SEGMENTS segments; -ENOMEM if a segment lies outside the addresses
 * that a program may have. On error *image is undefined.
 */
int elf_parse_segments(const struct elf_header *header, const void *phdrs,
                       uint64_t file_size, struct elf_image *image) must_check;

/*
 * Find where in the file a dynamically linked program names its interpreter:
 * `nbytes` bytes at `offset`, inside the file, nothing else checked. False if
 * it names none.
 */
bool elf_find_interpreter(const struct elf_header *header, const void *phdrs,
                          uint64_t file_size, uint32_t *offset,
                          uint32_t *nbytes) must_check;

#endif
