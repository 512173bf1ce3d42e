/* tools/cairn-run/symbols.h - functions and lines of an ELF file */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct function {
    uint32_t start, end;
    const char *name; /* in the symbols */
};

struct line {
    uint32_t address;
    char *file; /* "" if it is not known */
    uint32_t line;
};

/* An ELF file: its functions by address, and lines that were asked for. */
struct symbols {
    char *path; /* NULL: no such file here */
    const unsigned char *bytes;
    size_t nbytes;
    struct function *functions;
    size_t nfunctions;
    struct line *lines;
    size_t nlines;
};

/* Read them; a file that is none has no functions. */
void symbols_read(struct symbols *symbols, const char *path);

/* The function that an address is in, or NULL. */
const struct function *symbols_function(const struct symbols *symbols,
                                        uint32_t address);

/* The address that a byte of the file has, or UINT32_MAX. */
uint32_t symbols_address(const struct symbols *symbols, uint64_t offset);

/* Find the lines of `n` sorted addresses, by addr2line. */
void symbols_find_lines(struct symbols *symbols, const uint32_t *addresses,
                        size_t n);

/* The line of one of those addresses, or NULL. */
const struct line *symbols_line(const struct symbols *symbols,
                                uint32_t address);

#endif
