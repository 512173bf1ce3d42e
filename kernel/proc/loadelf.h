/*
 * Reading and mapping the ELF files that make a program: its own, and the
 * interpreter's that it names.
 *
 * Segments are mapped, not read: pages of the file are used in place and
 * copied when they are first written. What is between the end of a segment's
 * file data and the end of its last page is cleared if the segment goes on
 * beyond it (System V ABI, program loading).
 */
#ifndef PROC_LOADELF_H
#define PROC_LOADELF_H

#include "fs/file.h"
#include "mm/space.h"
#include "proc/elf.h"

/* What is read before anything is mapped. */
struct loadelf {
    struct elf_image program;
    struct elf_image interp;  /* if there is an interp_file */
    struct file *interp_file; /* NULL: the program starts by itself */
    bool hidden;              /* the caller may not read the interpreter */
};

/*
 * Read and check the headers of the program in `file` and, if it names an
 * interpreter, open that by the rights of the running process and read its
 * headers. Return 0 with *load set, to be given to loadelf_close; or, with
 * nothing to close: -ENOEXEC if this is no such program; what opening the
 * interpreter says, -ENOENT and -EACCES among others; -ELIBBAD if the
 * interpreter is no program; -ENOMEM; -EIO. exec_problem says what is wrong
 * with an interpreter.
 */
int loadelf_read(struct file *file, struct loadelf *load) must_check;

/* Let the interpreter's file go. */
void loadelf_close(struct loadelf *load);

/*
 * Map the segments of an image that has its place. On an error some may have
 * been mapped: -ENOMEM, or what mapping the file says.
 */
int loadelf_map(struct space *space, struct file *file,
                const struct elf_image *image) must_check;

/*
 * Find a place for an image among the addresses that mmap uses, and map it.
 * Return 0 with *bias set to what its addresses count from: 0 for an image that
 * is not movable, which is mapped where it says, unless something is there
 * (-ENOEXEC).
 */
int loadelf_map_beside(struct space *space, struct file *file,
                       struct elf_image *image, uint32_t *bias) must_check;

#endif
