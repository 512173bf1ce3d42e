/*
 * The file system in memory: the root, made from the initrd, and /dev.
 */
#ifndef FS_RAMFS_H
#define FS_RAMFS_H

#include "lib/types.h"
#include "fs/inode.h"

struct file;

/* An empty file system, not mounted: -ENOMEM. */
int ramfs_create(const char *name, struct fs **out) must_check;

/* Remove all that is in it and free it; it must not be mounted or in use. */
void ramfs_destroy(struct fs *fs);

/*
 * A file of the root, for reading and writing, that has no name anywhere:
 * memfd_create. Its path shows as "/memfd:NAME (deleted)". -ENOMEM, -EROFS,
 * -EINVAL (the name is longer than RAMFS_MEMFD_NAME).
 */
#define RAMFS_MEMFD_NAME 249
int ramfs_open_memfd(const char *name, uint32_t uid, uint32_t gid,
                     struct file **out) must_check;

/*
 * Make the root file system from the tar archive in `nbytes` bytes of physical
 * memory at `base` (page-aligned). The module's frames become the root's:
 * those that hold page-aligned file data are used in place, all others are
 * given back. Data that is not aligned is copied. Without an archive (nbytes
 * 0) the root is empty. Call once, after commit_init; the module's frames are
 * FRAME_FILE with one reference each and not charged.
 *
 * 0, or -errno with a line about what is wrong in `error` (never empty):
 * -ENOMEM, or what tar_next says. Then nothing is mounted and all of the
 * module's frames have been given back.
 */
int ramfs_mount_initrd(paddr_t base, uint64_t nbytes, char *error,
                       size_t error_size) must_check;

/* Claim what an inode of any ramfs has allocated, see kmalloc_claim. */
void ramfs_claim(const struct inode *inode);

/* Walk all files and names of a ramfs: NULL, or what is broken. */
const char *ramfs_check(struct fs *fs);

#endif
