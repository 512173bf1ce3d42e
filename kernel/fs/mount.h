/*
 * File systems and where they are mounted.
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "lib/types.h"
#include "fs/inode.h"

/* The root of the whole tree; NULL before the root is mounted. */
extern struct dentry *mount_root;

/* Give a new file system its device number. */
void mount_number_fs(struct fs *fs);

/* Make `fs` the root of the whole tree. Once, at boot. */
void mount_set_root(struct fs *fs);

/*
 * Mount `fs` on a directory: -EBUSY if something is mounted there or it is the
 * root of all, -ENOTDIR, -ENOENT for one that was removed, -EINVAL for one that
 * is made again by each lookup.
 */
int mount_on(struct fs *fs, struct dentry *place) must_check;

/*
 * Take a file system off its place and free it. -EINVAL if it is the root of
 * all or not mounted, -EBUSY if anything in it is in use.
 */
int mount_remove(struct fs *fs) must_check;

/*
 * Make directory `name` in the root if it is missing and mount `fs` on it.
 * For boot. -ENOMEM, -ENOTDIR, -EBUSY.
 */
int mount_at_boot(struct fs *fs, const char *name) must_check;

/* Make /tmp, where everybody may write, if the root has none. -ENOSPC. */
int mount_make_tmp(void) must_check;

/* Call `visit` for each mounted file system, the root first. */
void mount_each(void (*visit)(struct fs *fs, void *context), void *context);

#endif
