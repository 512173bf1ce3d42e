/*
 * System calls that change the tree of names and the attributes of files, and
 * where a process stands in it.
 */
#include <cairn/time.h>
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/units.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sys/sys.h"
#include "sys/sys_path.h"

/* ---- making and removing names ---- */

static long do_mkdir(int dirfd, uaddr_t address, uint32_t mode)
{
    struct fs_caller caller = user_caller();
    struct user_path path;
    int error = user_path_get(&path, dirfd, address);

    if (error < 0)
        return error;
    error = path_mkdir(&caller, path.base, path.text, mode);
    user_path_put(&path);
    return error;
}

SYSCALL_DEFINE(mkdir, uaddr_t path, uint32_t mode)
{
    return do_mkdir(AT_FDCWD, path, mode);
}

SYSCALL_DEFINE(mkdirat, int dirfd, uaddr_t path, uint32_t mode)
{
    return do_mkdir(dirfd, path, mode);
}

static long do_mknod(int dirfd, uaddr_t address, uint32_t mode, uint32_t dev)
{
    struct fs_caller caller = user_caller();
    struct user_path path;
    int error = user_path_get(&path, dirfd, address);

    if (error < 0)
        return error;
    error = path_mknod(&caller, path.base, path.text, mode, dev);
    user_path_put(&path);
    return error;
}

SYSCALL_DEFINE(mknod, uaddr_t path, uint32_t mode, uint32_t dev)
{
    return do_mknod(AT_FDCWD, path, mode, dev);
}

SYSCALL_DEFINE(mknodat, int dirfd, uaddr_t path, uint32_t mode, uint32_t dev)
{
    return do_mknod(dirfd, path, mode, dev);
}

static long do_unlink(int dirfd, uaddr_t address, bool directory)
{
    struct fs_caller caller = user_caller();
    struct user_path path;
    int error = user_path_get(&path, dirfd, address);

    if (error < 0)
        return error;
    error = directory ? path_rmdir(&caller, path.base, path.text)
                      : path_unlink(&caller, path.base, path.text);
    user_path_put(&path);
    return error;
}

SYSCALL_DEFINE(unlink, uaddr_t path)
{
    return do_unlink(AT_FDCWD, path, false);
}

SYSCALL_DEFINE(rmdir, uaddr_t path)
{
    return do_unlink(AT_FDCWD, path, true);
}

SYSCALL_DEFINE(unlinkat, int dirfd, uaddr_t path, uint32_t flags)
{
    if (flags & ~(uint32_t)AT_REMOVEDIR)
        return -EINVAL;
    return do_unlink(dirfd, path, (flags & AT_REMOVEDIR) != 0);
}

/* ---- calls with two paths ---- */

/* Both of them, or none: 0 or -errno. */
static int get_two(struct user_path *a, int a_fd, uaddr_t a_address,
                   struct user_path *b, int b_fd, uaddr_t b_address)
{
    int error = user_path_get(a, a_fd, a_address);

    if (error < 0)
        return error;
    error = user_path_get(b, b_fd, b_address);
    if (error < 0)
        user_path_put(a);
    return error;
}

static long do_link(int from_fd, uaddr_t from, int to_fd, uaddr_t to,
                    unsigned flags)
{
    struct fs_caller caller = user_caller();
    struct user_path a, b;
    int error = get_two(&a, from_fd, from, &b, to_fd, to);

    if (error < 0)
        return error;
    error = path_link(&caller, a.base, a.text, flags, b.base, b.text);
    user_path_put(&b);
    user_path_put(&a);
    return error;
}

SYSCALL_DEFINE(link, uaddr_t from, uaddr_t to)
{
    return do_link(AT_FDCWD, from, AT_FDCWD, to, PATH_NOFOLLOW);
}

