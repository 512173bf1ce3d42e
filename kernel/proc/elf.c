/*
 * Read the headers of ELF32 programs and their loaders for i386.
 *
 *      file header  52 bytes      e_ident[16] e_type e_machine e_version
 *                                 e_entry e_phoff e_shoff e_flags e_ehsize
 *                                 e_phentsize e_phnum ...
 *      program header  32 bytes   p_type p_offset p_vaddr p_paddr
 *                                 p_filesz p_memsz p_flags p_align
 *
 * Section headers are for linkers and debuggers and are never looked at. No
 * field is trusted: sums are tested before they are made, and what is kept is
 * copied out of the buffer before it is checked.
 *
 * Two segments may share a page only if what the file says for this page is
 * the same for both, since a mapped page has one source: the same distance
 * between address and offset, and no zeros to be filled in by the lower one.
 * The page gets the protection of the upper one, which is mapped last.
 *
 * An image of type ET_DYN may begin at address 0. Its segments are checked
 * against the length of user space when they are read, and against its bounds
 * when the image is placed.
 */
#include "proc/elf.h"

#include <cairn/errno.h>

#include "lib/string.h"
#include "lib/types.h"

enum {
    ET_EXEC = 2,
    ET_DYN = 3,
    EM_386 = 3,
    EV_CURRENT = 1,
    ELFCLASS32 = 1,
    ELFDATA2LSB = 1,
};

#define PT_LOAD      1u
#define PT_INTERP    3u
#define PT_TLS       7u
#define PT_GNU_STACK 0x6474E551u

#define TLS_ALIGN_MAX PAGE_SIZE

struct file_header {
    uint8_t ident[16];
    uint16_t type;
    uint16_t machine;
    uint32_t version;
    uint32_t entry;
    uint32_t phoff;
    uint32_t shoff;
    uint32_t flags;
    uint16_t ehsize;
    uint16_t phentsize;
    uint16_t phnum;
    uint16_t shentsize;
    uint16_t shnum;
    uint16_t shstrndx;
};

struct program_header {
    uint32_t type;
    uint32_t offset;
    uint32_t vaddr;
    uint32_t paddr;
    uint32_t filesz;
    uint32_t memsz;
    uint32_t flags;
    uint32_t align;
};

_Static_assert(sizeof(struct file_header) == ELF_HEADER_BYTES,
               "the file header is 52 bytes");
_Static_assert(sizeof(struct program_header) == ELF_PHDR_BYTES,
               "a program header is 32 bytes");

static bool ident_is_right(const uint8_t *ident)
{
    return memcmp(ident, "\177ELF", 4) == 0 && ident[4] == ELFCLASS32 &&
           ident[5] == ELFDATA2LSB && ident[6] == EV_CURRENT;
}

/* Whether [offset, offset + nbytes) lies in a file of `file_size` bytes. */
static bool lies_in_file(uint64_t offset, uint64_t nbytes, uint64_t file_size)
{
    return nbytes <= file_size && offset <= file_size - nbytes;
}

int elf_parse_header(const void *buf, size_t nbytes, uint64_t file_size,
                     struct elf_header *header)
{
    struct file_header file;

    if (nbytes < sizeof(file) || file_size < sizeof(file))
        return -ENOEXEC;
    memcpy(&file, buf, sizeof(file));
    if (!ident_is_right(file.ident))
        return -ENOEXEC;
    if ((file.type != ET_EXEC && file.type != ET_DYN) ||
        file.machine != EM_386 || file.version != EV_CURRENT)
        return -ENOEXEC;
    if (file.ehsize < sizeof(file) || file.phentsize != ELF_PHDR_BYTES)
        return -ENOEXEC;
    if (file.phnum == 0 || file.phnum > ELF_MAX_PHDRS)
        return -ENOEXEC;
    if (!lies_in_file(file.phoff, file.phnum * (uint64_t)ELF_PHDR_BYTES,
                      file_size))
        return -ENOEXEC;
    header->is_movable = file.type == ET_DYN;
    header->entry = file.entry;
    header->phdr_offset = file.phoff;
    header->nphdrs = file.phnum;
    return 0;
}

