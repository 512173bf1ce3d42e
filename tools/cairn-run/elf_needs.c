/*
 * tools/cairn-run/elf_needs.c - what an ELF file says it needs
 *
 * Reads PT_INTERP and, of PT_DYNAMIC, DT_NEEDED, DT_RPATH and DT_RUNPATH. The
 * file is anybody's: each offset and length is checked against its size, and
 * a text must end inside it. What cannot be read is taken as not there.
 */
#define _GNU_SOURCE
#include "elf_needs.h"

#include "cairn-run.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
    const unsigned char *bytes;
    size_t nbytes;
    Elf32_Ehdr header;
};

static bool has(const struct image *image, uint64_t offset, uint64_t nbytes)
{
    return nbytes <= image->nbytes && offset <= image->nbytes - nbytes;
}

/* The text at an offset of the file, or NULL if it does not end in it. */
static const char *text_at(const struct image *image, uint64_t offset)
{
    if (offset >= image->nbytes ||
        memchr(image->bytes + offset, '\0', image->nbytes - offset) == NULL)
        return NULL;
    return (const char *)image->bytes + offset;
}

static bool read_header(struct image *image)
{
    Elf32_Ehdr *h = &image->header;

    if (image->nbytes < sizeof(*h))
        return false;
    memcpy(h, image->bytes, sizeof(*h));
    return memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 &&
           h->e_ident[EI_CLASS] == ELFCLASS32 &&
           h->e_ident[EI_DATA] == ELFDATA2LSB && h->e_machine == EM_386 &&
           (h->e_type == ET_EXEC || h->e_type == ET_DYN) &&
           h->e_phentsize == sizeof(Elf32_Phdr) &&
           has(image, h->e_phoff, h->e_phnum * (uint64_t)sizeof(Elf32_Phdr));
}

/* The first program header of a type; false if there is none. */
static bool find_phdr(const struct image *image, uint32_t type,
                      Elf32_Phdr *phdr)
{
    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        memcpy(phdr, image->bytes + image->header.e_phoff + i * sizeof(*phdr),
               sizeof(*phdr));
        if (phdr->p_type == type)
            return true;
    }
    return false;
}

/* Where in the file an address comes from, or SIZE_MAX. */
static size_t offset_of(const struct image *image, uint32_t address)
{
    for (unsigned i = 0; i < image->header.e_phnum; i++) {
        Elf32_Phdr phdr;

        memcpy(&phdr, image->bytes + image->header.e_phoff + i * sizeof(phdr),
               sizeof(phdr));
        if (phdr.p_type == PT_LOAD && address >= phdr.p_vaddr &&
            address - phdr.p_vaddr < phdr.p_filesz)
            return (size_t)phdr.p_offset + (address - phdr.p_vaddr);
    }
    return SIZE_MAX;
}

/* One entry of the dynamic section, up to DT_NULL; false at the end. */
static bool dynamic_entry(const struct image *image, const Elf32_Phdr *phdr,
                          size_t i, Elf32_Dyn *entry)
{
    uint64_t offset = phdr->p_offset + (uint64_t)i * sizeof(*entry);

    if (i >= phdr->p_filesz / sizeof(*entry) ||
        !has(image, offset, sizeof(*entry)))
        return false;
    memcpy(entry, image->bytes + offset, sizeof(*entry));
    return entry->d_tag != DT_NULL;
}

static char *copy_text(const struct image *image, uint64_t offset)
{
    const char *text = text_at(image, offset);

    return text != NULL && *text != '\0' ? format("%s", text) : NULL;
}

static void add_needed(struct elf_needs *needs, char *name)
{
    if (name == NULL)
        return;
    needs->needed =
        realloc(needs->needed, (needs->nneeded + 1) * sizeof(*needs->needed));
    if (needs->needed == NULL)
        die(STATUS_FAILED, "out of memory");
    needs->needed[needs->nneeded++] = name;
}

static void read_dynamic(const struct image *image, const Elf32_Phdr *phdr,
                         struct elf_needs *needs)
{
    size_t strings = SIZE_MAX;
    Elf32_Dyn entry;

    for (size_t i = 0; dynamic_entry(image, phdr, i, &entry); i++)
        if (entry.d_tag == DT_STRTAB)
            strings = offset_of(image, entry.d_un.d_ptr);
    if (strings == SIZE_MAX)
        return;
    for (size_t i = 0; dynamic_entry(image, phdr, i, &entry); i++) {
        uint64_t offset = strings + (uint64_t)entry.d_un.d_val;

        if (entry.d_tag == DT_NEEDED)
            add_needed(needs, copy_text(image, offset));
        else if (entry.d_tag == DT_RPATH && needs->rpath == NULL)
            needs->rpath = copy_text(image, offset);
        else if (entry.d_tag == DT_RUNPATH && needs->runpath == NULL)
            needs->runpath = copy_text(image, offset);
    }
}

static bool read_image(struct image *image, struct elf_needs *needs)
{
    Elf32_Phdr phdr;

    if (!read_header(image))
        return false;
    if (find_phdr(image, PT_INTERP, &phdr))
        needs->interpreter = copy_text(image, phdr.p_offset);
    if (find_phdr(image, PT_DYNAMIC, &phdr))
        read_dynamic(image, &phdr, needs);
    return true;
}

bool elf_needs_read(const char *path, struct elf_needs *needs)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct image image;
    struct stat st;
    void *bytes;
    bool good;

    memset(needs, 0, sizeof(*needs));
    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
        close(fd);
        return false;
    }
    image.nbytes = (size_t)st.st_size;
    bytes = mmap(NULL, image.nbytes, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return false;
    image.bytes = bytes;
    good = read_image(&image, needs);
    munmap(bytes, image.nbytes);
    return good;
}

void elf_needs_free(struct elf_needs *needs)
{
    for (size_t i = 0; i < needs->nneeded; i++)
        free(needs->needed[i]);
    free(needs->needed);
    free(needs->interpreter);
    free(needs->rpath);
    free(needs->runpath);
}
