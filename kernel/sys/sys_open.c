/* System calls that make, find and leave descriptors. */
#include <cairn/ioctl.h>
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/lock.h"
#include "fs/path.h"
#include "fs/pipe.h"
#include "fs/ramfs.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/sys_path.h"

#define CLOSE_RANGE_UNSHARE 2u
#define CLOSE_RANGE_CLOEXEC 4u

static struct fdtable *my_files(void)
{
    return current_process()->files;
}

static long do_open(int dirfd, uaddr_t address, uint32_t flags, uint32_t mode)
{
    struct fs_caller caller = user_caller();
    struct fdtable *files = my_files();
    struct user_path path;
    struct file *file;
    int fd, error = user_path_get(&path, dirfd, address);

    if (error < 0)
        return error;
    fd = fdtable_reserve(files, 0, user_nofile());
    if (fd < 0) {
        user_path_put(&path);
        return fd;
    }
    error = path_open(&caller, path.base, path.text, flags, mode, &file);
    user_path_put(&path);
    if (error < 0) {
        fdtable_release(files, fd);
        return error;
    }
    fdtable_install(files, fd, file, (flags & O_CLOEXEC) != 0);
    return fd;
}

SYSCALL_DEFINE(open, uaddr_t path, uint32_t flags, uint32_t mode)
{
    return do_open(AT_FDCWD, path, flags, mode);
}

SYSCALL_DEFINE(openat, int dirfd, uaddr_t path, uint32_t flags, uint32_t mode)
{
    return do_open(dirfd, path, flags, mode);
}

