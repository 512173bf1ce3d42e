/*
 * A text that grows: what a file of /proc holds while it is read.
 *
 * The bytes lie in a chain of pages that are charged to the kernel. When no
 * page can be had, the text is marked as failed and takes no more; whoever
 * writes need not look, whoever reads asks once.
 */
#ifndef PROC_PROCFS_TEXT_H
#define PROC_PROCFS_TEXT_H

#include "fs/uio.h"
#include "lib/types.h"

/* Pages as the texts tell them, for "%lu kB". */
#define KIB_OF(npages) ((unsigned long)(npages) * (PAGE_SIZE / 1024))

struct text_chunk;

struct text {
    struct text_chunk *first, *last; /* all full but the last */
    size_t nbytes;
    bool failed; /* memory was short, and something is missing */
    int tid;     /* the thread that it is about; 0: none */
};

void text_init(struct text *text);

/*
 * The same with a first page, so that writing a short text takes no memory and
 * does not change the counts that it tells.
 */
void text_begin(struct text *text);

/* Give the pages back; it is empty then. */
void text_free(struct text *text);

/* Append bytes, or a formatted piece of at most 255 bytes. */
void text_add(struct text *text, const char *bytes, size_t nbytes);
void text_printf(struct text *text, const char *fmt, ...) printf_like(2, 3);

/* Append a string; control characters and those in `set` as \ooo. */
void text_add_escaped(struct text *text, const char *string, const char *set);

/* Copy from `offset` on to the uio; returns how many bytes were moved. */
size_t text_read(const struct text *text, uint64_t offset,
                 struct uio *uio) must_check;

#endif
