/*
 * tools/cairn-run/core.c - an ELF core of a program that a signal has ended
 *
 * The kernel's records come in this order: CORE for each thread, AREA for each
 * area, MEMORY for what is there of them, and an empty MEMORY (kernel/sys/
 * core.c). The last process that died is the one that is written, as Linux
 * would have done (ELF, core(5)):
 *
 *      header, program headers
 *      notes   NT_PRSTATUS and FXSAVE registers of each thread, the one that
 *              died first; NT_PRPSINFO, NT_SIGINFO, NT_AUXV, NT_FILE
 *      areas   pages that were not there are holes of the file
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include "dev/trace_proto.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE         4096u
#define MAX_BYTES    (1ull << 30) /* of memory that is kept */
#define MAX_AREAS    65000
#define NOTE_SIGINFO 0x53494749
#define NOTE_FILE    0x46494C45
#define NOTE_XFPREGS 0x46E62B7F
#define MAX_AUXV     64

struct thread {
    int tid;
    struct cairn_trace_core core;
};

struct area {
    struct cairn_trace_area area;
    char *name; /* or NULL */
};

struct piece {
    uint32_t address, nbytes;
    unsigned char *bytes;
};

static struct {
    int pid;
    bool is_whole;
    struct thread *threads;
    struct area *areas;
    struct piece *pieces;
    size_t nthreads, nareas, npieces;
    uint64_t nbytes;
} core;

static void *grown(void *array, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return array;
    array = realloc(array, (n > 0 ? 2 * n : 1) * size);
    if (array == NULL)
        die(STATUS_FAILED, "out of memory");
    return array;
}

/* ---- taking records ---- */

static void forget(void)
{
    for (size_t i = 0; i < core.nareas; i++)
        free(core.areas[i].name);
    for (size_t i = 0; i < core.npieces; i++)
        free(core.pieces[i].bytes);
    core.nthreads = core.nareas = core.npieces = 0;
    core.nbytes = 0;
    core.is_whole = false;
}

static bool take_thread(const struct cairn_record *head,
                        const unsigned char *body, const unsigned char *end)
{
    struct thread *t;

    if ((size_t)(end - body) < sizeof(t->core) || core.nthreads >= MAX_AREAS)
        return false;
    if (core.is_whole || core.pid != head->pid)
        forget();
    core.pid = head->pid;
    core.threads = grown(core.threads, core.nthreads, sizeof(*t));
    t = &core.threads[core.nthreads++];
    t->tid = head->tid;
    memcpy(&t->core, body, sizeof(t->core));
    if (t->core.is_dying) {
        struct thread first = core.threads[0];

        core.threads[0] = *t;
        *t = first;
    }
    return true;
}

static bool take_area(const unsigned char *body, const unsigned char *end)
{
    struct area *a;
    size_t nbytes;

    if ((size_t)(end - body) < sizeof(a->area) || core.nareas >= MAX_AREAS)
        return false;
    core.areas = grown(core.areas, core.nareas, sizeof(*a));
    a = &core.areas[core.nareas++];
    memcpy(&a->area, body, sizeof(a->area));
    body += sizeof(a->area);
    nbytes = (size_t)(end - body);
    a->name =
        nbytes > 0 ? format("%.*s", (int)nbytes, (const char *)body) : NULL;
    return a->area.start < a->area.end;
}

static bool take_memory(const unsigned char *body, const unsigned char *end)
{
    struct cairn_chunk chunk;
    struct piece *p;

    if (body == end)
        return core.is_whole = true;
    if ((size_t)(end - body) < sizeof(chunk))
        return false;
    memcpy(&chunk, body, sizeof(chunk));
    body += sizeof(chunk);
    if ((size_t)(end - body) < chunk.nbytes ||
        core.nbytes + chunk.nbytes > MAX_BYTES)
        return false;
    core.pieces = grown(core.pieces, core.npieces, sizeof(*p));
    p = &core.pieces[core.npieces++];
    *p = (struct piece){chunk.address, chunk.nbytes, must_alloc(chunk.nbytes)};
    memcpy(p->bytes, body, chunk.nbytes);
    core.nbytes += chunk.nbytes;
    return true;
}

bool core_take(const struct cairn_record *head, const unsigned char *body,
               const unsigned char *end)
{
    switch (head->type) {
    case CAIRN_RECORD_CORE:
        return take_thread(head, body, end);
    case CAIRN_RECORD_AREA:
        return take_area(body, end);
    case CAIRN_RECORD_MEMORY:
        return take_memory(body, end);
    default:
        return true;
    }
}

