/*
 * Building an address space for a program: its segments and those of its
 * interpreter, which loadelf.c reads and maps, the heap, the stack. exec.c
 * makes the process that calls execve run it.
 *
 *     0x00400000 up   a program that runs anywhere (ET_DYN), else where it says
 *     above it        the heap
 *     below the stack the interpreter, and all that mmap places
 *     0xBFFFF000 down the stack
 *
 * All of these but a program's own choice vary at random. A program with an
 * interpreter starts there; AT_BASE tells it where it is, and AT_PHDR and
 * AT_ENTRY where the program is.
 *
 * The start stack, from the top of the stack area down:
 *
 *     end word            0
 *     AT_EXECFN string    the path
 *     environment strings
 *     argument strings    <- arg_start
 *     AT_PLATFORM string, 16 random bytes, padding
 *     auxiliary vector    pairs, ended by AT_NULL
 *     environment         pointers, ended by 0
 *     arguments           pointers, ended by 0
 *     argc                <- ESP, 16-byte aligned
 */
#include "proc/exec.h"

#include <cairn/auxv.h>
#include <cairn/errno.h>
#include <cairn/mman.h>
#include <cairn/signal.h>

#include "arch/i386/cpu.h"
#include "lib/bits.h"
#include "lib/checkpoint.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/loadelf.h"
#include "proc/process.h"
#include "proc/signal.h"

#define PIE_BASE       0x00400000u /* of a program that runs anywhere */
#define PIE_RANDOM     0x01000000u
#define STACK_RANDOM   0x00800000u /* bytes that the bases vary by */
#define MMAP_RANDOM    0x00800000u
#define HEAP_RANDOM    0x00200000u
#define STACK_ROOM_MAX 0x10000000u /* most that mmap keeps clear of it */
#define STACK_ROOM_MIN 0x00800000u
#define NAUX           20
#define POINTER_BATCH  64 /* that are written to the stack at once */
#define MANY_PAGES     16 /* of strings, between two chances for others */
#define PLATFORM       "i686"
#define AUXV_CLKTCK    100

_Static_assert(SIGFRAME_PAGE == USER_END - PAGE_SIZE,
               "the stack ends below the page of signal frames");
_Static_assert(ELF_USER_END == USER_END,
               "a program may have all addresses of a process");
_Static_assert(PIE_BASE >= USER_BASE &&
                   PIE_BASE + PIE_RANDOM < USER_END - PAGE_SIZE - STACK_RANDOM -
                                               STACK_ROOM_MAX - MMAP_RANDOM,
               "a program that runs anywhere is below what mmap places");

bool exec_norandom;

/* A random number of pages below `range` bytes, in bytes. */
static uint32_t random_pages(uint32_t range)
{
    uint32_t value;

    if (exec_norandom)
        return 0;
    random_fill(&value, sizeof(value));
    return value % range & ~PAGE_MASK;
}

char exec_problem[EXEC_PROBLEM];

/* Make the stack area; *top is where it ends. */
static int map_stack(struct space *space, const struct elf_image *elf,
                     uint32_t *top)
{
    uint32_t room = space_limits(space)->stack;
    unsigned prot = PROT_READ | PROT_WRITE | (elf->exec_stack ? PROT_EXEC : 0);

    if (room < STACK_ROOM_MIN)
        room = STACK_ROOM_MIN;
    if (room > STACK_ROOM_MAX)
        room = STACK_ROOM_MAX;
    *top = SIGFRAME_PAGE - random_pages(STACK_RANDOM);
    space_set_mmap_top(space, (*top - room - SPACE_STACK_GAP -
                               random_pages(MMAP_RANDOM)) &
                                  ~PAGE_MASK);
    return space_map_stack(space, *top, prot);
}

