/*
 * Small ELF files for tests of exec: programs that run anywhere or at a fixed
 * place, with or without an interpreter, and interpreters. All have the same
 * code, which says on descriptor 1 what it was started with.
 *
 *      offset  address
 *      0       0        headers                        read, execute
 *      0x200   0x200    code
 *      0xF80   0x2F80   0x40 bytes of data             read, write
 *      0xFC0   0x2FC0   0xAA in the file, 0 in memory, up to 0x4380
 *      0x1080           the interpreter's name
 *
 * Addresses count from `base`, 0 in a file of type ET_DYN.
 */
#ifndef TESTS_GUEST_SMALL_ELF_H
#define TESTS_GUEST_SMALL_ELF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SMALL_ENTRY   0x200u
#define SMALL_DATA    0x2F80u
#define SMALL_WORD    0x600DDA7Au /* the first word of data */
#define SMALL_SPAN    0x5000u
#define SMALL_NAME_AT 0x1080u
#define SMALL_ROOM    0x2800u /* bytes that a file may take */
#define SMALL_SAID    0x200u  /* bytes that the program says */
#define SMALL_EXIT    7

struct small_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct small_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct small_elf {
    struct small_header header;
    struct small_segment segments[4]; /* text, data, stack, interpreter */
};

/* What the program writes: then its start stack goes on. */
struct small_said {
    uint32_t entry;    /* where its code is */
    uint32_t dumpable; /* prctl(PR_GET_DUMPABLE) */
    uint32_t zeros[2]; /* the first and the last word beyond the file */
    uint32_t word;     /* SMALL_WORD */
    uint32_t argc;
    uint32_t stack[(SMALL_SAID - 24) / 4]; /* argv, NULL, envp, NULL, auxv */
};

__asm__(".pushsection .rodata\n"
        "small_code:\n"
        "    call 1f\n"
        "1:  popl %ebp\n"
        "    subl $(1b - small_code), %ebp\n"
        "    pushl 0x2F80 - 0x200(%ebp)\n"
        "    pushl 0x437C - 0x200(%ebp)\n"
        "    pushl 0x2FC0 - 0x200(%ebp)\n"
        "    movl $172, %eax\n" /* prctl(PR_GET_DUMPABLE) */
        "    movl $3, %ebx\n"
        "    int $0x80\n"
        "    pushl %eax\n"
        "    pushl %ebp\n"
        "    movl $4, %eax\n" /* write(1, %esp, SMALL_SAID) */
        "    movl $1, %ebx\n"
        "    movl %esp, %ecx\n"
        "    movl $0x200, %edx\n"
        "    int $0x80\n"
        "    movl $1, %eax\n" /* exit(SMALL_EXIT) */
        "    movl $7, %ebx\n"
        "    int $0x80\n"
        "small_code_end:\n"
        ".popsection\n");
extern const uint8_t small_code[], small_code_end[];

/* The headers of such a file; `name` NULL: without an interpreter. */
static inline struct small_elf small_headers(uint32_t base, const char *name)
{
    uint32_t length = name != NULL ? (uint32_t)strlen(name) + 1 : 0;

    return (struct small_elf){
        .header =
            {
                .ident = {0x7F, 'E', 'L', 'F', 1, 1, 1},
                .type = base == 0 ? 3 : 2,
                .machine = 3,
                .version = 1,
                .entry = base + SMALL_ENTRY,
                .phoff = sizeof(struct small_header),
                .ehsize = sizeof(struct small_header),
                .phentsize = sizeof(struct small_segment),
                .phnum = name != NULL ? 4 : 3,
            },
        .segments =
            {
                {1, 0, base, base, 0x400, 0x400, 5, 0x1000},
                {1, 0xF80, base + SMALL_DATA, base, 0x40, 0x1400, 6, 0x1000},
                {0x6474E551, 0, 0, 0, 0, 0, 6, 16},
                {3, SMALL_NAME_AT, 0, 0, length, length, 4, 1},
            },
    };
}

/* Make the file's bytes, SMALL_ROOM of them at most; their number. */
static inline size_t small_make(uint8_t *bytes, const struct small_elf *elf,
                                const char *name)
{
    uint32_t word = SMALL_WORD;

    memset(bytes, 0xAA, SMALL_ROOM);
    memcpy(bytes, elf, sizeof(*elf));
    memcpy(bytes + SMALL_ENTRY, small_code,
           (size_t)(small_code_end - small_code));
    memcpy(bytes + 0xF80, &word, sizeof(word));
    if (name == NULL)
        return SMALL_NAME_AT;
    memcpy(bytes + SMALL_NAME_AT, name, strlen(name) + 1);
    return SMALL_NAME_AT + strlen(name) + 1;
}

#endif
