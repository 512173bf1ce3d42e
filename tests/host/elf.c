/*
 * kernel/proc/elf.c: a sound program, every field of it made wrong in turn,
 * pairs of segments that may and may not lie side by side, and random damage,
 * where what is accepted must still be safe to map.
 */
#include <cairn/errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "elf_oracle.h"
#include "tap.h"

#include "proc/elf.h"

#define PAGE 4096u

/* Types of program headers. */
#define LOAD    1u
#define DYNAMIC 2u
#define INTERP  3u
#define NOTE    4u
#define PHDR    6u
#define TLS     7u
#define STACK   0x6474E551u
#define RELRO   0x6474E552u

#define RX (ELF_READ | ELF_EXEC)
#define RW (ELF_READ | ELF_WRITE)

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

struct phdr {
    uint32_t type;
    uint32_t offset;
    uint32_t vaddr;
    uint32_t paddr;
    uint32_t filesz;
    uint32_t memsz;
    uint32_t flags;
    uint32_t align;
};

static struct file_header file;
static struct phdr phdrs[ELF_MAX_PHDRS + 1];
static uint64_t file_size;
static struct elf_header header;
static struct elf_image image;

/* Text, data with bss, thread-local storage, a stack's flags. */
static void make_program(void)
{
    static const struct phdr sound[] = {
        {PHDR, 52, 0x08048034, 0, 160, 160, ELF_READ, 4},
        {LOAD, 0, 0x08048000, 0, 0x2345, 0x2345, RX, PAGE},
        {LOAD, 0x2F00, 0x0804BF00, 0, 0x0300, 0x9000, RW, PAGE},
        {TLS, 0x2F00, 0x0804BF00, 0, 0x10, 0x20, ELF_READ, 16},
        {STACK, 0, 0, 0, 0, 0, RW, 16},
    };

    memset(&file, 0, sizeof(file));
    memcpy(file.ident, "\177ELF\1\1\1", 7);
    file.type = 2;
    file.machine = 3;
    file.version = 1;
    file.entry = 0x08048100;
    file.phoff = 52;
    file.ehsize = 52;
    file.phentsize = 32;
    file.phnum = 5;
    memset(phdrs, 0, sizeof(phdrs));
    memcpy(phdrs, sound, sizeof(sound));
    file_size = 0x4000;
}

/* Parses what is made, through buffers of exactly the right size. */
static int parse(void)
{
    void *copy = malloc(sizeof(file));
    void *table;
    int result;

    memcpy(copy, &file, sizeof(file));
    result = elf_parse_header(copy, sizeof(file), file_size, &header);
    free(copy);
    if (result != 0)
        return result;
    CHECK(header.nphdrs > 0 && header.nphdrs <= ELF_MAX_PHDRS);
    table = malloc(header.nphdrs * sizeof(struct phdr));
    memcpy(table, phdrs, header.nphdrs * sizeof(struct phdr));
    result = elf_parse_segments(&header, table, file_size, &image);
    free(table);
    return result;
}

static void check_image(void)
{
    CHECK_STR(elf_image_broken(&image, file_size), NULL);
}

static void test_sound(void)
{
    make_program();
    CHECK_EQ(parse(), 0);
    check_image();
    CHECK_EQ(image.nsegments, 2);
    CHECK_EQ(image.segments[0].start, 0x08048000);
    CHECK_EQ(image.segments[0].filesz, 0x2345);
    CHECK_EQ(image.segments[0].flags, RX);
    CHECK_EQ(image.segments[1].start, 0x0804BF00);
    CHECK_EQ(image.segments[1].offset, 0x2F00);
    CHECK_EQ(image.segments[1].filesz, 0x300);
    CHECK_EQ(image.segments[1].memsz, 0x9000);
    CHECK_EQ(image.entry, 0x08048100);
    CHECK_EQ(image.phdr_va, 0x08048034);
    CHECK_EQ(image.nphdrs, 5);
    CHECK_EQ(image.brk, 0x08055000);
    CHECK(!image.exec_stack);
    phdrs[4].flags |= ELF_EXEC;
    CHECK_EQ(parse(), 0);
    CHECK(image.exec_stack);
}

