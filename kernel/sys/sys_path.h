/*
 * Paths and descriptors as system calls get them.
 */
#ifndef SYS_PATH_H
#define SYS_PATH_H

#include "arch/i386/ucopy.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/path.h"
#include "lib/types.h"
#include "proc/process.h"

/* Most paths are shorter than this and need no memory. */
#define USER_PATH_SHORT 128

/* A path copied from the user, and the directory that it starts from. */
struct user_path {
    const char *text;    /* ends with NUL */
    struct dentry *base; /* counted; NULL: the working directory */
    char *memory;        /* of a long path */
    char small[USER_PATH_SHORT];
};

/*
 * Copy a path in; `dirfd` is a descriptor or AT_FDCWD, and not looked at if
 * the path is absolute. Give it back with user_path_put.
 * -EFAULT, -ENAMETOOLONG, -EBADF, -ENOMEM.
 */
int user_path_get(struct user_path *path, int dirfd,
                  uaddr_t address) must_check;
void user_path_put(struct user_path *path);

/* The place of a descriptor, counted: 0 or -EBADF. */
int user_place(int fd, struct dentry **out) must_check;

/* The place that (dirfd, path) names, counted, with PATH_* flags. */
int user_lookup(int dirfd, uaddr_t address, unsigned flags,
                struct dentry **out) must_check;

/* The current process as the caller of the file room. */
static inline struct fs_caller user_caller(void)
{
    struct process *process = current_process();

    return (struct fs_caller){process->fs, &process->creds};
}

/* How many descriptors the current process may have. */
static inline uint64_t user_nofile(void)
{
    return current_process()->limits[RLIMIT_NOFILE].cur;
}

#endif