SYSCALL_DEFINE(creat, uaddr_t path, uint32_t mode)
{
    return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

SYSCALL_DEFINE(close, int fd)
{
    return fdtable_close(my_files(), fd);
}

SYSCALL_DEFINE(close_range, uint32_t first, uint32_t last, uint32_t flags)
{
    struct process *process = current_process();
    int fd, error = 0;

    if (first > last || (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
        return -EINVAL;
    if (flags & CLOSE_RANGE_UNSHARE)
        error = fdtable_unshare(&process->files);
    if (error < 0 || first > INT32_MAX)
        return error;
    for (fd = fdtable_next(process->files, (int)first);
         fd >= 0 && (uint32_t)fd <= last;
         fd = fdtable_next(process->files, fd + 1)) {
        if (flags & CLOSE_RANGE_CLOEXEC)
            error = fdtable_set_cloexec(process->files, fd, true);
        else
            error = fdtable_close(process->files, fd);
    }
    return error;
}

/* ---- copies of descriptors ---- */

/* The lowest free number from `min` on becomes another name for `fd`. */
static long dup_above(int fd, int min, bool cloexec)
{
    struct file *file = fdtable_peek(my_files(), fd);
    int copy;

    if (file == NULL)
        return -EBADF;
    copy = fdtable_reserve(my_files(), min, user_nofile());
    if (copy >= 0)
        fdtable_install(my_files(), copy, file_get(file), cloexec);
    return copy;
}

SYSCALL_DEFINE(dup, int fd)
{
    return dup_above(fd, 0, false);
}

static long dup_to(int fd, int to, bool cloexec)
{
    struct file *file = fdtable_file(my_files(), fd);
    int error;

    if (file == NULL)
        return -EBADF;
    error = fdtable_replace(my_files(), to, file, user_nofile(), cloexec);
    file_put(file);
    return error < 0 ? error : to;
}

SYSCALL_DEFINE(dup2, int fd, int to)
{
    if (fd == to)
        return fdtable_peek(my_files(), fd) != NULL ? fd : -EBADF;
    return dup_to(fd, to, false);
}

SYSCALL_DEFINE(dup3, int fd, int to, uint32_t flags)
{
    if (fd == to || (flags & ~(uint32_t)O_CLOEXEC))
        return -EINVAL;
    return dup_to(fd, to, (flags & O_CLOEXEC) != 0);
}

/* ---- pipes ---- */

static long do_pipe(uaddr_t out, uint32_t flags)
{
    struct fdtable *files = my_files();
    bool cloexec = (flags & O_CLOEXEC) != 0;
    struct file *ends[2];
    int32_t fds[2];
    int error;

    if (flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    error = pipe_create(flags & O_NONBLOCK, &ends[0], &ends[1]);
    if (error < 0)
        return error;
    fds[0] = fdtable_reserve(files, 0, user_nofile());
    fds[1] = fdtable_reserve(files, 0, user_nofile());
    error = fds[0] < 0 ? fds[0] : fds[1] < 0 ? fds[1] : 0;
    if (error == 0)
        error = copy_to_user(out, fds, sizeof(fds));
    for (int i = 0; i < 2; i++) {
        if (error == 0)
            fdtable_install(files, fds[i], ends[i], cloexec);
        else
            file_put(ends[i]);
        if (error < 0 && fds[i] >= 0)
            fdtable_release(files, fds[i]);
    }
    return error;
}

SYSCALL_DEFINE(pipe, uaddr_t out)
{
    return do_pipe(out, 0);
}

SYSCALL_DEFINE(pipe2, uaddr_t out, uint32_t flags)
{
    return do_pipe(out, flags);
}

/* ---- files without a name ---- */

#define MFD_CLOEXEC 1u

SYSCALL_DEFINE(memfd_create, uaddr_t address, uint32_t flags)
{
    const struct creds *creds = &current_process()->creds;
    char name[RAMFS_MEMFD_NAME + 1];
    struct file *file;
    ssize_t length;
    int error;

    if (flags & ~MFD_CLOEXEC)
        return -EINVAL;
    length = copy_string_from_user(name, address, sizeof(name));
    if (length < 0)
        return length == -ENAMETOOLONG ? -EINVAL : length;
    error = ramfs_open_memfd(name, creds->fsuid, creds->fsgid, &file);
    if (error < 0)
        return error;
    return fdtable_add(my_files(), file, user_nofile(),
                       (flags & MFD_CLOEXEC) != 0);
}

/* ---- ioctl ---- */

/* The result of a request that only the file itself may know. */
#define NOT_COMMON 1

/* Do a request that any file knows, or return NOT_COMMON. */
static long common_ioctl(int fd, struct file *file, uint32_t request,
                         uaddr_t arg)
{
    int32_t value;

    switch (request) {
    case FIOCLEX:
    case FIONCLEX:
        return fdtable_set_cloexec(my_files(), fd, request == FIOCLEX);
    case FIONBIO:
        if (copy_from_user(&value, arg, sizeof(value)) < 0)
            return -EFAULT;
        if (value != 0)
            file->flags |= O_NONBLOCK;
        else
            file->flags &= ~(uint32_t)O_NONBLOCK;
        return 0;
    case FIONREAD:
        if (!S_ISREG(file->inode->mode))
            return NOT_COMMON;
        value = (int32_t)(file->inode->size - file->pos);
        return copy_to_user(arg, &value, sizeof(value));
    default:
        return NOT_COMMON;
    }
}

SYSCALL_DEFINE(ioctl, int fd, uint32_t request, uint32_t arg)
{
    struct file *file = fdtable_file(my_files(), fd);
    long result = -EBADF;

    if (file == NULL)
        return -EBADF;
    if (!(file->mode & FILE_PATH)) {
        result = common_ioctl(fd, file, request, arg);
        if (result == NOT_COMMON)
            result = file->ops->ioctl != NULL
                         ? file->ops->ioctl(file, request, arg)
                         : -ENOTTY;
    }
    file_put(file);
    return result;
}

/* ---- locks ---- */

SYSCALL_DEFINE(flock, int fd, int operation)
{
    struct file *file = fdtable_file(my_files(), fd);
    long result;

    if (file == NULL)
        return -EBADF;
    result = file->mode & FILE_PATH ? -EBADF : lock_flock(file, operation);
    file_put(file);
    return result;
}

/* A user's lock with offsets made absolute. -EINVAL, -EOVERFLOW. */
static int make_range(const struct file *file,
                      const struct __cairn_flock64 *user,
                      struct lock_range *range)
{
    int64_t start = user->l_start, last, base = 0;

    if (user->l_whence == SEEK_CUR)
        base = (int64_t)file->pos;
    else if (user->l_whence == SEEK_END)
        base = (int64_t)file->inode->size;
    else if (user->l_whence != SEEK_SET)
        return -EINVAL;
    if (__builtin_add_overflow(base, start, &start))
        return -EOVERFLOW;
    if (start < 0)
        return -EINVAL;
    range->start = (uint64_t)start;
    range->last = UINT64_MAX;
    if (user->l_len != 0) {
        if (__builtin_add_overflow(start, user->l_len, &last))
            return -EOVERFLOW;
        if (last < 0)
            return -EINVAL;
        range->start = (uint64_t)(user->l_len < 0 ? last : start);
        range->last = (uint64_t)(user->l_len < 0 ? start : last) - 1;
    }
    range->type = user->l_type;
    return range->type == F_RDLCK || range->type == F_WRLCK ||
                   range->type == F_UNLCK
               ? 0
               : -EINVAL;
}

static void show_range(const struct lock_range *range,
                       struct __cairn_flock64 *user)
{
    user->l_type = (int16_t)range->type;
    if (range->type == F_UNLCK)
        return;
    user->l_whence = SEEK_SET;
    user->l_start = (int64_t)range->start;
    user->l_len = range->last == UINT64_MAX
                      ? 0
                      : (int64_t)(range->last - range->start + 1);
    user->l_pid = range->pid;
}

/* Which of test, set, set and wait a command is; is it an open file's. */
static int do_lock(struct file *file, uint32_t command,
                   struct __cairn_flock64 *user)
{
    bool own = command >= F_OFD_GETLK && command <= F_OFD_SETLKW;
    const void *owner = own ? (const void *)file : (const void *)my_files();
    bool test = command == F_OFD_GETLK || command == __F_GETLK64;
    bool wait = command == F_OFD_SETLKW || command == __F_SETLKW64;
    struct lock_range range;
    int error = make_range(file, user, &range);

    if (error < 0)
        return error;
    if (own && user->l_pid != 0)
        return -EINVAL;
    range.pid = own ? -1 : current_process()->pid;
    if (test) {
        if (range.type == F_UNLCK)
            return -EINVAL;
        lock_test(file, owner, &range);
        show_range(&range, user);
        return 0;
    }
    if ((range.type == F_RDLCK && !(file->mode & FILE_READ)) ||
        (range.type == F_WRLCK && !(file->mode & FILE_WRITE)))
        return -EBADF;
    return lock_set(file, owner, &range, wait);
}

static long lock64(struct file *file, uint32_t command, uaddr_t arg)
{
    struct __cairn_flock64 user;
    int error;

    if (copy_from_user(&user, arg, sizeof(user)) < 0)
        return -EFAULT;
    error = do_lock(file, command, &user);
    if (error == 0 && (command == __F_GETLK64 || command == F_OFD_GETLK))
        error = copy_to_user(arg, &user, sizeof(user));
    return error;
}

/* The old forms, with 32-bit offsets. */
static long lock32(struct file *file, uint32_t command, uaddr_t arg)
{
    struct __cairn_flock user;
    struct __cairn_flock64 wide;
    int error;

    if (copy_from_user(&user, arg, sizeof(user)) < 0)
        return -EFAULT;
    wide = (struct __cairn_flock64){user.l_type, user.l_whence, user.l_start,
                                    user.l_len, user.l_pid};
    error = do_lock(file, command - __F_GETLK32 + __F_GETLK64, &wide);
    if (error < 0 || command != __F_GETLK32)
        return error;
    if (wide.l_start > INT32_MAX || wide.l_len > INT32_MAX)
        return -EOVERFLOW;
    user.l_type = wide.l_type;
    user.l_whence = wide.l_whence;
    user.l_start = (int32_t)wide.l_start;
    user.l_len = (int32_t)wide.l_len;
    user.l_pid = wide.l_pid;
    return copy_to_user(arg, &user, sizeof(user));
}

/* ---- fcntl ---- */

#define SETTABLE_FLAGS (O_APPEND | O_NONBLOCK | O_NOATIME | O_DIRECT | O_ASYNC)

static long set_flags(struct file *file, uint32_t flags)
{
    if ((flags & O_NOATIME) && !(file->flags & O_NOATIME) &&
        !inode_is_owner(file->inode, &current_process()->creds))
        return -EPERM;
    file->flags =
        (file->flags & ~(uint32_t)SETTABLE_FLAGS) | (flags & SETTABLE_FLAGS);
    return 0;
}

/* Commands that look at the open file. */
static long fcntl_file(struct file *file, uint32_t command, uint32_t arg)
{
    switch (command) {
    case F_SETFL:
        return set_flags(file, arg);
    case __F_GETLK32:
    case __F_SETLK32:
    case __F_SETLKW32:
        return lock32(file, command, arg);
    case __F_GETLK64:
    case __F_SETLK64:
    case __F_SETLKW64:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return lock64(file, command, arg);
    case F_GETPIPE_SZ:
        return pipe_size(file);
    case F_SETPIPE_SZ:
        return pipe_resize(file, arg);
    default:
        return -EINVAL;
    }
}

/* Commands that look at the descriptor alone: also for O_PATH. */
static long do_fcntl(int fd, uint32_t command, uint32_t arg)
{
    struct file *file = fdtable_peek(my_files(), fd);
    long result;

    if (file == NULL)
        return -EBADF;
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        if (arg >= user_nofile())
            return -EINVAL;
        return dup_above(fd, (int)arg, command == F_DUPFD_CLOEXEC);
    case F_GETFD:
        return fdtable_cloexec(my_files(), fd);
    case F_SETFD:
        return fdtable_set_cloexec(my_files(), fd, arg & FD_CLOEXEC);
    case F_GETFL:
        return (long)file->flags;
    }
    if (file->mode & FILE_PATH)
        return -EBADF;
    file_get(file);
    result = fcntl_file(file, command, arg);
    /* Closed by another thread meanwhile: a lock must not outlive that. */
    if (fdtable_peek(my_files(), fd) != file)
        lock_closed(file, my_files());
    file_put(file);
    return result;
}

SYSCALL_DEFINE(fcntl64, int fd, uint32_t command, uint32_t arg)
{
    return do_fcntl(fd, command, arg);
}

SYSCALL_DEFINE(fcntl, int fd, uint32_t command, uint32_t arg)
{
    return do_fcntl(fd, command, arg);
}