/* One field of the file header at a time. */
static void test_file_header(void)
{
    static const struct {
        const char *name;
        size_t offset;
        size_t size;
        uint32_t value;
        int result;
    } cases[] = {
        {"first byte", 0, 1, 0x7E, -ENOEXEC},
        {"E", 1, 1, 'e', -ENOEXEC},
        {"L", 2, 1, 0, -ENOEXEC},
        {"F", 3, 1, 0xFF, -ENOEXEC},
        {"a script", 0, 2, 0x2123, -ENOEXEC},
        {"64-bit", 4, 1, 2, -ENOEXEC},
        {"no class", 4, 1, 0, -ENOEXEC},
        {"big endian", 5, 1, 2, -ENOEXEC},
        {"ident version", 6, 1, 0, -ENOEXEC},
        {"OS is Linux", 7, 1, 3, 0},
        {"OS is anything", 7, 1, 255, 0},
        {"relocatable", 16, 2, 1, -ENOEXEC},
        {"shared or PIE", 16, 2, 3, 0},
        {"core", 16, 2, 4, -ENOEXEC},
        {"no type", 16, 2, 0, -ENOEXEC},
        {"machine x86-64", 18, 2, 62, -ENOEXEC},
        {"machine 486", 18, 2, 6, -ENOEXEC},
        {"version 0", 20, 4, 0, -ENOEXEC},
        {"version 2", 20, 4, 2, -ENOEXEC},
        {"entry 0", 24, 4, 0, -ENOEXEC},
        {"entry in data", 24, 4, 0x0804C000, -ENOEXEC},
        {"entry in bss", 24, 4, 0x08054EFF, -ENOEXEC},
        {"entry behind text", 24, 4, 0x0804A345, -ENOEXEC},
        {"entry at the last byte of text", 24, 4, 0x0804A344, 0},
        {"entry at the first byte of text", 24, 4, 0x08048000, 0},
        {"entry in the kernel", 24, 4, 0xC0100000, -ENOEXEC},
        {"phoff 0", 28, 4, 0, 0},
        {"phoff unaligned", 28, 4, 53, 0},
        {"phoff at the last place", 28, 4, 0x4000 - 160, 0},
        {"phoff one behind it", 28, 4, 0x4000 - 159, -ENOEXEC},
        {"phoff at the end", 28, 4, 0x4000, -ENOEXEC},
        {"phoff wraps", 28, 4, 0xFFFFFFE0, -ENOEXEC},
        {"phoff -1", 28, 4, 0xFFFFFFFF, -ENOEXEC},
        {"shoff anything", 32, 4, 0xFFFFFFFF, 0},
        {"flags anything", 36, 4, 0xFFFFFFFF, 0},
        {"ehsize 0", 40, 2, 0, -ENOEXEC},
        {"ehsize 51", 40, 2, 51, -ENOEXEC},
        {"ehsize larger", 40, 2, 64, 0},
        {"phentsize 0", 42, 2, 0, -ENOEXEC},
        {"phentsize 31", 42, 2, 31, -ENOEXEC},
        {"phentsize 56", 42, 2, 56, -ENOEXEC},
        {"phentsize 65535", 42, 2, 65535, -ENOEXEC},
        {"phnum 0", 44, 2, 0, -ENOEXEC},
        {"phnum 128", 44, 2, 128, 0},
        {"phnum 129", 44, 2, 129, -ENOEXEC},
        {"phnum 65535", 44, 2, 65535, -ENOEXEC},
        {"shnum anything", 48, 2, 65535, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make_program();
        memcpy((char *)&file + cases[i].offset, &cases[i].value, cases[i].size);
        if (!CHECK_EQ(parse(), cases[i].result))
            tap_note("%s", cases[i].name);
    }
}

static void test_short(void)
{
    char buf[52];

    make_program();
    memcpy(buf, &file, sizeof(buf));
    for (size_t n = 0; n <= 52; n++) {
        char *copy = malloc(n + 1);
        memcpy(copy, buf, n);
        CHECK_EQ(elf_parse_header(copy, n, file_size, &header),
                 n < 52 ? -ENOEXEC : 0);
        CHECK_EQ(elf_parse_header(buf, 52, n, &header), -ENOEXEC);
        free(copy);
    }
    file_size = 52 + 5 * 32;
    CHECK_EQ(elf_parse_header(buf, 52, file_size, &header), 0);
    CHECK_EQ(elf_parse_header(buf, 52, file_size - 1, &header), -ENOEXEC);
}

/* Where an interpreter is named: the first name counts, and is in the file. */
static void test_interpreter(void)
{
    static const struct {
        const char *name;
        uint32_t offset, filesz;
        int result;
    } cases[] = {
        {"as short as can be", 0x3000, 2, 0},
        {"nothing but a NUL", 0x3000, 1, -ENOEXEC},
        {"nothing", 0x3000, 0, -ENOEXEC},
        {"as long as can be", 0x2000, 4096, 0},
        {"longer", 0x2000, 4097, -ENOEXEC},
        {"as long as a word can say", 0, 0xFFFFFFFF, -ENOEXEC},
        {"at the end of the file", 0x4000 - 19, 19, 0},
        {"beyond it", 0x4000 - 18, 19, -ENOEXEC},
        {"far away", 0xFFFFFFFF, 19, -ENOEXEC},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make_program();
        phdrs[3] = (struct phdr){INTERP, cases[i].offset, 0, 0, cases[i].filesz,
                                 0,      ELF_READ,        1};
        if (!CHECK_EQ(parse(), cases[i].result))
            tap_note("%s", cases[i].name);
        if (cases[i].result != 0)
            continue;
        check_image();
        CHECK_EQ(image.interp_offset, cases[i].offset);
        CHECK_EQ(image.interp_nbytes, cases[i].filesz);
    }
    make_program();
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.interp_nbytes, 0);
    phdrs[0] = (struct phdr){INTERP, 0x100, 0, 0, 19, 19, ELF_READ, 1};
    phdrs[3] = (struct phdr){INTERP, 0x200, 0, 0, 0, 0, ELF_READ, 1};
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.interp_offset, 0x100);
}

