/*
 * tools/cairn-run/probes.c - breakpoints on malloc and the like
 *
 * See kernel/sys/probe.c: which first instructions the kernel can do itself.
 * A function that begins with another one is left alone; if it is a jump to
 * one of the others, its calls are seen there.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "program.h"

#include "dev/trace_proto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PROBES 16

static const struct {
    const char *name;
    unsigned op;
} functions[] = {
    {"malloc", CAIRN_MALLOC},     {"calloc", CAIRN_CALLOC},
    {"realloc", CAIRN_REALLOC},   {"free", CAIRN_FREE},
    {"memalign", CAIRN_MEMALIGN}, {"aligned_alloc", CAIRN_MEMALIGN},
    {"reallocf", CAIRN_REALLOC},
};

static uint32_t probes[MAX_PROBES];
static size_t nprobes;

/* Can the kernel do this instruction? */
static bool is_known(uint32_t code)
{
    return (code & 0xF8) == 0x50 || (code & 0xFFC7FF) == 0x24448B ||
           (code & 0xFFFF) == 0xEC83;
}

static bool has_probe(uint32_t address)
{
    for (size_t i = 0; i < nprobes; i++)
        if (probes[i] == address)
            return true;
    return false;
}

static void add(struct lab_options *lab, const struct program *program,
                unsigned op, uint32_t address)
{
    const unsigned char *code = program_code(program, address, 4);
    uint32_t word;
    char *probe;

    if (code == NULL || has_probe(address) || nprobes == MAX_PROBES)
        return;
    memcpy(&word, code, sizeof(word));
    if (!is_known(word))
        return;
    probe = format("probe=%u:0x%x:0x%x", op, address, word);
    lab->probes =
        lab->probes == NULL ? probe : format("%s %s", lab->probes, probe);
    probes[nprobes++] = address;
}

/*
 * What __errno() of newlib returns: a word at an address (mov ADDRESS, %eax;
 * ret), or one at an offset in the thread's segment (the same with %gs).
 */
static void find_errno(struct lab_options *lab, const struct program *program)
{
    const unsigned char *code;
    uint32_t address, word;

    if (!program_symbol(program, "__errno", &address))
        return;
    code = program_code(program, address, 7);
    if (code == NULL)
        return;
    memcpy(&word, code + (code[0] == 0x65 ? 2 : 1), sizeof(word));
    if (code[0] == 0xA1 && code[5] == 0xC3)
        lab->probes = format("%s errno=0x%x", lab->probes, word);
    else if (code[0] == 0x65 && code[1] == 0xA1 && code[6] == 0xC3)
        lab->probes = format("%s errnotls=0x%x", lab->probes, word);
}

void probes_find(struct options *options, bool must)
{
    struct lab_options *lab = &options->lab;
    struct program program;
    uint32_t address;
    char *path;

    if (options->has_image)
        die(STATUS_FAILED, "malloc can only be watched in one PROGRAM");
    path = image_find_program(options->argv[0]);
    if (!program_map(path, &program))
        die(STATUS_NOT_RUN, "%s: not a program", path);
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (program_symbol(&program, functions[i].name, &address))
            add(lab, &program, functions[i].op, address);
    if (nprobes == 0 && must)
        die(STATUS_FAILED, "%s: no malloc among its symbols", path);
    if (nprobes > 0 && lab->malloc_depth == 0 && lab->malloc_fail == 0)
        lab->malloc_depth = lab->explains ? CAIRN_TRACE_FRAMES : 0;
    if (nprobes > 0)
        find_errno(lab, &program);
    program_unmap(&program);
    free(path);
}

void probes_patch(const struct options *options, unsigned char *bytes,
                  size_t nbytes)
{
    struct program program = {bytes, nbytes};

    (void)options;
    for (size_t i = 0; i < nprobes; i++) {
        const unsigned char *code = program_code(&program, probes[i], 4);

        if (code != NULL)
            bytes[code - bytes] = 0xCC;
    }
}
