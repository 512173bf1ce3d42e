/*
 * dlfcn.c - dlopen and its kin for static programs.
 *
 * There is one object, the program.  Its symbols are in its file, unless it was
 * stripped: /proc/self/exe is mapped at the first question and stays mapped.
 * A global symbol that is defined is found by its name; dladdr finds the nearest
 * function or object at or below an address.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char message[128];
static const char *pending; /* what dlerror says next, or NULL */

static char program_handle;
static const Elf32_Sym *symbols;
static size_t nsymbols;
static const char *names;
static size_t names_length;

static void *fail(const char *text, const char *name)
{
    snprintf(message, sizeof(message), "%s%.80s", text, name);
    pending = message;
    return NULL;
}

char *dlerror(void)
{
    char *text = (char *)pending;

    pending = NULL;
    return text;
}

/* Return whether [offset, offset + length) is within a file of `size` bytes. */
static int is_inside(size_t offset, size_t length, size_t size)
{
    return offset <= size && length <= size - offset;
}

static void take_table(const char *file, size_t size,
                       const Elf32_Shdr *sections, size_t nsections)
{
    for (size_t i = 0; i < nsections; i++) {
        const Elf32_Shdr *table = &sections[i];
        const Elf32_Shdr *text;

        if (table->sh_type != SHT_SYMTAB || table->sh_link >= nsections)
            continue;
        text = &sections[table->sh_link];
        if (!is_inside(table->sh_offset, table->sh_size, size) ||
            !is_inside(text->sh_offset, text->sh_size, size))
            continue;
        symbols = (const Elf32_Sym *)(file + table->sh_offset);
        nsymbols = table->sh_size / sizeof(*symbols);
        names = file + text->sh_offset;
        names_length = text->sh_size;
    }
}

/* Map the program's file and find its symbols; without any, find none. */
static void load_symbols(void)
{
    static int is_loaded;
    const Elf32_Ehdr *head;
    struct stat st;
    int fd;

    if (is_loaded)
        return;
    is_loaded = 1;
    fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(*head)) {
        size_t size = (size_t)st.st_size;

        head = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (head != MAP_FAILED &&
            is_inside(head->e_shoff, head->e_shnum * sizeof(Elf32_Shdr), size))
            take_table((const char *)head, size,
                       (const Elf32_Shdr *)((const char *)head + head->e_shoff),
                       head->e_shnum);
    }
    close(fd);
}

static const char *name_of(const Elf32_Sym *symbol)
{
    return symbol->st_name < names_length ? names + symbol->st_name : "";
}

static int is_public(const Elf32_Sym *symbol)
{
    int binding = ELF32_ST_BIND(symbol->st_info);
    int type = ELF32_ST_TYPE(symbol->st_info);

    return (binding == STB_GLOBAL || binding == STB_WEAK) &&
           symbol->st_shndx != SHN_UNDEF && type != STT_SECTION &&
           type != STT_FILE && type != STT_TLS;
}

void *dlopen(const char *path, int mode)
{
    if ((mode & (RTLD_LAZY | RTLD_NOW)) == 0)
        return fail("invalid mode for dlopen()", "");
    if (path == NULL)
        return &program_handle;
    return fail("this program is static and opens no object: ", path);
}

int dlclose(void *handle)
{
    if (handle == &program_handle)
        return 0;
    fail("not an open object", "");
    return -1;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
    if (handle != &program_handle && handle != RTLD_DEFAULT &&
        handle != RTLD_NEXT)
        return fail("not an open object", "");
    load_symbols();
    if (handle != RTLD_NEXT) {
        for (size_t i = 0; i < nsymbols; i++)
            if (is_public(&symbols[i]) && !strcmp(name_of(&symbols[i]), name))
                return (void *)(uintptr_t)symbols[i].st_value;
    }
    return fail("symbol not found: ", name);
}

int dladdr(const void *restrict address, Dl_info_t *restrict info)
{
    extern const char __ehdr_start[], _end[];
    const Elf32_Sym *best = NULL;
    uintptr_t where = (uintptr_t)address;

    if (where < (uintptr_t)__ehdr_start || where >= (uintptr_t)_end)
        return 0;
    load_symbols();
    for (size_t i = 0; i < nsymbols; i++) {
        const Elf32_Sym *s = &symbols[i];

        if (is_public(s) && s->st_value <= where &&
            (where - s->st_value < s->st_size || s->st_value == where) &&
            (best == NULL || s->st_value > best->st_value))
            best = s;
    }
    info->dli_fname = "/proc/self/exe";
    info->dli_fbase = (void *)__ehdr_start;
    info->dli_sname = best != NULL ? name_of(best) : NULL;
    info->dli_saddr = best != NULL ? (void *)(uintptr_t)best->st_value : NULL;
    return 1;
}
