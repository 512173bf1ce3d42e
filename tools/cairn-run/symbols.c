/*
 * tools/cairn-run/symbols.c - functions and lines of an ELF file
 *
 * Functions are those of the symbol table, or of the dynamic one if the file
 * has no other. Assembly's labels count as functions where no function is.
 */
#define _GNU_SOURCE
#include "symbols.h"

#include "cairn-run.h"
#include "program.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define NADDRESSES 4000 /* of one addr2line */

static bool section(const struct symbols *s, unsigned index, Elf32_Shdr *out)
{
    struct program program = {s->bytes, s->nbytes};

    return program_section(&program, index, out);
}

/* ---- functions ---- */

static int by_start(const void *a, const void *b)
{
    const struct function *f = a, *g = b;

    if (f->start != g->start)
        return f->start < g->start ? -1 : 1;
    return f->end > g->end ? -1 : f->end < g->end;
}

static void add_function(struct symbols *s, const Elf32_Sym *symbol,
                         const char *name)
{
    if (s->nfunctions % 1024 == 0)
        s->functions = must_resize(s->functions, (s->nfunctions + 1024) *
                                                     sizeof(*s->functions));
    s->functions[s->nfunctions++] =
        (struct function){symbol->st_value, symbol->st_value + symbol->st_size,
                          name};
}

static bool is_code(const struct symbols *s, const Elf32_Sym *symbol)
{
    unsigned type = ELF32_ST_TYPE(symbol->st_info);
    Elf32_Shdr in;

    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE)
        return false;
    if (type == STT_FUNC || type == STT_GNU_IFUNC)
        return true;
    return type == STT_NOTYPE && section(s, symbol->st_shndx, &in) &&
           (in.sh_flags & SHF_EXECINSTR);
}

static void read_table(struct symbols *s, const Elf32_Shdr *table)
{
    Elf32_Shdr strings;

    if (!section(s, table->sh_link, &strings) || strings.sh_size == 0 ||
        s->bytes[strings.sh_offset + strings.sh_size - 1] != '\0')
        return;
    for (uint32_t i = 0; i + sizeof(Elf32_Sym) <= table->sh_size;
         i += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;

        memcpy(&symbol, s->bytes + table->sh_offset + i, sizeof(symbol));
        if (symbol.st_name < strings.sh_size && is_code(s, &symbol))
            add_function(s, &symbol,
                         (const char *)s->bytes + strings.sh_offset +
                             symbol.st_name);
    }
}

/* A label has no size: it reaches to the next symbol. */
static void end_labels(struct symbols *s)
{
    for (size_t i = 0; i + 1 < s->nfunctions; i++)
        if (s->functions[i].end == s->functions[i].start)
            s->functions[i].end = s->functions[i + 1].start;
}

void symbols_read(struct symbols *s, const char *path)
{
    static const unsigned tables[] = {SHT_SYMTAB, SHT_DYNSYM};
    struct program program;
    Elf32_Shdr table;

    memset(s, 0, sizeof(*s));
    if (path == NULL || !program_map(path, &program))
        return;
    s->path = format("%s", path);
    s->bytes = program.bytes;
    s->nbytes = program.nbytes;
    for (unsigned t = 0; t < 2 && s->nfunctions == 0; t++)
        for (unsigned i = 0; i < 128; i++)
            if (section(s, i, &table) && table.sh_type == tables[t])
                read_table(s, &table);
    if (s->nfunctions > 0)
        qsort(s->functions, s->nfunctions, sizeof(*s->functions), by_start);
    end_labels(s);
}

const struct function *symbols_function(const struct symbols *s,
                                        uint32_t address)
{
    size_t low = 0, high = s->nfunctions;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (s->functions[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    /* A label inside of a function is not another one. */
    for (size_t back = 0; back < 64 && back < low; back++) {
        const struct function *f = &s->functions[low - 1 - back];

        if (address < f->end) {
            while (f > s->functions && f[-1].start == f->start &&
                   f[-1].end >= f->end)
                f--;
            return f;
        }
    }
    return NULL;
}

uint32_t symbols_address(const struct symbols *s, uint64_t offset)
{
    const Elf32_Ehdr *header = (const void *)s->bytes;

    for (unsigned i = 0; s->bytes != NULL && i < header->e_phnum; i++) {
        size_t at = header->e_phoff + i * sizeof(Elf32_Phdr);
        Elf32_Phdr p;

        if (at > s->nbytes || s->nbytes - at < sizeof(p))
            break;
        memcpy(&p, s->bytes + at, sizeof(p));
        if (p.p_type == PT_LOAD && offset >= p.p_offset &&
            offset - p.p_offset < p.p_filesz)
            return p.p_vaddr + (uint32_t)(offset - p.p_offset);
    }
    return UINT32_MAX;
}

/* ---- lines ---- */

/* "FILE:LINE", "FILE:LINE (discriminator N)", "??:0", "??:?". */
static void take_line(char *text, struct line *line)
{
    char *colon = strrchr(text, ':');

    line->file = format("%s", "");
    if (colon == NULL || strncmp(text, "??", 2) == 0)
        return;
    line->line = (uint32_t)strtoul(colon + 1, NULL, 10);
    free(line->file);
    line->file = format("%.*s", (int)(colon - text), text);
}

static void find_some(struct symbols *s, const uint32_t *addresses, size_t n)
{
    char text[4096];
    pid_t pid = 0;
    FILE *in = program_addr2line("-C", s->path, addresses, n, &pid);

    for (size_t i = 0; i < n; i++) {
        struct line *line = &s->lines[s->nlines++];

        *line = (struct line){.address = addresses[i]};
        if (in == NULL || fgets(text, sizeof(text), in) == NULL)
            text[0] = '\0';
        take_line(text, line);
    }
    if (in != NULL) {
        fclose(in);
        waitpid(pid, NULL, 0);
    }
}

void symbols_find_lines(struct symbols *s, const uint32_t *addresses, size_t n)
{
    if (s->path == NULL)
        return;
    s->lines = must_alloc((n + 1) * sizeof(*s->lines));
    for (size_t i = 0; i < n; i += NADDRESSES)
        find_some(s, addresses + i, n - i < NADDRESSES ? n - i : NADDRESSES);
}

static int by_address(const void *a, const void *b)
{
    const struct line *l = a, *m = b;

    return l->address < m->address ? -1 : l->address > m->address;
}

const struct line *symbols_line(const struct symbols *s, uint32_t address)
{
    struct line key = {.address = address};

    if (s->nlines == 0)
        return NULL;
    return bsearch(&key, s->lines, s->nlines, sizeof(key), by_address);
}
