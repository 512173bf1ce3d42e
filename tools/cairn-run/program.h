/* tools/cairn-run/program.h - what the program's ELF file says */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* A file in memory that is at least as long as an ELF header. */
struct program {
    const unsigned char *bytes;
    size_t nbytes;
};

bool program_map(const char *path, struct program *program);
void program_unmap(struct program *program);

/* Return `nbytes` bytes of an executable segment at `address`, or NULL. */
const unsigned char *program_code(const struct program *program,
                                  uint32_t address, uint32_t nbytes);

/* Return whether a call can have left this return address (SDM 2A, CALL). */
bool program_after_call(const struct program *program, uint32_t address);

/* A section's header, its contents inside of the file; false: there is none. */
bool program_section(const struct program *program, unsigned index,
                     Elf32_Shdr *out);

/* Find a symbol that is defined: false if there is none. */
bool program_symbol(const struct program *program, const char *name,
                    uint32_t *address);

/*
 * Start addr2line with `flags`, one word, for `n` addresses of a program.
 * Return its output, to be closed before *pid is waited for, or NULL.
 */
FILE *program_addr2line(const char *flags, const char *path,
                        const uint32_t *addresses, size_t n, pid_t *pid);

/* Is a file of this name the C library's source? */
bool program_is_library(const char *file);

/* Where an address is; function and file are NULL if that is not known. */
struct place {
    char *function, *file;
    unsigned line;
    bool in_library; /* the C library's code */
};

/* The places of `n` addresses, to be freed, by the toolchain's addr2line. */
struct place *program_places(const char *path, const uint32_t *addresses,
                             size_t n);

/* "main at bad.c:9", to be freed. */
char *place_text(const struct place *place);

#endif