/* Copy the strings behind each other to `at`. */
static int write_strings(struct space *space, const struct exec_args *args,
                         uint32_t at)
{
    size_t left = args->nbytes;

    for (size_t i = 0; i < args->npages; i++) {
        size_t n = left < PAGE_SIZE ? left : PAGE_SIZE;
        int error = space_write(space, at, args->pages[i], n, true);

        if (!error && i % MANY_PAGES == MANY_PAGES - 1 && checkpoint())
            error = -EINTR;
        if (error)
            return error;
        at += n;
        left -= n;
    }
    return 0;
}

static void *put_aux(struct __cairn_auxv *aux, uint32_t type, uint32_t value)
{
    aux->a_type = type;
    aux->a_val = value;
    return aux + 1;
}

struct strings {
    uint32_t args, execfn, platform, random;
};

/* What the auxiliary vector tells besides. */
struct start {
    const struct elf_image *elf; /* the program */
    const struct creds *creds;
    uint32_t base; /* what the interpreter's addresses count from, or 0 */
};

static size_t fill_aux(struct __cairn_auxv *aux, const struct start *start,
                       const struct strings *at)
{
    const struct elf_image *elf = start->elf;
    const struct creds *creds = start->creds;
    struct __cairn_auxv *a = aux;

    a = put_aux(a, AT_HWCAP, cpu.hwcap);
    a = put_aux(a, AT_PAGESZ, PAGE_SIZE);
    a = put_aux(a, AT_CLKTCK, AUXV_CLKTCK);
    a = put_aux(a, AT_PHDR, elf->phdr_va);
    a = put_aux(a, AT_PHENT, ELF_PHDR_BYTES);
    a = put_aux(a, AT_PHNUM, elf->nphdrs);
    a = put_aux(a, AT_BASE, start->base);
    a = put_aux(a, AT_FLAGS, 0);
    a = put_aux(a, AT_ENTRY, elf->entry);
    a = put_aux(a, AT_UID, creds->uid);
    a = put_aux(a, AT_EUID, creds->euid);
    a = put_aux(a, AT_GID, creds->gid);
    a = put_aux(a, AT_EGID, creds->egid);
    a = put_aux(a, AT_SECURE,
                creds->uid != creds->euid || creds->gid != creds->egid);
    a = put_aux(a, AT_RANDOM, at->random);
    a = put_aux(a, AT_MINSIGSTKSZ, MINSIGSTKSZ);
    a = put_aux(a, AT_EXECFN, at->execfn);
    a = put_aux(a, AT_PLATFORM, at->platform);
    a = put_aux(a, AT_CAIRN, 1);
    a = put_aux(a, AT_NULL, 0);
    return (size_t)(a - aux);
}

/* The length of the string that starts `offset` bytes into all strings. */
static size_t string_length(const struct exec_args *args, size_t offset)
{
    size_t start = offset, room, n;

    do {
        room = PAGE_SIZE - offset % PAGE_SIZE;
        n = strnlen(args->pages[offset / PAGE_SIZE] + offset % PAGE_SIZE, room);
        offset += n;
        if (n == room)
            checkpoint();
    } while (n == room);
    return offset - start;
}

/*
 * Write `n` pointers to consecutive strings, the first at *offset, and a zero
 * behind them. *offset moves on.
 */
static int write_pointers(struct space *space, const struct exec_args *args,
                          uint32_t n, uint32_t base, size_t *offset,
                          uint32_t *at)
{
    uint32_t batch[POINTER_BATCH];
    int error = 0;

    for (uint32_t done = 0, k; done <= n && !error; done += k) {
        for (k = 0; k < POINTER_BATCH && done + k <= n; k++) {
            batch[k] = done + k < n ? base + *offset : 0;
            if (done + k < n)
                *offset += string_length(args, *offset) + 1;
        }
        error = space_write(space, *at, batch, k * sizeof(batch[0]), true);
        *at += k * sizeof(batch[0]);
        if (!error && k == POINTER_BATCH && checkpoint())
            error = -EINTR;
    }
    return error;
}