/* The same program, at home at address 0 and able to run anywhere. */
static void make_movable(void)
{
    make_program();
    file.type = 3;
    file.entry = 0x100;
    for (unsigned i = 0; i < 4; i++)
        phdrs[i].vaddr -= 0x08048000;
}

static void test_movable(void)
{
    static const uint32_t bases[] = {
        0,          0xF000,     0x10000,    0x00400000, 0xB7F00000,
        0xBFFF2000, 0xBFFF3000, 0xBFFF4000, 0xC0000000, 0xFFFFF000,
    };

    make_movable();
    CHECK_EQ(parse(), 0);
    check_image();
    CHECK(image.is_movable);
    CHECK_EQ(image.align, PAGE);
    CHECK_EQ(elf_span(&image), 0xD000);
    CHECK_EQ(image.phdr_va, 0x34);
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
        CHECK_STR(elf_place_broken(&image, file_size, bases[i]), NULL);
    phdrs[1].align = 0x4000;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.align, 0x4000);
    phdrs[2].vaddr = 0xBFFF6F00;
    CHECK_EQ(parse(), 0);
    check_image();
    CHECK_STR(elf_place_broken(&image, file_size, 0x10000), NULL);
    phdrs[2].vaddr = 0xBFFF7F00;
    CHECK_EQ(parse(), -ENOMEM);
    /* Linked for another address than 0, it moves by the difference. */
    make_program();
    file.type = 3;
    CHECK_EQ(parse(), 0);
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
        CHECK_STR(elf_place_broken(&image, file_size, bases[i]), NULL);
}

