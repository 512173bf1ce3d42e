/*
 * tools/cairn-run/program.c - what the program's ELF file says
 *
 * Nothing in it is trusted: each offset and size is compared with the file's
 * length.
 */
#define _GNU_SOURCE
#include "program.h"

#include "cairn-run.h"

#include <ctype.h>
#include <elf.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool program_map(const char *path, struct program *program)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *bytes;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(Elf32_Ehdr) ||
        st.st_size > 0x7fffffff) {
        close(fd);
        return false;
    }
    bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    *program = (struct program){bytes, (size_t)st.st_size};
    return true;
}

const unsigned char *program_code(const struct program *program,
                                  uint32_t address, uint32_t nbytes)
{
    const Elf32_Ehdr *header = (const void *)program->bytes;

    if (header->e_phentsize != sizeof(Elf32_Phdr) ||
        header->e_phoff > program->nbytes ||
        header->e_phnum >
            (program->nbytes - header->e_phoff) / sizeof(Elf32_Phdr))
        return NULL;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        Elf32_Phdr segment;
        uint32_t at;

        memcpy(&segment, program->bytes + header->e_phoff + i * sizeof(segment),
               sizeof(segment));
        at = address - segment.p_vaddr;
        if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X) ||
            address < segment.p_vaddr || at > segment.p_filesz ||
            segment.p_filesz - at < nbytes ||
            segment.p_offset > program->nbytes ||
            at > program->nbytes - segment.p_offset ||
            program->nbytes - segment.p_offset - at < nbytes)
            continue;
        return program->bytes + segment.p_offset + at;
    }
    return NULL;
}

bool program_after_call(const struct program *program, uint32_t address)
{
    const unsigned char *code = program_code(program, address - 7, 7);

    if (code == NULL)
        return false;
    if (code[2] == 0xe8)
        return true;
    for (int length = 2; length <= 7; length++)
        if (code[7 - length] == 0xff && (code[8 - length] & 0x38) == 0x10)
            return true;
    return false;
}

void program_unmap(struct program *program)
{
    munmap((void *)program->bytes, program->nbytes);
}

/* ---- symbols ---- */

bool program_section(const struct program *program, unsigned index,
                     Elf32_Shdr *out)
{
    const Elf32_Ehdr *header = (const void *)program->bytes;

    if (header->e_shentsize != sizeof(*out) || index >= header->e_shnum ||
        header->e_shoff > program->nbytes ||
        header->e_shnum > (program->nbytes - header->e_shoff) / sizeof(*out))
        return false;
    memcpy(out, program->bytes + header->e_shoff + index * sizeof(*out),
           sizeof(*out));
    return out->sh_type != SHT_NOBITS && out->sh_offset <= program->nbytes &&
           out->sh_size <= program->nbytes - out->sh_offset;
}

static bool find_in(const struct program *program, const Elf32_Shdr *symbols,
                    const Elf32_Shdr *strings, const char *name,
                    uint32_t *address)
{
    size_t n = strlen(name) + 1;

    for (uint32_t i = 0; i + sizeof(Elf32_Sym) <= symbols->sh_size;
         i += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;

        memcpy(&symbol, program->bytes + symbols->sh_offset + i,
               sizeof(symbol));
        if (symbol.st_shndx == SHN_UNDEF || symbol.st_name > strings->sh_size ||
            strings->sh_size - symbol.st_name < n ||
            memcmp(program->bytes + strings->sh_offset + symbol.st_name, name,
                   n) != 0)
            continue;
        *address = symbol.st_value;
        return true;
    }
    return false;
}

bool program_symbol(const struct program *program, const char *name,
                    uint32_t *address)
{
    Elf32_Shdr symbols, strings;

    for (unsigned i = 0; i < 64; i++)
        if (program_section(program, i, &symbols) &&
            symbols.sh_type == SHT_SYMTAB &&
            program_section(program, symbols.sh_link, &strings) &&
            find_in(program, &symbols, &strings, name, address))
            return true;
    return false;
}

/* ---- places ---- */

#define NFLAGS 4 /* words before the addresses */

FILE *program_addr2line(const char *flags, const char *path,
                        const uint32_t *addresses, size_t n, pid_t *pid)
{
    char *tool = install_look("bin/i686-cairn-addr2line",
                              "../sysroot/bin/i686-cairn-addr2line");
    char **argv;
    posix_spawn_file_actions_t actions;
    size_t i = 0;
    int ends[2], error;

    if (tool == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    argv = must_alloc((n + NFLAGS + 1) * sizeof(*argv));
    argv[i++] = tool;
    argv[i++] = (char *)flags;
    argv[i++] = (char *)"-e";
    argv[i++] = (char *)path;
    for (size_t k = 0; k < n; k++)
        argv[i++] = format("%x", addresses[k]);
    argv[i] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    error = posix_spawn(pid, tool, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    for (size_t k = NFLAGS; k < i; k++)
        free(argv[k]);
    free(argv);
    if (error == 0)
        return fdopen(ends[0], "r");
    close(ends[0]);
    return NULL;
}

/* The C library has line numbers everywhere, and these are its folders. */
bool program_is_library(const char *file)
{
    return strncmp(file, "./newlib-port/", 14) == 0 ||
           strstr(file, "/newlib/libc/") != NULL ||
           strstr(file, "/newlib/libm/") != NULL ||
           strstr(file, "/build/borrowed/") != NULL ||
           strstr(file, "/libgcc/") != NULL;
}

static void take_place(char *line, struct place *place)
{
    char *at = strstr(line, " at "), *colon, *tail = strstr(line, " (discrim");
    char *slash;

    if (tail != NULL)
        *tail = '\0';
    line[strcspn(line, "\n")] = '\0';
    if (at == NULL)
        return;
    *at = '\0';
    at += 4;
    place->function = format("%s", line);
    place->in_library = program_is_library(at);
    colon = strrchr(at, ':');
    if (colon != NULL) {
        place->line = (unsigned)strtoul(colon + 1, NULL, 10);
        *colon = '\0';
    }
    slash = strrchr(at, '/');
    if (strncmp(at, "??", 2) != 0)
        place->file = format("%s", slash != NULL ? slash + 1 : at);
}

struct place *program_places(const char *path, const uint32_t *addresses,
                             size_t n)
{
    struct place *places = must_alloc((n + 1) * sizeof(*places));
    char text[1024];

    memset(places, 0, (n + 1) * sizeof(*places));
    for (size_t i = 0; i < n;) {
        size_t some = n - i < 2000 ? n - i : 2000, end = i + some;
        pid_t pid = 0;
        FILE *names =
            program_addr2line("-fpC", path, addresses + i, some, &pid);

        while (names != NULL && i < end &&
               fgets(text, sizeof(text), names) != NULL)
            take_place(text, &places[i++]);
        if (names != NULL) {
            fclose(names);
            waitpid(pid, NULL, 0);
        }
        i = end;
    }
    return places;
}

char *place_text(const struct place *place)
{
    if (place->function == NULL || strcmp(place->function, "??") == 0)
        return format("?");
    if (place->file == NULL)
        return format("%s", place->function);
    if (place->line == 0)
        return format("%s at %s", place->function, place->file);
    return format("%s at %s:%u", place->function, place->file, place->line);
}
