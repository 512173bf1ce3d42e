/* System calls that tell about files: stat and its kin, directories, statfs. */
#include <cairn/dirent.h>
#include <cairn/statfs.h>
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/sys_ids.h"
#include "sys/sys_path.h"

/* The old form, of what has a place there; other ids become 65534. */
static long put_stat16(const struct __cairn_stat64 *st, uaddr_t out)
{
    struct __cairn_stat16 old = {
        .st_dev = (uint32_t)st->st_dev,
        .st_ino = (uint32_t)st->st_ino,
        .st_mode = (uint16_t)st->st_mode,
        .st_nlink = (uint16_t)st->st_nlink,
        .st_uid = ids_low(st->st_uid),
        .st_gid = ids_low(st->st_gid),
        .st_rdev = (uint32_t)st->st_rdev,
        .st_size = (uint32_t)st->st_size,
        .st_blksize = (uint32_t)st->st_blksize,
        .st_blocks = (uint32_t)st->st_blocks,
        .st_atime_sec = st->st_atime_sec,
        .st_atime_nsec = st->st_atime_nsec,
        .st_mtime_sec = st->st_mtime_sec,
        .st_mtime_nsec = st->st_mtime_nsec,
        .st_ctime_sec = st->st_ctime_sec,
        .st_ctime_nsec = st->st_ctime_nsec,
    };

    if (st->st_dev > 0xFFFF || st->st_rdev > 0xFFFF ||
        st->st_ino > UINT32_MAX || st->st_nlink > 0xFFFF ||
        st->st_size > INT32_MAX)
        return -EOVERFLOW;
    return copy_to_user(out, &old, sizeof(old));
}

static long put_stat(const struct inode *inode, uaddr_t out, bool old)
{
    struct __cairn_stat64 st;

    inode_stat64(inode, &st);
    return old ? put_stat16(&st, out) : copy_to_user(out, &st, sizeof(st));
}

static long stat_path(int dirfd, uaddr_t path, unsigned flags, uaddr_t out,
                      bool old)
{
    struct dentry *place;
    long result = user_lookup(dirfd, path, flags, &place);

    if (result < 0)
        return result;
    result = put_stat(place->inode, out, old);
    dentry_put(place);
    return result;
}

static long stat_fd(int fd, uaddr_t out, bool old)
{
    struct file *file = fdtable_peek(current_process()->files, fd);

    return file != NULL ? put_stat(file->inode, out, old) : -EBADF;
}

SYSCALL_DEFINE(stat, uaddr_t path, uaddr_t out)
{
    return stat_path(AT_FDCWD, path, 0, out, true);
}

SYSCALL_DEFINE(lstat, uaddr_t path, uaddr_t out)
{
    return stat_path(AT_FDCWD, path, PATH_NOFOLLOW, out, true);
}

SYSCALL_DEFINE(fstat, int fd, uaddr_t out)
{
    return stat_fd(fd, out, true);
}

SYSCALL_DEFINE(stat64, uaddr_t path, uaddr_t out)
{
    return stat_path(AT_FDCWD, path, 0, out, false);
}

SYSCALL_DEFINE(lstat64, uaddr_t path, uaddr_t out)
{
    return stat_path(AT_FDCWD, path, PATH_NOFOLLOW, out, false);
}

SYSCALL_DEFINE(fstat64, int fd, uaddr_t out)
{
    return stat_fd(fd, out, false);
}

/* PATH_* flags of AT_* flags. */
static unsigned path_flags(uint32_t at)
{
    return (at & AT_SYMLINK_NOFOLLOW ? PATH_NOFOLLOW : 0) |
           (at & AT_EMPTY_PATH ? PATH_EMPTY : 0);
}

#define STAT_AT_FLAGS \
    ((uint32_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))

SYSCALL_DEFINE(fstatat64, int dirfd, uaddr_t path, uaddr_t out, uint32_t flags)
{
    if (flags & ~STAT_AT_FLAGS)
        return -EINVAL;
    return stat_path(dirfd, path, path_flags(flags), out, false);
}