/* The last byte of a segment, and the pages it begins and ends in. */
static uint32_t last_of(const struct elf_segment *segment)
{
    return segment->start + (segment->memsz - 1);
}

static uint32_t page_of(uint32_t address)
{
    return address >> PAGE_SHIFT;
}

/*
 * Check one PT_LOAD by itself. Where nothing comes from the file, the offset
 * means nothing.
 */
static int check_load(const struct program_header *phdr, uint64_t file_size,
                      bool is_movable)
{
    uint32_t apart = phdr->filesz > 0 ? phdr->vaddr ^ phdr->offset : 0;
    uint32_t lowest = is_movable ? 0 : ELF_USER_START;

    if (phdr->filesz > phdr->memsz)
        return -ENOEXEC;
    if (phdr->filesz > 0 &&
        !lies_in_file(phdr->offset, phdr->filesz, file_size))
        return -ENOEXEC;
    if ((phdr->align & (phdr->align - 1)) != 0)
        return -ENOEXEC;
    if (phdr->align > 1 && (apart & (phdr->align - 1)) != 0)
        return -ENOEXEC;
    if ((apart & PAGE_MASK) != 0)
        return -ENOEXEC;
    if (phdr->vaddr < lowest || phdr->vaddr >= ELF_USER_END ||
        phdr->memsz > ELF_USER_END - phdr->vaddr)
        return -ENOMEM;
    return 0;
}

/* Whether segment b, which starts at or above a, can lie beside it. */
static bool can_follow(const struct elf_segment *a, const struct elf_segment *b)
{
    if (b->start <= last_of(a))
        return false;
    if (page_of(b->start) != page_of(last_of(a)))
        return true;
    return a->filesz == a->memsz && b->filesz > 0 &&
           b->start - a->start == b->offset - a->offset;
}

/* Put a segment into its place among those before it. */
static int add_segment(struct elf_image *image, const struct elf_segment *new)
{
    unsigned at = image->nsegments;

    if (at == ELF_MAX_SEGMENTS)
        return -EINVAL;
    while (at > 0 && image->segments[at - 1].start > new->start)
        at--;
    if (at > 0 && !can_follow(&image->segments[at - 1], new))
        return -ENOEXEC;
    if (at < image->nsegments && !can_follow(new, &image->segments[at]))
        return -ENOEXEC;
    memmove(&image->segments[at + 1], &image->segments[at],
            (image->nsegments - at) * sizeof(*new));
    image->segments[at] = *new;
    image->nsegments++;
    return 0;
}

static int add_load(struct elf_image *image, const struct program_header *phdr,
                    uint64_t file_size)
{
    struct elf_segment segment = {
        .start = phdr->vaddr,
        .memsz = phdr->memsz,
        .offset = phdr->filesz > 0 ? phdr->offset : 0,
        .filesz = phdr->filesz,
        .flags = phdr->flags & (ELF_READ | ELF_WRITE | ELF_EXEC),
    };
    int result;

    if (phdr->memsz == 0)
        return phdr->filesz == 0 ? 0 : -ENOEXEC;
    result = check_load(phdr, file_size, image->is_movable);
    if (result == 0)
        result = add_segment(image, &segment);
    if (result == 0 && phdr->align > image->align)
        image->align = phdr->align;
    return result;
}

/*
 * A template for thread-local storage: the program's own start code copies it,
 * or its interpreter, so it only must be sane.
 */
static int check_tls(const struct program_header *phdr, uint64_t file_size)
{
    if (phdr->filesz > phdr->memsz || phdr->align > TLS_ALIGN_MAX ||
        (phdr->align & (phdr->align - 1)) != 0 ||
        !lies_in_file(phdr->offset, phdr->filesz, file_size))
        return -ENOEXEC;
    return 0;
}