/* ---- the auxiliary vector, from the start stack ---- */

static bool word_at(uint32_t address, uint32_t *word)
{
    for (size_t i = 0; i < core.npieces; i++) {
        const struct piece *p = &core.pieces[i];

        if (address - p->address >= p->nbytes ||
            p->nbytes - (address - p->address) < 4)
            continue;
        memcpy(word, p->bytes + (address - p->address), 4);
        return true;
    }
    return false;
}

/* The address after the NULL that ends an array of pointers, or 0. */
static uint32_t after_null(uint32_t address)
{
    uint32_t word;

    do {
        if (!word_at(address, &word))
            return 0;
        address += 4;
    } while (word != 0);
    return address;
}

/* Below the strings lie argc, argv and envp; argv[0] is the first string. */
static size_t find_auxv(uint32_t *auxv)
{
    uint32_t first = core.threads[0].core.arg_start, word, at, n = 0;

    for (at = first & ~3u; at > 4 && first - at < 4 * PAGE; at -= 4)
        if (word_at(at, &word) && word == first)
            break;
    if (at <= 4 || first - at >= 4 * PAGE)
        return 0;
    at = after_null(at);
    at = at != 0 ? after_null(at) : 0;
    while (at != 0 && n < 2 * MAX_AUXV && word_at(at, &auxv[n]) &&
           word_at(at + 4, &auxv[n + 1])) {
        at += 8;
        n += 2;
        if (auxv[n - 2] == AT_NULL)
            break;
    }
    return 4 * n;
}

/* ---- writing ---- */

static void note(FILE *out, const char *name, uint32_t type, const void *bytes,
                 size_t nbytes)
{
    Elf32_Nhdr head = {.n_namesz = (uint32_t)strlen(name) + 1,
                       .n_descsz = (uint32_t)nbytes,
                       .n_type = type};
    static const char zeros[8];

    fwrite(&head, sizeof(head), 1, out);
    fwrite(name, head.n_namesz, 1, out);
    fwrite(zeros, -head.n_namesz & 3, 1, out);
    fwrite(bytes, nbytes, 1, out);
    fwrite(zeros, -(uint32_t)nbytes & 3, 1, out);
}

/* struct elf_prstatus of i386: 36 words. */
static void note_status(FILE *out, const struct thread *t)
{
    uint32_t words[36] = {[0] = (uint32_t)t->core.signo,
                          [1] = t->core.info[2],
                          [3] = (uint32_t)t->core.signo & 0xFFFF,
                          [6] = (uint32_t)t->tid,
                          [7] = (uint32_t)t->core.ppid,
                          [8] = (uint32_t)t->core.pgid,
                          [9] = (uint32_t)t->core.sid};

    memcpy(&words[18], t->core.regs, sizeof(t->core.regs));
    note(out, "CORE", NT_PRSTATUS, words, sizeof(words));
    note(out, "LINUX", NOTE_XFPREGS, t->core.fpu, sizeof(t->core.fpu));
}

/* struct elf_prpsinfo of i386: 124 bytes. */
static void note_process(FILE *out)
{
    const struct cairn_trace_core *c = &core.threads[0].core;
    unsigned char bytes[124] = {0};
    int32_t ids[4] = {core.pid, c->ppid, c->pgid, c->sid};
    uint16_t users[2] = {(uint16_t)c->uid, (uint16_t)c->gid};

    bytes[1] = 'R';
    memcpy(bytes + 8, users, sizeof(users));
    memcpy(bytes + 12, ids, sizeof(ids));
    memcpy(bytes + 28, c->name, 15);
    memcpy(bytes + 44, c->name, 15);
    note(out, "CORE", NT_PRPSINFO, bytes, sizeof(bytes));
}

static void note_files(FILE *out)
{
    uint32_t head[2] = {0, PAGE};
    char *bytes;
    size_t nbytes;
    FILE *text = open_memstream(&bytes, &nbytes);

    if (text == NULL)
        die(STATUS_FAILED, "out of memory");
    for (size_t i = 0; i < core.nareas; i++)
        head[0] += core.areas[i].name != NULL;
    fwrite(head, sizeof(head), 1, text);
    for (size_t i = 0; i < core.nareas; i++) {
        const struct cairn_trace_area *a = &core.areas[i].area;
        uint32_t words[3] = {a->start, a->end, (uint32_t)(a->offset / PAGE)};

        if (core.areas[i].name != NULL)
            fwrite(words, sizeof(words), 1, text);
    }
    for (size_t i = 0; i < core.nareas; i++)
        if (core.areas[i].name != NULL)
            fwrite(core.areas[i].name, strlen(core.areas[i].name) + 1, 1, text);
    fclose(text);
    note(out, "CORE", NOTE_FILE, bytes, nbytes);
    free(bytes);
}

