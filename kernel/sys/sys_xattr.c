/*
 * Extended attributes: no file system here has any.
 *
 * So asking for one, setting and removing one are EOPNOTSUPP, and a list of
 * them is empty, as on Linux for such a file system. Programs tell that from
 * ENOSYS, which they take for a fault: ls says so for each file.
 */
#include "sys/sys.h"
#include "sys/sys_path.h"

#define NAME_BYTES        (255 + 1)
#define SIZE_MAX_OF_VALUE 65536u
#define XATTR_CREATE      1u
#define XATTR_REPLACE     2u

/* Check the name of an attribute. */
static int check_name(uaddr_t name)
{
    char text[NAME_BYTES];
    ssize_t n = copy_string_from_user(text, name, sizeof(text));

    if (n < 0)
        return n == -ENAMETOOLONG ? -ERANGE : (int)n;
    return text[0] == '\0' ? -ERANGE : 0;
}

static int check_path(uaddr_t path, unsigned flags)
{
    struct dentry *place;
    int error = user_lookup(AT_FDCWD, path, flags, &place);

    if (error == 0)
        dentry_put(place);
    return error;
}

static int check_fd(int fd)
{
    struct file *file = fdtable_peek(current_process()->files, fd);

    return file == NULL || (file->mode & FILE_PATH) ? -EBADF : 0;
}

static int check_value(uint32_t nbytes, uint32_t flags)
{
    if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    return nbytes > SIZE_MAX_OF_VALUE ? -E2BIG : 0;
}

/* What a call says whose arguments had this error, or none. */
static long refuse(int error)
{
    return error ? error : -EOPNOTSUPP;
}

static long set(int error, uaddr_t name, uint32_t nbytes, uint32_t flags)
{
    if (!error)
        error = check_value(nbytes, flags);
    return refuse(error ? error : check_name(name));
}

SYSCALL_DEFINE(setxattr, uaddr_t path, uaddr_t name, uaddr_t value,
               uint32_t nbytes, uint32_t flags)
{
    (void)value;
    return set(check_path(path, 0), name, nbytes, flags);
}

SYSCALL_DEFINE(lsetxattr, uaddr_t path, uaddr_t name, uaddr_t value,
               uint32_t nbytes, uint32_t flags)
{
    (void)value;
    return set(check_path(path, PATH_NOFOLLOW), name, nbytes, flags);
}

SYSCALL_DEFINE(fsetxattr, int fd, uaddr_t name, uaddr_t value, uint32_t nbytes,
               uint32_t flags)
{
    (void)value;
    return set(check_fd(fd), name, nbytes, flags);
}

/* Asking for an attribute and removing one differ in nothing then. */
static long get(int error, uaddr_t name)
{
    return refuse(error ? error : check_name(name));
}

SYSCALL_DEFINE(getxattr, uaddr_t path, uaddr_t name, uaddr_t value,
               uint32_t nbytes)
{
    (void)value, (void)nbytes;
    return get(check_path(path, 0), name);
}

SYSCALL_DEFINE(lgetxattr, uaddr_t path, uaddr_t name, uaddr_t value,
               uint32_t nbytes)
{
    (void)value, (void)nbytes;
    return get(check_path(path, PATH_NOFOLLOW), name);
}

SYSCALL_DEFINE(fgetxattr, int fd, uaddr_t name, uaddr_t value, uint32_t nbytes)
{
    (void)value, (void)nbytes;
    return get(check_fd(fd), name);
}

SYSCALL_DEFINE(removexattr, uaddr_t path, uaddr_t name)
{
    return get(check_path(path, 0), name);
}

SYSCALL_DEFINE(lremovexattr, uaddr_t path, uaddr_t name)
{
    return get(check_path(path, PATH_NOFOLLOW), name);
}

SYSCALL_DEFINE(fremovexattr, int fd, uaddr_t name)
{
    return get(check_fd(fd), name);
}

SYSCALL_DEFINE(listxattr, uaddr_t path, uaddr_t list, uint32_t nbytes)
{
    (void)list, (void)nbytes;
    return check_path(path, 0);
}

SYSCALL_DEFINE(llistxattr, uaddr_t path, uaddr_t list, uint32_t nbytes)
{
    (void)list, (void)nbytes;
    return check_path(path, PATH_NOFOLLOW);
}

SYSCALL_DEFINE(flistxattr, int fd, uaddr_t list, uint32_t nbytes)
{
    (void)list, (void)nbytes;
    return check_fd(fd);
}