/* One field of one program header at a time. */
static void test_program_header(void)
{
    static const struct {
        const char *name;
        unsigned phdr;
        size_t field;
        uint32_t value;
        int result;
    } cases[] = {
        {"an interpreter", 3, 0, INTERP, 0},
        {"a dynamic section", 3, 0, DYNAMIC, 0},
        {"a note", 3, 0, NOTE, 0},
        {"relro", 3, 0, RELRO, 0},
        {"an unknown type", 3, 0, 0x12345678, 0},
        {"no text", 1, 0, 0, -ENOEXEC},
        {"no data", 2, 0, 0, 0},
        {"text offset misaligned", 1, 1, 0x10, -ENOEXEC},
        {"text offset outside", 1, 1, 0x4000, -ENOEXEC},
        {"text ends at the end of the file", 1, 4, 0x4000, -ENOEXEC},
        {"text file size wraps", 1, 4, 0xFFFFFFFF, -ENOEXEC},
        {"data offset by a page", 2, 1, 0x3F00, -ENOEXEC},
        {"data offset far away", 2, 1, 0xFFFFFF00, -ENOEXEC},
        {"data file size to the end", 2, 4, 0x1100, 0},
        {"data file size behind it", 2, 4, 0x1101, -ENOEXEC},
        {"data file size 0", 2, 4, 0, 0},
        {"data file size above memory", 2, 4, 0x9001, -ENOEXEC},
        {"data address misaligned", 2, 2, 0x0804BF01, -ENOEXEC},
        {"data at 0", 2, 2, 0xF00, -ENOMEM},
        {"data just below 64 KiB", 2, 2, 0xFF00, -ENOMEM},
        {"data just above 64 KiB", 2, 2, 0x10F00, 0},
        {"data in the kernel", 2, 2, 0xC0000F00, -ENOMEM},
        {"data at the last page", 2, 2, 0xFFFFFF00, -ENOMEM},
        {"data across the end", 2, 2, 0xBFFFFF00, -ENOMEM},
        {"data up to the end", 2, 2, 0xBFFF6F00, 0},
        {"data one page above", 2, 2, 0xBFFF7F00, -ENOMEM},
        {"data on the text", 2, 2, 0x08048F00, -ENOEXEC},
        {"data on the text's last page", 2, 2, 0x0804AF00, 0},
        {"data around the text", 2, 2, 0x08040F00, -ENOEXEC},
        {"data below the text", 2, 2, 0x0803EF00, 0},
        {"data right below the text's page", 2, 2, 0x0803FF00, -ENOEXEC},
        {"memory size wraps", 2, 5, 0xFFFFFFFF, -ENOMEM},
        {"memory size to the end", 2, 5, 0xB7FB4100, 0},
        {"memory size one above", 2, 5, 0xB7FB4101, -ENOMEM},
        {"memory size below file size", 2, 5, 0x2FF, -ENOEXEC},
        {"memory size 0, file size not", 2, 5, 0, -ENOEXEC},
        {"text not executable", 1, 6, ELF_READ, -ENOEXEC},
        {"text without any right", 1, 6, 0, -ENOEXEC},
        {"text writable", 1, 6, 7, 0},
        {"other flag bits", 1, 6, 0xFFFFFFF5, 0},
        {"data executable", 2, 6, 7, 0},
        {"data without any right", 2, 6, 0, 0},
        {"alignment 0", 2, 7, 0, 0},
        {"alignment 1", 2, 7, 1, 0},
        {"alignment 4", 2, 7, 4, 0},
        {"alignment 3", 2, 7, 3, -ENOEXEC},
        {"alignment 0x1001", 2, 7, 0x1001, -ENOEXEC},
        {"alignment 8 KiB", 2, 7, 0x2000, -ENOEXEC},
        {"alignment 2^31", 1, 7, 0x80000000, -ENOEXEC},
        {"alignment 32 KiB of the text", 1, 7, 0x8000, 0},
        {"alignment all ones", 1, 7, 0xFFFFFFFF, -ENOEXEC},
        {"TLS file size", 3, 4, 0x21, -ENOEXEC},
        {"TLS outside the file", 3, 1, 0x4000, -ENOEXEC},
        {"TLS alignment 4096", 3, 7, 4096, 0},
        {"TLS alignment 8192", 3, 7, 8192, -ENOEXEC},
        {"TLS alignment 24", 3, 7, 24, -ENOEXEC},
        {"TLS alignment 0", 3, 7, 0, 0},
        {"a wrong PT_PHDR", 0, 2, 0xDEADBEEF, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make_program();
        memcpy((uint32_t *)&phdrs[cases[i].phdr] + cases[i].field,
               &cases[i].value, 4);
        if (!CHECK_EQ(parse(), cases[i].result))
            tap_note("%s", cases[i].name);
        else if (cases[i].result == 0)
            check_image();
    }
}

/* Two segments: where they may meet. */
static void test_neighbours(void)
{
    static const struct {
        const char *name;
        struct phdr a;
        struct phdr b;
        int result;
    } cases[] = {
        {"on one page, one mapping",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x800, 0x10800, 0, 0x800, 0x800, RX, 1},
         0},
        {"on one page, with a gap",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0xC00, 0x10C00, 0, 0x400, 0x400, RX, 1},
         0},
        {"on one page, other rights",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x800, 0x10800, 0, 0x800, 0x800, RW, 1},
         0},
        {"on one page, other rights and other place in the file",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x1800, 0x10800, 0, 0x800, 0x800, RW, 1},
         -ENOEXEC},
        {"on one page, other place in the file",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x1800, 0x10800, 0, 0x800, 0x800, RX, 1},
         -ENOEXEC},
        {"on one page, the lower has zeros",
         {LOAD, 0, 0x10000, 0, 0x700, 0x800, RX, 1},
         {LOAD, 0x800, 0x10800, 0, 0x800, 0x800, RX, 1},
         -ENOEXEC},
        {"on one page, the upper has zeros",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x800, 0x10800, 0, 0x100, 0x1800, RX, 1},
         0},
        {"on one page, the upper is all zeros",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x800, 0x10800, 0, 0, 0x800, RX, 1},
         -ENOEXEC},
        {"on two pages, all differs",
         {LOAD, 0, 0x10000, 0, 0x1000, 0x1000, RX, 1},
         {LOAD, 0x3000, 0x11000, 0, 0x800, 0x900, RW, 1},
         0},
        {"overlap by one byte",
         {LOAD, 0, 0x10000, 0, 0x801, 0x801, RX, 1},
         {LOAD, 0x800, 0x10800, 0, 0x800, 0x800, RX, 1},
         -ENOEXEC},
        {"the same start",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         -ENOEXEC},
        {"one inside the other",
         {LOAD, 0, 0x10000, 0, 0x3000, 0x3000, RX, 1},
         {LOAD, 0x1000, 0x11000, 0, 0x1000, 0x1000, RX, 1},
         -ENOEXEC},
        {"an empty one anywhere",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0x123456, 0xFFFFF123, 0, 0, 0, RX, 3},
         0},
        {"only bss, offset means nothing",
         {LOAD, 0, 0x10000, 0, 0x800, 0x800, RX, 1},
         {LOAD, 0xFFFFFFFF, 0x11000, 0, 0, 0x1000, RW, PAGE},
         0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int order = 0; order < 2; order++) {
            make_program();
            file.phnum = 2;
            file.entry = 0x10000;
            phdrs[order] = cases[i].a;
            phdrs[1 - order] = cases[i].b;
            if (!CHECK_EQ(parse(), cases[i].result))
                tap_note("%s, order %d", cases[i].name, order);
            else if (cases[i].result == 0)
                check_image();
        }
    }
}

