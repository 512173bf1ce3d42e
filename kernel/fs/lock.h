/*
 * Advisory locks: flock (of a whole open file) and fcntl (of byte ranges, of
 * a process or, with F_OFD_*, of an open file).
 *
 * All locks of a file are with its inode. What holds a lock is its
 * owner: the open file, or the descriptor table for fcntl's classic locks,
 * which therefore go when the process closes any descriptor of the file.
 */
#ifndef FS_LOCK_H
#define FS_LOCK_H

#include "lib/types.h"
#include "fs/file.h"
#include "fs/inode.h"

struct fdtable;

/*
 * flock(2) with LOCK_SH, LOCK_EX or LOCK_UN, and LOCK_NB. 0, -EWOULDBLOCK,
 * -EINTR, -ENOLCK, -EINVAL. Sleeps.
 */
int lock_flock(struct file *file, int operation) must_check;

/* A range lock as fcntl passes it, offsets made absolute. */
struct lock_range {
    int type;       /* F_RDLCK, F_WRLCK, F_UNLCK */
    uint64_t start; /* first byte */
    uint64_t last;  /* last byte, UINT64_MAX: to the end for ever */
    int pid;        /* who; -1 for a lock of an open file */
};

/*
 * F_SETLK (and with `wait` F_SETLKW): `owner` is the descriptor table or the
 * open file. -EAGAIN, -EDEADLK, -EINTR, -ENOLCK, with nothing changed.
 */
int lock_set(struct file *file, const void *owner,
             const struct lock_range *range, bool wait) must_check;

/* F_GETLK: the first lock in the way replaces *range; else its type F_UNLCK. */
void lock_test(struct file *file, const void *owner, struct lock_range *range);

/* Drop an owner's range locks; the inode has locks. */
void lock_drop(struct inode *inode, const void *owner);

/* Drop all locks of an open file whose inode has locks. */
void lock_drop_file(struct file *file);

/* A descriptor of `table` that named `file` was closed. */
static inline void lock_closed(struct file *file, const struct fdtable *table)
{
    if (file->inode->locks != NULL)
        lock_drop(file->inode, table);
}

#endif
