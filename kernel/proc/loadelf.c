/* Reading and mapping programs and their interpreters: see loadelf.h. */
#include "proc/loadelf.h"

#include <cairn/errno.h>
#include <cairn/mman.h>

#include "fs/inode.h"
#include "fs/path.h"
#include "lib/bits.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/exec.h"
#include "proc/process.h"

/* Read and check the headers of one file. */
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
    kfree(phdrs);
    return error == -EINVAL ? -ENOEXEC : error;
}

/* Tell the log, and who starts the first program, about the interpreter. */
static void explain(struct file *program, const char *path, int error)
{
    ksnprintf(exec_problem, sizeof(exec_problem), "it needs the loader %s, %s",
              path,
              error == -ENOENT    ? "which is not there"
              : error == -ELIBBAD ? "which is not a program for i386"
                                  : "which cannot be used");
    klog(LOG_INFO, "exec: %s: %s", program->dentry->name, exec_problem);
}

/* Open the interpreter at `path` and read its headers. */
static int open_interpreter(const char *path, struct loadelf *load)
{
    struct process *p = current_process();
    struct fs_caller caller = {p->fs, &p->creds};
    bool readable;
    int error = path_open_program(&caller, path, &readable, &load->interp_file);

    if (error)
        return error;
    load->hidden = !readable;
    error = read_image(load->interp_file, &load->interp);
    if (error == -ENOEXEC)
        error = -ELIBBAD;
    if (error)
        loadelf_close(load);
    return error;
}

/* Read the name of the interpreter; open what it names. */
static int find_interpreter(struct file *file, struct loadelf *load)
{
    size_t nbytes = load->program.interp_nbytes;
    char *path = kmalloc(nbytes);
    ssize_t n;
    int error;

    if (!path)
        return -ENOMEM;
    n = file_read_at(file, path, nbytes, load->program.interp_offset);
    if (n < 0)
        error = (int)n;
    else if ((size_t)n != nbytes || path[nbytes - 1] != '\0')
        error = -ENOEXEC;
    else {
        error = open_interpreter(path, load);
        if (error)
            explain(file, path, error);
    }
    kfree(path);
    return error;
}

int loadelf_read(struct file *file, struct loadelf *load)
{
    int error;

    load->interp_file = NULL;
    load->hidden = false;
    exec_problem[0] = '\0';
    error = read_image(file, &load->program);
    if (!error && load->program.interp_nbytes != 0)
        error = find_interpreter(file, load);
    return error;
}

void loadelf_close(struct loadelf *load)
{
    if (load->interp_file)
        file_put(load->interp_file);
    load->interp_file = NULL;
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

int loadelf_map(struct space *space, struct file *file,
                const struct elf_image *image)
{
    for (unsigned i = 0; i < image->nsegments; i++) {
        int error = map_segment(space, file, &image->segments[i]);

        if (error)
            return error;
    }
    return 0;
}

/* Find free addresses for the image, a multiple of its alignment. */
static int find_base(struct space *space, const struct elf_image *image,
                     uint32_t *base)
{
    uint32_t span = elf_span(image), slack = image->align - PAGE_SIZE;
    vaddr_t at;
    int error;

    if (span > ELF_USER_END - slack)
        return -ENOMEM;
    error = space_map(space, 0, span + slack, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, NULL, 0,
                      PROT_NONE, &at);
    if (error)
        return error;
    *base = bits_round_up32(at, image->align);
    return space_unmap(space, at, span + slack);
}

/* Whether no area has a page where the image's segments go. */
static bool is_free(struct space *space, const struct elf_image *image)
{
    struct area_info info;

    for (unsigned i = 0; i < image->nsegments; i++) {
        const struct elf_segment *s = &image->segments[i];
        uint32_t end = bits_round_up32(s->start + s->memsz, PAGE_SIZE);

        if (space_find(space, s->start & ~PAGE_MASK, &info) && info.start < end)
            return false;
    }
    return true;
}

int loadelf_map_beside(struct space *space, struct file *file,
                       struct elf_image *image, uint32_t *bias)
{
    uint32_t base = 0;
    int error;

    *bias = 0;
    if (image->is_movable) {
        error = find_base(space, image, &base);
        if (!error)
            error = elf_place(image, base, bias);
        if (error)
            return error;
    } else if (!is_free(space, image)) {
        return -ENOEXEC;
    }
    return loadelf_map(space, file, image);
}
