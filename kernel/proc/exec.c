/*
 * Loading a program into a new address space.
 *
 * Segments are mapped, not read: pages of the file are used in place and
 * copied when they are first written. What lies between the end of a segment's
 * file data and the end of its last page is cleared if the segment goes on
 * beyond it (System V ABI, program loading).
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
#include <cairn/fcntl.h>
#include <cairn/mman.h>
#include <cairn/signal.h>
#include <cairn/stat.h>

#include "arch/i386/cpu.h"
#include "fs/file.h"
#include "fs/path.h"
#include "fs/inode.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/elf.h"
#include "proc/process.h"

#define STACK_RANDOM   0x00800000u /* bytes that the bases vary by */
#define MMAP_RANDOM    0x00800000u
#define HEAP_RANDOM    0x00200000u
#define STACK_ROOM_MAX 0x10000000u /* most that mmap keeps clear of it */
#define STACK_ROOM_MIN 0x00800000u
#define NAUX           20
#define POINTER_BATCH  64 /* that are written to the stack at once */
#define PLATFORM       "i686"
#define USER_TOP       0xC0000000u
#define AUXV_CLKTCK    100

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

/*
 * A dynamically linked program needs an interpreter that Cairn cannot run: the
 * error is what its absence is, or -ELIBBAD. Not -ENOEXEC, since a shell would
 * take the program for a script.
 */
static int explain_dynamic(struct file *file, const struct elf_header *header,
                           const void *phdrs)
{
    struct process *p = current_process();
    struct fs_caller caller = {p->fs, &p->creds};
    char path[EXEC_PROBLEM / 2] = "";
    uint32_t offset, nbytes;
    struct dentry *place;
    int error = -ELIBBAD;

    if (elf_find_interpreter(header, phdrs, file->inode->size, &offset,
                             &nbytes)) {
        if (nbytes > sizeof(path) - 1)
            nbytes = sizeof(path) - 1;
        if (file_read_at(file, path, nbytes, offset) < 0)
            return -ELIBBAD;
        error = path_lookup(&caller, NULL, path, 0, &place);
        if (error == 0) {
            dentry_put(place);
            error = -ELIBBAD;
        }
    }
    ksnprintf(exec_problem, sizeof(exec_problem),
              "it is linked dynamically%s%s: link it with -static",
              path[0] ? " and needs " : "", path);
    klog(LOG_INFO, "exec: %s: %s", file->dentry->name, exec_problem);
    return error;
}

/* Read and check the headers of the file. */
static int read_image(struct file *file, struct elf_image *image)
{
    uint8_t buf[ELF_HEADER_BYTES];
    struct elf_header header;
    ssize_t n = file_read_at(file, buf, sizeof(buf), 0);
    size_t nbytes;
    void *phdrs;
    int error;

    if (n < 0)
        return (int)n;
    error = elf_parse_header(buf, (size_t)n, file->inode->size, &header);
    if (error)
        return error;
    nbytes = header.nphdrs * ELF_PHDR_BYTES;
    phdrs = kmalloc(nbytes);
    if (!phdrs)
        return -ENOMEM;
    n = file_read_at(file, phdrs, nbytes, header.phdr_offset);
    if (n < 0)
        error = (int)n;
    else if ((size_t)n != nbytes)
        error = -ENOEXEC;
    else
        error = elf_parse_segments(&header, phdrs, file->inode->size, image);
    if (error == -ELIBBAD)
        error = explain_dynamic(file, &header, phdrs);
    kfree(phdrs);
    return error;
}

static unsigned segment_prot(const struct elf_segment *s)
{
    return (s->flags & ELF_READ ? PROT_READ : 0) |
           (s->flags & ELF_WRITE ? PROT_WRITE : 0) |
           (s->flags & ELF_EXEC ? PROT_EXEC : 0);
}

/* Map the part of a segment that comes from the file. */
static int map_file_part(struct space *space, struct file *file,
                         const struct elf_segment *s, uint32_t end)
{
    uint32_t start = s->start & ~PAGE_MASK;
    struct mobject *obj;
    vaddr_t at;
    int error;

    error = file_map(file, s->offset / PAGE_SIZE, (end - start) / PAGE_SIZE,
                     false, false, &obj);
    if (error)
        return error;
    error = space_map(space, start, end - start, segment_prot(s),
                      MAP_PRIVATE | MAP_FIXED, obj, s->offset / PAGE_SIZE,
                      PROT_READ | PROT_WRITE | PROT_EXEC, &at);
    mobject_put(obj);
    return error;
}

static int map_segment(struct space *space, struct file *file,
                       const struct elf_segment *s)
{
    uint32_t data_end = s->start + s->filesz;
    uint32_t file_end = bits_round_up32(data_end, PAGE_SIZE);
    uint32_t end = bits_round_up32(s->start + s->memsz, PAGE_SIZE);
    vaddr_t at;
    int error;

    if (s->filesz == 0)
        file_end = s->start & ~PAGE_MASK;
    else if ((error = map_file_part(space, file, s, file_end)) != 0)
        return error;
    if (s->filesz != 0 && s->memsz > s->filesz && file_end > data_end) {
        error = space_zero(space, data_end, file_end - data_end, true);
        if (error)
            return error;
    }
    if (end == file_end)
        return 0;
    return space_map(space, file_end, end - file_end, segment_prot(s),
                     MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, NULL, 0,
                     PROT_READ | PROT_WRITE | PROT_EXEC, &at);
}

static int map_image(struct space *space, struct file *file,
                     const struct elf_image *elf)
{
    for (unsigned i = 0; i < elf->nsegments; i++) {
        int error = map_segment(space, file, &elf->segments[i]);

        if (error)
            return error;
    }
    space_set_heap(space, elf->brk + random_pages(HEAP_RANDOM));
    return 0;
}

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
    *top = USER_TOP - PAGE_SIZE - random_pages(STACK_RANDOM);
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

static size_t fill_aux(struct __cairn_auxv *aux, const struct elf_image *elf,
                       const struct creds *creds, const struct strings *at)
{
    struct __cairn_auxv *a = aux;

    a = put_aux(a, AT_HWCAP, cpu.hwcap);
    a = put_aux(a, AT_PAGESZ, PAGE_SIZE);
    a = put_aux(a, AT_CLKTCK, AUXV_CLKTCK);
    a = put_aux(a, AT_PHDR, elf->phdr_va);
    a = put_aux(a, AT_PHENT, ELF_PHDR_BYTES);
    a = put_aux(a, AT_PHNUM, elf->nphdrs);
    a = put_aux(a, AT_BASE, 0);
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
                       const struct elf_image *elf, const struct creds *creds)
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
    naux = fill_aux(aux, elf, creds, &at);
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
    image->entry = elf->entry;
    return space_write(image->space, cursor, aux, naux * sizeof(aux[0]), true);
}

int exec_load(struct file *file, const char *exec_name,
              const struct exec_args *args, const struct creds *creds,
              const struct space_limits *limits, struct exec_image *image)
{
    struct elf_image elf;
    uint32_t top = 0;
    int error;

    exec_problem[0] = '\0';
    error = read_image(file, &elf);

    if (error)
        return error == -EINVAL ? -ENOEXEC : error;
    error = space_create(&image->space);
    if (error)
        return error;
    *space_limits(image->space) = *limits;
    error = map_image(image->space, file, &elf);
    if (!error)
        error = map_stack(image->space, &elf, &top);
    if (!error)
        error = write_stack(image, top, exec_name, args, &elf, creds);
    if (!error)
        return 0;
    space_put(image->space);
    return error == -EFAULT ? -ENOMEM : error;
}