SYSCALL_DEFINE(linkat, int from_fd, uaddr_t from, int to_fd, uaddr_t to,
               uint32_t flags)
{
    if (flags & ~(uint32_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return do_link(from_fd, from, to_fd, to,
                   (flags & AT_SYMLINK_FOLLOW ? 0 : PATH_NOFOLLOW) |
                       (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0));
}

static long do_symlink(uaddr_t target, int dirfd, uaddr_t address)
{
    struct fs_caller caller = user_caller();
    struct user_path text, path;
    int error = get_two(&text, AT_FDCWD, target, &path, dirfd, address);

    if (error < 0)
        return error;
    error = path_symlink(&caller, text.text, path.base, path.text);
    user_path_put(&path);
    user_path_put(&text);
    return error;
}

SYSCALL_DEFINE(symlink, uaddr_t target, uaddr_t path)
{
    return do_symlink(target, AT_FDCWD, path);
}

SYSCALL_DEFINE(symlinkat, uaddr_t target, int dirfd, uaddr_t path)
{
    return do_symlink(target, dirfd, path);
}

static long do_rename(int from_fd, uaddr_t from, int to_fd, uaddr_t to,
                      uint32_t flags)
{
    struct fs_caller caller = user_caller();
    struct user_path a, b;
    int error = get_two(&a, from_fd, from, &b, to_fd, to);

    if (error < 0)
        return error;
    error = path_rename(&caller, a.base, a.text, b.base, b.text, flags);
    user_path_put(&b);
    user_path_put(&a);
    return error;
}

SYSCALL_DEFINE(rename, uaddr_t from, uaddr_t to)
{
    return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SYSCALL_DEFINE(renameat, int from_fd, uaddr_t from, int to_fd, uaddr_t to)
{
    return do_rename(from_fd, from, to_fd, to, 0);
}

SYSCALL_DEFINE(renameat2, int from_fd, uaddr_t from, int to_fd, uaddr_t to,
               uint32_t flags)
{
    return do_rename(from_fd, from, to_fd, to, flags);
}

/* ---- attributes ---- */

/* Change an inode's attributes on behalf of the caller. */
static long set_attr(struct inode *inode, const struct inode_attr *attr,
                     bool now)
{
    struct fs_caller caller = user_caller();

    return path_setattr(&caller, inode, attr, now);
}

static long set_attr_at(int dirfd, uaddr_t path, unsigned flags,
                        const struct inode_attr *attr, bool now)
{
    struct dentry *place;
    long result = user_lookup(dirfd, path, flags, &place);

    if (result < 0)
        return result;
    result = set_attr(place->inode, attr, now);
    dentry_put(place);
    return result;
}

static long set_attr_fd(int fd, const struct inode_attr *attr, bool now)
{
    struct file *file = fdtable_file(current_process()->files, fd);
    long result = -EBADF;

    if (file == NULL)
        return -EBADF;
    if (!(file->mode & FILE_PATH))
        result = set_attr(file->inode, attr, now);
    file_put(file);
    return result;
}

static struct inode_attr mode_attr(uint32_t mode)
{
    return (struct inode_attr){.valid = ATTR_MODE, .mode = mode};
}

SYSCALL_DEFINE(chmod, uaddr_t path, uint32_t mode)
{
    struct inode_attr attr = mode_attr(mode);

    return set_attr_at(AT_FDCWD, path, 0, &attr, false);
}

SYSCALL_DEFINE(fchmodat, int dirfd, uaddr_t path, uint32_t mode)
{
    struct inode_attr attr = mode_attr(mode);

    return set_attr_at(dirfd, path, 0, &attr, false);
}

SYSCALL_DEFINE(fchmod, int fd, uint32_t mode)
{
    struct inode_attr attr = mode_attr(mode);

    return set_attr_fd(fd, &attr, false);
}

/* An id of all ones leaves that id as it is. */
static struct inode_attr owner_attr(uint32_t uid, uint32_t gid)
{
    return (struct inode_attr){.valid = (uid != UINT32_MAX ? ATTR_UID : 0) |
                                        (gid != UINT32_MAX ? ATTR_GID : 0),
                               .uid = uid,
                               .gid = gid};
}

SYSCALL_DEFINE(chown32, uaddr_t path, uint32_t uid, uint32_t gid)
{
    struct inode_attr attr = owner_attr(uid, gid);

    return set_attr_at(AT_FDCWD, path, 0, &attr, false);
}

SYSCALL_DEFINE(lchown32, uaddr_t path, uint32_t uid, uint32_t gid)
{
    struct inode_attr attr = owner_attr(uid, gid);

    return set_attr_at(AT_FDCWD, path, PATH_NOFOLLOW, &attr, false);
}

SYSCALL_DEFINE(fchown32, int fd, uint32_t uid, uint32_t gid)
{
    struct inode_attr attr = owner_attr(uid, gid);

    return set_attr_fd(fd, &attr, false);
}

SYSCALL_DEFINE(fchownat, int dirfd, uaddr_t path, uint32_t uid, uint32_t gid,
               uint32_t flags)
{
    struct inode_attr attr = owner_attr(uid, gid);

    if (flags & ~(uint32_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return set_attr_at(dirfd, path,
                       (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOFOLLOW : 0) |
                           (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0),
                       &attr, false);
}

/* One time of utimensat: into *ns; false if it is to stay. -EINVAL. */
static int get_time(int64_t sec, uint32_t nsec, int64_t *ns, bool *set)
{
    *set = nsec != UTIME_OMIT;
    if (nsec == UTIME_NOW)
        *ns = (int64_t)clock_realtime_ns();
    if (nsec == UTIME_NOW || nsec == UTIME_OMIT)
        return 0;
    if (nsec >= NS_PER_S)
        return -EINVAL;
    /* Times beyond what an inode keeps become the nearest it does. */
    if (sec >= INT64_MAX / NS_PER_S)
        sec = INT64_MAX / NS_PER_S - 1;
    if (sec <= INT64_MIN / NS_PER_S)
        sec = INT64_MIN / NS_PER_S + 1;
    *ns = sec * NS_PER_S + nsec;
    return 0;
}

/* Both times, in the wide form; NULL means now. */
static long do_utimensat(int dirfd, uaddr_t path,
                         const struct __cairn_timespec64 *times, uint32_t flags)
{
    static const struct __cairn_timespec64 present[2] = {{0, UTIME_NOW},
                                                         {0, UTIME_NOW}};
    struct inode_attr attr = {0};
    bool set_a, set_m, now;
    int error;

    if (flags & ~(uint32_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (times == NULL)
        times = present;
    error = get_time(times[0].tv_sec, (uint32_t)times[0].tv_nsec,
                     &attr.atime_ns, &set_a);
    if (error == 0)
        error = get_time(times[1].tv_sec, (uint32_t)times[1].tv_nsec,
                         &attr.mtime_ns, &set_m);
    if (error < 0)
        return error;
    if (!set_a && !set_m)
        return 0;
    attr.valid = (set_a ? ATTR_ATIME : 0) | (set_m ? ATTR_MTIME : 0);
    now = (uint32_t)times[0].tv_nsec == UTIME_NOW &&
          (uint32_t)times[1].tv_nsec == UTIME_NOW;
    if (path == 0)
        return dirfd == AT_FDCWD ? -EFAULT : set_attr_fd(dirfd, &attr, now);
    return set_attr_at(dirfd, path,
                       (flags & AT_SYMLINK_NOFOLLOW ? PATH_NOFOLLOW : 0) |
                           (flags & AT_EMPTY_PATH ? PATH_EMPTY : 0),
                       &attr, now);
}

SYSCALL_DEFINE(utimensat_time64, int dirfd, uaddr_t path, uaddr_t address,
               uint32_t flags)
{
    struct __cairn_timespec64 times[2];

    if (address == 0)
        return do_utimensat(dirfd, path, NULL, flags);
    if (copy_from_user(times, address, sizeof(times)) < 0)
        return -EFAULT;
    return do_utimensat(dirfd, path, times, flags);
}

SYSCALL_DEFINE(utimensat, int dirfd, uaddr_t path, uaddr_t address,
               uint32_t flags)
{
    struct __cairn_timespec32 narrow[2];
    struct __cairn_timespec64 times[2];

    if (address == 0)
        return do_utimensat(dirfd, path, NULL, flags);
    if (copy_from_user(narrow, address, sizeof(narrow)) < 0)
        return -EFAULT;
    for (int i = 0; i < 2; i++) {
        times[i].tv_sec = narrow[i].tv_sec;
        times[i].tv_nsec = narrow[i].tv_nsec;
    }
    return do_utimensat(dirfd, path, times, flags);
}

/* ---- where a process stands ---- */

/* Make `place` (a reference is taken over) the root or working directory. */
static long stand_at(struct dentry **where, struct dentry *place)
{
    struct fs_caller caller = user_caller();
    struct dentry *before = *where;
    int error = -ENOTDIR;

    if (S_ISDIR(place->inode->mode))
        error = inode_permission(place->inode, caller.creds, X_OK);
    if (error < 0) {
        dentry_put(place);
        return error;
    }
    *where = place;
    dentry_put(before); /* may sleep: other threads must not find it any more */
    return 0;
}

SYSCALL_DEFINE(chdir, uaddr_t path)
{
    struct dentry *place;
    int error = user_lookup(AT_FDCWD, path, PATH_DIRECTORY, &place);

    return error < 0 ? error : stand_at(&current_process()->fs->cwd, place);
}

SYSCALL_DEFINE(fchdir, int fd)
{
    struct dentry *place;
    int error = user_place(fd, &place);

    return error < 0 ? error : stand_at(&current_process()->fs->cwd, place);
}

SYSCALL_DEFINE(chroot, uaddr_t path)
{
    struct dentry *place;
    int error = user_lookup(AT_FDCWD, path, PATH_DIRECTORY, &place);

    if (error < 0)
        return error;
    if (current_process()->creds.euid != 0) {
        error = inode_permission(place->inode, &current_process()->creds, X_OK);
        dentry_put(place);
        return error < 0 ? error : -EPERM;
    }
    return stand_at(&current_process()->fs->root, place);
}

/* The length with its NUL, as Linux's system call has it. */
SYSCALL_DEFINE(getcwd, uaddr_t buf, uint32_t size)
{
    struct fs_context *fs = current_process()->fs;
    char *memory = kmalloc(PATH_MAX), *text;
    size_t length;
    long result;

    if (memory == NULL)
        return -ENOMEM;
    text = dentry_path(fs->cwd, fs->root, memory, PATH_MAX);
    length = text != NULL ? (size_t)(memory + PATH_MAX - text) : 0;
    if (fs->cwd->dead)
        result = -ENOENT;
    else if (text == NULL && size >= PATH_MAX)
        result = -ENAMETOOLONG;
    else if (text == NULL || length > size)
        result = -ERANGE;
    else if ((result = copy_to_user(buf, text, length)) == 0)
        result = (long)length;
    kfree(memory);
    return result;
}

SYSCALL_DEFINE(umask, uint32_t mask)
{
    struct fs_context *fs = current_process()->fs;
    uint32_t old = fs->umask;

    fs->umask = mask & 0777;
    return (long)old;
}