/* As many segments as there may be, in a random order, and one more. */
static void test_many(void)
{
    uint64_t state = tap_seed(51);

    for (unsigned n = 1; n <= ELF_MAX_SEGMENTS + 1; n++) {
        make_program();
        file.phnum = (uint16_t)n;
        file.entry = 0x20000;
        for (unsigned i = 0; i < n; i++) {
            phdrs[i] = (struct phdr){LOAD, 0,    0x20000 + i * PAGE, 0,
                                     100,  PAGE, i == 0 ? RX : RW,   PAGE};
        }
        for (unsigned i = n; i > 1; i--) {
            unsigned j = (unsigned)(tap_random(&state) % i);
            struct phdr t = phdrs[i - 1];
            phdrs[i - 1] = phdrs[j];
            phdrs[j] = t;
        }
        CHECK_EQ(parse(), n > ELF_MAX_SEGMENTS ? -EINVAL : 0);
        if (n > ELF_MAX_SEGMENTS)
            continue;
        check_image();
        CHECK_EQ(image.nsegments, n);
        CHECK_EQ(image.brk, 0x20000 + n * PAGE);
    }
}

/* Where the program headers are found in memory. */
static void test_phdr_address(void)
{
    make_program();
    file.phoff = 0;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr_va, 0x08048000);
    file.phoff = 0x2345 - 160;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr_va, 0x0804A345 - 160);
    file.phoff++;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr_va, 0);
    file.phoff = 0x2F10;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr_va, 0x0804BF10);
    /* Not in what the file gives to a segment, but in its zeros. */
    file.phoff = 0x3180;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr_va, 0);
}