/* The first interpreter that is named counts, as on Linux. */
static int add_interp(struct elf_image *image,
                      const struct program_header *phdr, uint64_t file_size)
{
    if (image->interp_nbytes != 0)
        return 0;
    if (phdr->filesz < 2 || phdr->filesz > ELF_INTERP_MAX ||
        !lies_in_file(phdr->offset, phdr->filesz, file_size))
        return -ENOEXEC;
    image->interp_offset = phdr->offset;
    image->interp_nbytes = phdr->filesz;
    return 0;
}

static int add_phdr(struct elf_image *image, const struct program_header *phdr,
                    uint64_t file_size)
{
    switch (phdr->type) {
    case PT_LOAD:
        return add_load(image, phdr, file_size);
    case PT_INTERP:
        return add_interp(image, phdr, file_size);
    case PT_TLS:
        return check_tls(phdr, file_size);
    case PT_GNU_STACK:
        image->exec_stack = (phdr->flags & ELF_EXEC) != 0;
        return 0;
    default:
        return 0;
    }
}

/* Whether one executable segment's bytes include the entry point. */
static bool entry_is_right(const struct elf_image *image)
{
    const struct elf_segment *segment;

    for (unsigned i = 0; i < image->nsegments; i++) {
        segment = &image->segments[i];
        if (image->entry >= segment->start &&
            image->entry - segment->start < segment->memsz)
            return (segment->flags & ELF_EXEC) != 0;
    }
    return false;
}

/* Where the program headers are in memory, if a segment holds them all. */
static uint32_t find_phdrs(const struct elf_image *image,
                           const struct elf_header *header)
{
    uint32_t nbytes = header->nphdrs * ELF_PHDR_BYTES;
    const struct elf_segment *segment;

    for (unsigned i = 0; i < image->nsegments; i++) {
        segment = &image->segments[i];
        if (header->phdr_offset >= segment->offset &&
            lies_in_file(header->phdr_offset - segment->offset, nbytes,
                         segment->filesz))
            return segment->start + (header->phdr_offset - segment->offset);
    }
    return 0;
}

int elf_parse_segments(const struct elf_header *header, const void *phdrs,
                       uint64_t file_size, struct elf_image *image)
{
    struct program_header phdr;
    const struct elf_segment *highest;
    int result;

    memset(image, 0, sizeof(*image));
    image->is_movable = header->is_movable;
    image->align = PAGE_SIZE;
    image->entry = header->entry;
    image->nphdrs = header->nphdrs;
    for (uint32_t i = 0; i < header->nphdrs; i++) {
        memcpy(&phdr, (const char *)phdrs + i * sizeof(phdr), sizeof(phdr));
        result = add_phdr(image, &phdr, file_size);
        if (result != 0)
            return result;
    }
    if (!entry_is_right(image))
        return -ENOEXEC;
    highest = &image->segments[image->nsegments - 1];
    image->brk = (page_of(last_of(highest)) + 1) << PAGE_SHIFT;
    image->phdr_va = find_phdrs(image, header);
    return 0;
}

/* The address of the first page. */
static uint32_t first_page(const struct elf_image *image)
{
    return image->segments[0].start & ~PAGE_MASK;
}

uint32_t elf_span(const struct elf_image *image)
{
    return image->brk - first_page(image);
}

int elf_place(struct elf_image *image, uint32_t base, uint32_t *bias)
{
    if (base < ELF_USER_START || base > ELF_USER_END ||
        elf_span(image) > ELF_USER_END - base)
        return -ENOMEM;
    *bias = base - first_page(image);
    for (unsigned i = 0; i < image->nsegments; i++)
        image->segments[i].start += *bias;
    image->entry += *bias;
    image->brk += *bias;
    if (image->phdr_va != 0)
        image->phdr_va += *bias;
    image->is_movable = false;
    return 0;
}
