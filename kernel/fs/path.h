/*
 * From paths to places: the walk along a path's names, symbolic links, "."
 * and "..", mounts, and permissions on the way (POSIX 4.13, pathname
 * resolution).
 */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "lib/types.h"
#include "fs/creds.h"
#include "fs/inode.h"

struct file;

#define PATH_MAX __CAIRN_PATH_MAX

/* Where a process stands; counted, since threads share it. */
struct fs_context {
    uint32_t refs;
    struct dentry *root; /* counted: "/" */
    struct dentry *cwd;  /* counted */
    uint32_t umask;
};

/* At the root of the root file system, umask 022: -ENOMEM. */
int fs_context_create(struct fs_context **out) must_check;

/* A copy for fork: -ENOMEM. */
int fs_context_copy(struct fs_context *from,
                    struct fs_context **out) must_check;
struct fs_context *fs_context_get(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);

/* On whose behalf a path is walked. */
struct fs_caller {
    struct fs_context *fs;
    const struct creds *creds;
};

/* Flags of path_lookup. */
#define PATH_NOFOLLOW  0x1u /* a link at the end is itself the result */
#define PATH_DIRECTORY 0x2u /* -ENOTDIR unless it ends at a directory */
#define PATH_EMPTY     0x4u /* an empty path means `base` (AT_EMPTY_PATH) */

/*
 * Find the place that `path` names. A relative path starts at `base`, or at
 * the working directory if that is NULL. *out is counted.
 * -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG, -ENOMEM.
 */
int path_lookup(const struct fs_caller *caller, struct dentry *base,
                const char *path, unsigned flags,
                struct dentry **out) must_check;

/*
 * Open a file by its path, with O_ `flags` (O_CREAT makes it with permissions
 * `mode` & ~umask). *out is counted. All errors of open(2).
 */
int path_open(const struct fs_caller *caller, struct dentry *base,
              const char *path, uint32_t flags, uint32_t mode,
              struct file **out) must_check;

/*
 * Open a program's file for exec: it must be regular and executable; whether
 * the caller could also read it is told in *readable. *out is counted.
 * -EACCES, -ETXTBSY if it has writers, and what path_lookup says.
 */
int path_open_program(const struct fs_caller *caller, const char *path,
                      bool *readable, struct file **out) must_check;

/* Changes of the tree, each with the errors of its system call. */
int path_mknod(const struct fs_caller *caller, struct dentry *base,
               const char *path, uint32_t mode, uint32_t rdev) must_check;
int path_mkdir(const struct fs_caller *caller, struct dentry *base,
               const char *path, uint32_t mode) must_check;
int path_symlink(const struct fs_caller *caller, const char *target,
                 struct dentry *base, const char *path) must_check;
int path_link(const struct fs_caller *caller, struct dentry *from_base,
              const char *from, unsigned flags, struct dentry *to_base,
              const char *to) must_check;
int path_unlink(const struct fs_caller *caller, struct dentry *base,
                const char *path) must_check;
int path_rmdir(const struct fs_caller *caller, struct dentry *base,
               const char *path) must_check;
int path_rename(const struct fs_caller *caller, struct dentry *from_base,
                const char *from, struct dentry *to_base, const char *to,
                unsigned rename_flags) must_check;

/* truncate(2); `limit` is RLIMIT_FSIZE: -EFBIG beyond it. */
int path_truncate(const struct fs_caller *caller, struct dentry *base,
                  const char *path, uint64_t size, uint64_t limit) must_check;

/*
 * chmod, chown, utimensat on an inode that was found: -EPERM, -EROFS, -EACCES.
 * `now` says that utimensat sets both times to the present, for which write
 * permission is enough.
 */
int path_setattr(const struct fs_caller *caller, struct inode *inode,
                 const struct inode_attr *attr, bool now) must_check;

#endif