/* A file of more than 4 GiB is no reason for a wrong sum. */
static void test_huge_file(void)
{
    make_program();
    file_size = UINT64_MAX;
    phdrs[2].offset = 0xFFFFFF00;
    CHECK_EQ(parse(), 0);
    check_image();
    file.phoff = 0xFFFFFFFF;
    CHECK_EQ(parse(), 0);
    check_image();
}

static void test_brk(void)
{
    make_program();
    phdrs[2].memsz = 0x100;
    phdrs[2].filesz = 0x100;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.brk, 0x0804C000);
    phdrs[2].memsz = 0x101;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.brk, 0x0804D000);
    phdrs[2].memsz = 0xB7FB4100;
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.brk, 0xC0000000u);
}

/* Random words at random places. */
static void test_random(void)
{
    static const uint32_t words[] = {
        0,          1,          2,          7,          0xFFF,      0x1000,
        0x4000,     0x10000,    0x08048000, 0xBFFFFFFF, 0xC0000000, 0xFFFFF000,
        0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0xFF00,
    };
    uint64_t state = tap_seed(52);
    unsigned long naccepted = 0;

    for (unsigned long i = 0; i < tap_repeats(200000) && !tap_failed(); i++) {
        int result;
        if (i % 2 == 0)
            make_program();
        else
            make_movable();
        for (uint64_t n = 1 + tap_random(&state) % 3; n > 0; n--) {
            uint64_t r = tap_random(&state);
            uint32_t *at = r % 8 == 0 ? (uint32_t *)&file + (r >> 8) % 13
                                      : (uint32_t *)phdrs + (r >> 8) % 40;
            uint32_t word = words[(r >> 16) % 16];
            memcpy(&word, r % 3 == 0 ? at : &word, 4);
            word += r % 5 == 0 ? (uint32_t)(r >> 60) : 0;
            word ^= r % 7 == 0 ? 1u << (r >> 24) % 32 : 0;
            memcpy(at, &word, 4);
        }
        result = parse();
        CHECK(result == 0 || result == -ENOEXEC || result == -EINVAL ||
              result == -ENOMEM);
        if (result == 0) {
            check_image();
            CHECK_STR(elf_place_broken(&image, file_size,
                                       (uint32_t)tap_random(&state) &
                                           ~(PAGE - 1)),
                      NULL);
            naccepted++;
        }
    }
    CHECK(naccepted > 1000);
}

/* This very program: 64-bit, or one that runs anywhere. */
static void test_self(void)
{
    char buf[52];
    FILE *self = fopen("/proc/self/exe", "rb");

    if (self == NULL)
        return;
    CHECK_EQ(fread(buf, 1, sizeof(buf), self), sizeof(buf));
    fclose(self);
    if (sizeof(void *) == 8)
        CHECK_EQ(elf_parse_header(buf, sizeof(buf), 1 << 20, &header),
                 -ENOEXEC);
    else
        CHECK(elf_parse_header(buf, sizeof(buf), 1 << 20, &header) == 0 &&
              header.is_movable);
}

int main(void)
{
    tap_run("a sound program", test_sound);
    tap_run("every field of the file header", test_file_header);
    tap_run("short files", test_short);
    tap_run("every field of a program header", test_program_header);
    tap_run("interpreters", test_interpreter);
    tap_run("programs that run anywhere", test_movable);
    tap_run("neighbours", test_neighbours);
    tap_run("16 segments, not 17", test_many);
    tap_run("where the program headers are", test_phdr_address);
    tap_run("huge files", test_huge_file);
    tap_run("where the heap begins", test_brk);
    tap_run("random damage", test_random);
    tap_run("this program itself", test_self);
    return tap_done();
}
