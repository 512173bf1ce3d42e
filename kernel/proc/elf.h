/*
 * Read the headers of ELF32 programs and their loaders for i386.
 *
 * Two steps, because the program headers may lie anywhere in the file:
 *
 *      read the first ELF_HEADER_BYTES of the file  -> elf_parse_header
 *      read what it says of the program headers     -> elf_parse_segments
 *
 * Everything in the file is hostile until checked. What comes out can be
 * mapped as it is, in the order given: segments sorted and disjoint, inside
 * user space and inside the file. A movable image (ET_DYN) must be given a
 * place first, by elf_place; until then its addresses count from any base.
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
#define ELF_MAX_PHDRS    128  /* program headers of all types, as in Linux */
#define ELF_MAX_SEGMENTS 16   /* loadable ones */
#define ELF_INTERP_MAX   4096 /* bytes of an interpreter's name (PATH_MAX) */
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
    bool is_movable;      /* ET_DYN: runs at any base */
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
    bool is_movable;        /* elf_place must be called before mapping */
    uint32_t align;         /* of its base: a power of two, a page or more */
    uint32_t interp_offset; /* of the interpreter's name in the file */
    uint32_t interp_nbytes; /* its length with the NUL, 0 if there is none */
    uint32_t entry;
    uint32_t phdr_va; /* of the program headers, 0 if not loaded (AT_PHDR) */
    uint32_t nphdrs;  /* AT_PHNUM */
    uint32_t brk;     /* first page above the highest segment */
    bool exec_stack;  /* PT_GNU_STACK asks for an executable stack */
    unsigned nsegments;
    struct elf_segment segments[ELF_MAX_SEGMENTS]; /* sorted by start */
};

/*
 * Check a file header. `buf` holds the first `nbytes` bytes of a file of
 * `file_size` bytes. Return 0, or -ENOEXEC if this is no such program: too
 * short, another magic, class, byte order, machine, version or type, or
 * program headers that lie outside the file.
 */
int elf_parse_header(const void *buf, size_t nbytes, uint64_t file_size,
                     struct elf_header *header) must_check;

/*
 * Check the program headers: `phdrs` holds header->nphdrs of them as they are
 * in the file. Return 0 with *image set; -ENOEXEC if they contradict each
 * other or the file; -EINVAL if there are more than ELF_MAX_SEGMENTS segments;
 * -ENOMEM if a segment lies outside the addresses that a program may have. On
 * error *image is undefined.
 */
int elf_parse_segments(const struct elf_header *header, const void *phdrs,
                       uint64_t file_size, struct elf_image *image) must_check;

/* Return the length of an image in memory, from its first page to its last. */
uint32_t elf_span(const struct elf_image *image);

/*
 * Move a movable image so that its first page is at `base`, which is a
 * multiple of image->align. Take each image once. Return 0 with *bias the
 * distance that everything moved by, modulo 2^32; -ENOMEM, with nothing
 * changed, if it would leave the addresses that a program may have.
 */
int elf_place(struct elf_image *image, uint32_t base,
              uint32_t *bias) must_check;

#endif
