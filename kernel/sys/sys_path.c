/* Paths and descriptors as system calls get them. */
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "sys/sys.h"
#include "sys/sys_path.h"

/* The rest of a path that did not fit `small`, in memory with its start. */
static int get_long(struct user_path *path, uaddr_t address)
{
    ssize_t n;

    path->memory = kmalloc(PATH_MAX);
    if (path->memory == NULL)
        return -ENOMEM;
    memcpy(path->memory, path->small, USER_PATH_SHORT);
    n = copy_string_from_user(path->memory + USER_PATH_SHORT,
                              address + USER_PATH_SHORT,
                              PATH_MAX - USER_PATH_SHORT);
    if (n < 0) {
        kfree(path->memory);
        return (int)n;
    }
    path->text = path->memory;
    return 0;
}

int user_place(int fd, struct dentry **out)
{
    struct file *file = fdtable_peek(current_process()->files, fd);

    if (file == NULL)
        return -EBADF;
    *out = dentry_get(file->dentry);
    return 0;
}

int user_path_get(struct user_path *path, int dirfd, uaddr_t address)
{
    ssize_t n = copy_string_from_user(path->small, address, USER_PATH_SHORT);
    int error;

    path->text = path->small;
    path->memory = NULL;
    path->base = NULL;
    if (n == -ENAMETOOLONG)
        n = get_long(path, address);
    if (n < 0)
        return (int)n;
    if (dirfd == AT_FDCWD || *path->text == '/')
        return 0;
    error = user_place(dirfd, &path->base);
    if (error < 0)
        kfree(path->memory);
    return error;
}

void user_path_put(struct user_path *path)
{
    dentry_put(path->base);
    kfree(path->memory);
}

int user_lookup(int dirfd, uaddr_t address, unsigned flags, struct dentry **out)
{
    struct fs_caller caller = user_caller();
    struct user_path path;
    int error = user_path_get(&path, dirfd, address);

    if (error < 0)
        return error;
    error = path_lookup(&caller, path.base, path.text, flags, out);
    user_path_put(&path);
    return error;
}