SYSCALL_DEFINE(statx, int dirfd, uaddr_t path, uint32_t flags, uint32_t mask,
               uaddr_t out)
{
    struct __cairn_statx stx;
    struct dentry *place;
    int error;

    if ((mask & STATX__RESERVED) ||
        (flags & ~(STAT_AT_FLAGS | AT_STATX_SYNC_TYPE)) ||
        (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
        return -EINVAL;
    error = user_lookup(dirfd, path, path_flags(flags), &place);
    if (error < 0)
        return error;
    inode_statx(place->inode, &stx);
    dentry_put(place);
    return copy_to_user(out, &stx, sizeof(stx));
}

/* ---- permissions ---- */

/* access(2) asks with the real ids, unless AT_EACCESS says otherwise. */
static long do_access(int dirfd, uaddr_t address, uint32_t mode, uint32_t flags)
{
    struct creds creds = current_process()->creds;
    struct fs_caller caller = {current_process()->fs, &creds};
    struct user_path path;
    struct dentry *place;
    int error;

    if ((mode & ~(uint32_t)(R_OK | W_OK | X_OK)) ||
        (flags & ~(uint32_t)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
        return -EINVAL;
    if (!(flags & AT_EACCESS)) {
        creds.fsuid = creds.uid;
        creds.fsgid = creds.gid;
    }
    error = user_path_get(&path, dirfd, address);
    if (error < 0)
        return error;
    error =
        path_lookup(&caller, path.base, path.text, path_flags(flags), &place);
    user_path_put(&path);
    if (error < 0)
        return error;
    error = inode_permission(place->inode, &creds, mode);
    dentry_put(place);
    return error;
}

SYSCALL_DEFINE(access, uaddr_t path, uint32_t mode)
{
    return do_access(AT_FDCWD, path, mode, 0);
}

SYSCALL_DEFINE(faccessat, int dirfd, uaddr_t path, uint32_t mode)
{
    return do_access(dirfd, path, mode, 0);
}

SYSCALL_DEFINE(faccessat2, int dirfd, uaddr_t path, uint32_t mode,
               uint32_t flags)
{
    return do_access(dirfd, path, mode, flags);
}

/* ---- links ---- */

static long do_readlink(int dirfd, uaddr_t path, uaddr_t buf, int32_t size)
{
    struct dentry *place;
    const char *text;
    size_t length = 0;
    int error;

    if (size <= 0)
        return -EINVAL;
    error = user_lookup(dirfd, path,
                        PATH_NOFOLLOW | (dirfd != AT_FDCWD ? PATH_EMPTY : 0),
                        &place);
    if (error < 0)
        return error;
    if (!S_ISLNK(place->inode->mode)) {
        dentry_put(place);
        return -EINVAL;
    }
    error = place->inode->ops->readlink(place->inode, &text);
    if (error == 0) {
        length = strlen(text);
        if (length > (size_t)size)
            length = (size_t)size;
        error = copy_to_user(buf, text, length);
    }
    dentry_put(place);
    return error < 0 ? error : (long)length;
}

SYSCALL_DEFINE(readlink, uaddr_t path, uaddr_t buf, int32_t size)
{
    return do_readlink(AT_FDCWD, path, buf, size);
}

SYSCALL_DEFINE(readlinkat, int dirfd, uaddr_t path, uaddr_t buf, int32_t size)
{
    return do_readlink(dirfd, path, buf, size);
}

/* ---- directories ---- */

#define ENTRY_HEAD offsetof(struct __cairn_dirent64, d_name)

/* Entries on their way to the user. */
struct dents {
    struct dir_reader reader;
    uaddr_t to;
    uint32_t room;
    uint32_t done;
    int error; /* why it stopped: -EINVAL if an entry had no room */
};

static bool put_entry(struct dir_reader *reader, const char *name,
                      uint32_t length, uint64_t ino, unsigned type,
                      uint64_t next_pos)
{
    struct dents *dents = container_of(reader, struct dents, reader);
    uint32_t size = (ENTRY_HEAD + length + 1 + 7) & ~7u;
    _Alignas(8) char buf[ENTRY_HEAD + NAME_MAX + 1 + 8];
    struct __cairn_dirent64 *entry = (struct __cairn_dirent64 *)buf;

    if (size > dents->room - dents->done) {
        dents->error = -EINVAL;
        return false;
    }
    memset(buf, 0, size);
    entry->d_ino = ino;
    entry->d_off = (int64_t)next_pos;
    entry->d_reclen = (uint16_t)size;
    entry->d_type = (uint8_t)type;
    memcpy(buf + ENTRY_HEAD, name, length);
    dents->error = copy_to_user(dents->to + dents->done, buf, size);
    if (dents->error < 0)
        return false;
    dents->done += size;
    return true;
}

SYSCALL_DEFINE(getdents64, int fd, uaddr_t buf, uint32_t nbytes)
{
    struct file *file = fdtable_file(current_process()->files, fd);
    struct dents dents = {.reader = {.add = put_entry},
                          .to = buf,
                          .room = nbytes};
    long result;

    if (file == NULL)
        return -EBADF;
    if (file->mode & FILE_PATH)
        result = -EBADF;
    else if (file->ops->readdir == NULL)
        result = -ENOTDIR;
    else
        result = file->ops->readdir(file, &dents.reader);
    if (result == 0 && dents.done > 0)
        result = (long)dents.done;
    else if (result == 0)
        result = dents.error;
    file_put(file);
    return result;
}

/* ---- file systems ---- */

static long put_statfs(struct fs *fs, uint32_t size, uaddr_t out)
{
    struct fs_statistics s = {0};
    struct __cairn_statfs64 st;

    if (size != sizeof(st))
        return -EINVAL;
    if (fs->statfs != NULL)
        fs->statfs(fs, &s);
    memset(&st, 0, sizeof(st));
    st.f_type = s.type;
    st.f_bsize = PAGE_SIZE;
    st.f_frsize = PAGE_SIZE;
    st.f_blocks = s.nblocks;
    st.f_bfree = s.nfree;
    st.f_bavail = s.navailable;
    st.f_files = s.nfiles;
    st.f_ffree = s.nfiles_free;
    st.f_fsid[0] = (int32_t)fs->dev;
    st.f_namelen = NAME_MAX;
    st.f_flags = (fs->readonly ? ST_RDONLY : 0) | (fs->nosuid ? ST_NOSUID : 0) |
                 (fs->nodev ? ST_NODEV : 0) | (fs->noexec ? ST_NOEXEC : 0);
    return copy_to_user(out, &st, sizeof(st));
}

SYSCALL_DEFINE(statfs64, uaddr_t path, uint32_t size, uaddr_t out)
{
    struct dentry *place;
    long result = user_lookup(AT_FDCWD, path, 0, &place);

    if (result < 0)
        return result;
    result = put_statfs(place->inode->fs, size, out);
    dentry_put(place);
    return result;
}

SYSCALL_DEFINE(fstatfs64, int fd, uint32_t size, uaddr_t out)
{
    struct file *file = fdtable_peek(current_process()->files, fd);

    return file != NULL ? put_statfs(file->inode->fs, size, out) : -EBADF;
}
