/*
 * What the start-up code and the thread library know of one another.
 *
 * The control block at %gs:0 is the beginning of musl's struct pthread: the
 * compiler knows its first word, its own address, and the stack protector's
 * guard at 20; the libc the reentrancy structure at 24 (machine/_types.h).
 */
#ifndef START_THREADS_H
#define START_THREADS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct __cairn_control_block {
    struct __cairn_control_block *self;
    void *unused[4];
    uintptr_t stack_guard; /* at 20 */
    struct _reent *reent;  /* at 24 */
    void *spare[33];       /* the thread library's */
};

/* musl's struct __libc, as far as anything here uses it. */
struct __cairn_libc {
    char can_do_threads;
    char threaded;
    char secure;
    volatile signed char need_locks; /* 0: there never was a second thread */
    int threads_minus_1;
    unsigned long *auxv;
    size_t tls_size; /* of a thread: storage, control block, reentrancy */
};
extern struct __cairn_libc __libc;

/* How the storage and the control block of a thread are laid out. */
extern struct __cairn_tls_layout {
    const void *image;
    size_t nimage;
    size_t nbytes; /* of storage, below the control block */
    size_t align;
    size_t offset; /* from an aligned address to the control block */
} __cairn_tls_layout;

/* Fill in the block whose storage begins at an aligned address. */
static inline struct __cairn_control_block *
__cairn_tls_fill(unsigned char *memory, struct _reent *reent)
{
    const struct __cairn_tls_layout *l = &__cairn_tls_layout;
    struct __cairn_control_block *block = (void *)(memory + l->offset);

    if (l->nimage != 0)
        memcpy((unsigned char *)block - l->nbytes, l->image, l->nimage);
    block->self = block;
    block->reent = reent;
    return block;
}

/* Lay a thread's storage out in __libc.tls_size bytes that are zero. */
struct __cairn_control_block *__cairn_tls_copy(unsigned char *memory);

#endif