static void write_notes(FILE *out)
{
    uint32_t siginfo[32] = {0}, auxv[2 * MAX_AUXV];
    size_t nauxv = find_auxv(auxv);

    memcpy(siginfo, core.threads[0].core.info,
           sizeof(core.threads[0].core.info));
    note_status(out, &core.threads[0]);
    note_process(out);
    note(out, "CORE", NOTE_SIGINFO, siginfo, sizeof(siginfo));
    if (nauxv > 0)
        note(out, "CORE", NT_AUXV, auxv, nauxv);
    note_files(out);
    for (size_t i = 1; i < core.nthreads; i++)
        note_status(out, &core.threads[i]);
}

static uint32_t elf_flags(uint32_t prot)
{
    return (prot & 1 ? PF_R : 0) | (prot & 2 ? PF_W : 0) |
           (prot & 4 ? PF_X : 0);
}

/* Header and program headers; the areas begin at `at`. */
static void write_headers(int fd, size_t nnotes, uint64_t at)
{
    size_t n = core.nareas + 1;
    Elf32_Phdr *phdrs = must_alloc(n * sizeof(*phdrs));
    Elf32_Ehdr head = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
                    EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_386,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof(head),
        .e_ehsize = sizeof(head),
        .e_phentsize = sizeof(*phdrs),
        .e_phnum = (uint16_t)n,
    };

    phdrs[0] =
        (Elf32_Phdr){.p_type = PT_NOTE,
                     .p_offset = (uint32_t)(sizeof(head) + n * sizeof(*phdrs)),
                     .p_filesz = (uint32_t)nnotes};
    for (size_t i = 0; i < core.nareas; i++) {
        const struct cairn_trace_area *a = &core.areas[i].area;

        phdrs[i + 1] = (Elf32_Phdr){
            .p_type = PT_LOAD,
            .p_offset = (uint32_t)at,
            .p_vaddr = a->start,
            .p_filesz = a->prot & 1 ? a->end - a->start : 0,
            .p_memsz = a->end - a->start,
            .p_flags = elf_flags(a->prot),
            .p_align = PAGE,
        };
        at += phdrs[i + 1].p_filesz;
    }
    (void)!pwrite(fd, &head, sizeof(head), 0);
    (void)!pwrite(fd, phdrs, n * sizeof(*phdrs), sizeof(head));
    free(phdrs);
}

/* The areas' pages; what is not there is a hole. False: the disk is full. */
static bool write_memory(int fd, uint64_t at)
{
    for (size_t i = 0; i < core.nareas; i++) {
        const struct cairn_trace_area *a = &core.areas[i].area;

        if (!(a->prot & 1))
            continue;
        for (size_t k = 0; k < core.npieces; k++) {
            const struct piece *p = &core.pieces[k];

            if (p->address >= a->start && p->address < a->end &&
                pwrite(fd, p->bytes, p->nbytes,
                       (off_t)(at + (p->address - a->start))) !=
                    (ssize_t)p->nbytes)
                return false;
        }
        at += a->end - a->start;
    }
    return ftruncate(fd, (off_t)at) == 0;
}

void core_write(const char *path)
{
    size_t nheaders =
        sizeof(Elf32_Ehdr) + (core.nareas + 1) * sizeof(Elf32_Phdr);
    char *notes;
    size_t nnotes;
    uint64_t at;
    FILE *out;
    int fd;

    if (!core.is_whole || core.nthreads == 0)
        return;
    out = open_memstream(&notes, &nnotes);
    if (out == NULL)
        die(STATUS_FAILED, "out of memory");
    write_notes(out);
    fclose(out);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    at = (nheaders + nnotes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (fd >= 0)
        write_headers(fd, nnotes, at);
    if (fd < 0 ||
        pwrite(fd, notes, nnotes, (off_t)nheaders) != (ssize_t)nnotes ||
        !write_memory(fd, at) || close(fd) != 0)
        complain("%s: %s", path, strerror(errno));
    free(notes);
    forget();
}