/* Write the strings that lie above the vectors. */
static int write_texts(struct space *space, const char *exec_name,
                       const struct exec_args *args, const struct strings *at)
{
    uint8_t seed[16];
    int error;

    random_fill(seed, sizeof(seed));
    error =
        space_write(space, at->execfn, exec_name, strlen(exec_name) + 1, true);
    if (!error)
        error = write_strings(space, args, at->args);
    if (!error)
        error =
            space_write(space, at->platform, PLATFORM, sizeof(PLATFORM), true);
    if (!error)
        error = space_write(space, at->random, seed, sizeof(seed), true);
    return error;
}

static int write_stack(struct exec_image *image, uint32_t top,
                       const char *exec_name, const struct exec_args *args,
                       const struct start *start)
{
    struct __cairn_auxv aux[NAUX];
    struct strings at;
    size_t naux, offset = 0;
    uint32_t sp, cursor;
    int error;

    at.execfn = top - sizeof(uint32_t) - (strlen(exec_name) + 1);
    at.args = at.execfn - args->nbytes;
    at.platform = at.args - sizeof(PLATFORM);
    at.random = (at.platform - 16) & ~15u;
    naux = fill_aux(aux, start, &at);
    sp = at.random - naux * sizeof(aux[0]) -
         (args->argc + args->envc + 3) * sizeof(uint32_t);
    sp &= ~15u;
    if (top - sp > space_limits(image->space)->stack)
        return -E2BIG;
    error = write_texts(image->space, exec_name, args, &at);
    if (error)
        return error;
    error = space_write(image->space, sp, &args->argc, sizeof(uint32_t), true);
    if (error)
        return error;
    cursor = sp + sizeof(uint32_t);
    error = write_pointers(image->space, args, args->argc, at.args, &offset,
                           &cursor);
    if (error)
        return error;
    image->arg_start = at.args;
    image->arg_end = image->env_start = at.args + offset;
    image->env_end = at.args + args->nbytes;
    error = write_pointers(image->space, args, args->envc, at.args, &offset,
                           &cursor);
    if (error)
        return error;
    image->esp = sp;
    return space_write(image->space, cursor, aux, naux * sizeof(aux[0]), true);
}

/* Give a movable program its place; map it; the heap is above it. */
static int map_program(struct space *space, struct file *file,
                       struct elf_image *elf)
{
    uint32_t base = PIE_BASE + random_pages(PIE_RANDOM), bias;
    int error = 0;

    if (elf->is_movable) {
        if (elf->align > ELF_USER_END / 2)
            return -ENOMEM;
        error = elf_place(elf, bits_round_up32(base, elf->align), &bias);
    }
    if (!error)
        error = loadelf_map(space, file, elf);
    if (!error)
        space_set_heap(space, elf->brk + random_pages(HEAP_RANDOM));
    return error;
}

/* Fill the new address space with all that the program starts with. */
static int build(struct exec_image *image, struct loadelf *load,
                 struct file *file, const char *exec_name,
                 const struct exec_args *args, const struct creds *creds)
{
    struct start start = {.elf = &load->program, .creds = creds};
    uint32_t top = 0;
    int error = map_program(image->space, file, &load->program);

    if (!error)
        error = map_stack(image->space, &load->program, &top);
    if (!error && load->interp_file)
        error = loadelf_map_beside(image->space, load->interp_file,
                                   &load->interp, &start.base);
    if (!error)
        error = write_stack(image, top, exec_name, args, &start);
    image->entry = load->interp_file ? load->interp.entry : load->program.entry;
    image->hidden = load->hidden;
    return error;
}

int exec_load(struct file *file, const char *exec_name,
              const struct exec_args *args, const struct creds *creds,
              const struct space_limits *limits, struct exec_image *image)
{
    struct loadelf *load = kmalloc(sizeof(*load));
    int error;

    if (!load)
        return -ENOMEM;
    error = loadelf_read(file, load);
    if (error)
        goto out;
    error = space_create(&image->space);
    if (error)
        goto out_close;
    *space_limits(image->space) = *limits;
    error = build(image, load, file, exec_name, args, creds);
    if (error)
        space_put(image->space);
out_close:
    loadelf_close(load);
out:
    kfree(load);
    return error == -EFAULT ? -ENOMEM : error;
}
