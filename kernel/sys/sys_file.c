/*
 * System calls that move bytes: read, write and their many forms.
 *
 * The one-buffer forms are short paths: look the descriptor up, make a uio on
 * the stack, call the file. A vector is copied in once; its buffers are looked
 * at only through that copy.
 */
#include <cairn/uio.h>
#include "arch/i386/pmap.h"
#include "lib/checkpoint.h"
#include "lib/compiler.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sys/sys.h"
#include "sys/sys_path.h"

#define FADVISE_LAST 5u /* POSIX_FADV_NOREUSE */

#define SHORT_VECTOR 8

static struct file *get_file(int fd)
{
    return fdtable_file(current_process()->files, fd);
}

/* Return whether a range ends within user space; its start may be 0. */
static bool is_below_user_end(uaddr_t base, uint32_t nbytes)
{
    return base <= USER_END && nbytes <= USER_END - base;
}

/* What a write that met an error does besides returning its result. */
static ssize_t write_failed(const struct uio *uio, ssize_t result)
{
    if (result == -EPIPE || uio->broken)
        signal_send_current(SIGPIPE);
    if (result == -EFBIG && uio->size_limit != UINT64_MAX)
        signal_send_current(SIGXFSZ);
    return result;
}

static ssize_t do_read(struct file *file, uaddr_t buf, uint32_t nbytes)
{
    struct uio uio;

    if (!(file->mode & FILE_READ))
        return -EBADF;
    if (unlikely(!is_below_user_end(buf, nbytes)))
        return -EFAULT;
    uio_init_user(&uio, buf, nbytes);
    return file_read(file, &uio);
}

static ssize_t do_write(struct file *file, uaddr_t buf, uint32_t nbytes)
{
    struct uio uio;
    ssize_t result;

    if (!(file->mode & FILE_WRITE))
        return -EBADF;
    if (unlikely(!is_below_user_end(buf, nbytes)))
        return -EFAULT;
    uio_init_user(&uio, buf, nbytes);
    uio.size_limit = current_process()->limits[RLIMIT_FSIZE].cur;
    result = file_write(file, &uio);
    return likely(result >= 0 && !uio.broken) ? result
                                              : write_failed(&uio, result);
}

SYSCALL_DEFINE(read, int fd, uaddr_t buf, uint32_t nbytes)
{
    struct file *file = get_file(fd);
    ssize_t result;

    if (unlikely(file == NULL))
        return -EBADF;
    result = do_read(file, buf, nbytes);
    file_put(file);
    return result;
}

SYSCALL_DEFINE(write, int fd, uaddr_t buf, uint32_t nbytes)
{
    struct file *file = get_file(fd);
    ssize_t result;

    if (unlikely(file == NULL))
        return -EBADF;
    result = do_write(file, buf, nbytes);
    file_put(file);
    return result;
}

/* Are these `n` buffers sound: 0, -EINVAL for a length, -EFAULT. */
static int check_vector(const struct uio_segment *vector, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if ((int32_t)vector[i].nbytes < 0)
            return -EINVAL;
    for (uint32_t i = 0; i < n; i++)
        if (!is_below_user_end(vector[i].base, vector[i].nbytes))
            return -EFAULT;
    return 0;
}

/* Read or write at `pos`, or at the file's own offset if that is NULL. */
static ssize_t transfer(struct file *file, struct uio *uio, uint32_t mode,
                        const uint64_t *pos)
{
    ssize_t result;

    if (mode == FILE_READ)
        return pos ? file_pread(file, uio, *pos) : file_read(file, uio);
    uio->size_limit = current_process()->limits[RLIMIT_FSIZE].cur;
    result = pos ? file_pwrite(file, uio, *pos) : file_write(file, uio);
    return result >= 0 && !uio->broken ? result : write_failed(uio, result);
}

/* The same with a vector of the user's, which is copied in first. */
static ssize_t transfer_vector(struct file *file, uaddr_t address, uint32_t n,
                               uint32_t mode, const uint64_t *pos)
{
    struct uio_segment few[SHORT_VECTOR], *vector = few;
    struct uio uio;
    ssize_t result;

    if (n > __CAIRN_IOV_MAX)
        return -EINVAL;
    if (n == 0)
        return 0;
    if (n > SHORT_VECTOR) {
        vector = kmalloc(n * sizeof(*vector));
        if (vector == NULL)
            return -ENOMEM;
    }
    result = copy_from_user(vector, address, n * sizeof(*vector));
    if (result == 0)
        result = check_vector(vector, n);
    if (result == 0) {
        uio_init_vector(&uio, vector, n);
        result = transfer(file, &uio, mode, pos);
    }
    if (vector != few)
        kfree(vector);
    return result;
}

/* readv and writev. */
static long do_vector(int fd, uaddr_t vector, uint32_t n, uint32_t mode)
{
    struct file *file = get_file(fd);
    ssize_t result = -EBADF;

    if (file == NULL)
        return -EBADF;
    if (file->mode & mode)
        result = transfer_vector(file, vector, n, mode, NULL);
    file_put(file);
    return result;
}

SYSCALL_DEFINE(readv, int fd, uaddr_t vector, uint32_t n)
{
    return do_vector(fd, vector, n, FILE_READ);
}

SYSCALL_DEFINE(writev, int fd, uaddr_t vector, uint32_t n)
{
    return do_vector(fd, vector, n, FILE_WRITE);
}

/* ---- at a given offset ---- */

static uint64_t join64(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

/*
 * The file of a positioned transfer: -EBADF, -EINVAL for a negative offset,
 * -ESPIPE for a stream, -EBADF without `mode`. *out is counted.
 */
static int get_positioned(int fd, uint64_t offset, uint32_t mode,
                          struct file **out)
{
    struct file *file;
    int error = 0;

    if ((int64_t)offset < 0)
        return -EINVAL;
    file = get_file(fd);
    if (file == NULL)
        return -EBADF;
    if (file->mode & FILE_PATH)
        error = -EBADF;
    else if (!(file->mode & FILE_SEEKABLE))
        error = -ESPIPE;
    else if (!(file->mode & mode))
        error = -EBADF;
    if (error < 0)
        file_put(file);
    *out = file;
    return error;
}

/* pread64 and pwrite64. */
static long do_positioned(int fd, uaddr_t buf, uint32_t nbytes, uint64_t pos,
                          uint32_t mode)
{
    struct file *file;
    struct uio uio;
    ssize_t result = get_positioned(fd, pos, mode, &file);

    if (result < 0)
        return result;
    uio_init_user(&uio, buf, nbytes);
    result = is_below_user_end(buf, nbytes) ? transfer(file, &uio, mode, &pos)
                                            : -EFAULT;
    file_put(file);
    return result;
}

SYSCALL_DEFINE(pread64, int fd, uaddr_t buf, uint32_t nbytes, uint32_t low,
               uint32_t high)
{
    return do_positioned(fd, buf, nbytes, join64(low, high), FILE_READ);
}

SYSCALL_DEFINE(pwrite64, int fd, uaddr_t buf, uint32_t nbytes, uint32_t low,
               uint32_t high)
{
    return do_positioned(fd, buf, nbytes, join64(low, high), FILE_WRITE);
}

/* preadv and pwritev. */
static long do_positioned_vector(int fd, uaddr_t vector, uint32_t n,
                                 uint64_t pos, uint32_t mode)
{
    struct file *file;
    ssize_t result = get_positioned(fd, pos, mode, &file);

    if (result < 0)
        return result;
    result = transfer_vector(file, vector, n, mode, &pos);
    file_put(file);
    return result;
}

SYSCALL_DEFINE(preadv, int fd, uaddr_t vector, uint32_t n, uint32_t low,
               uint32_t high)
{
    return do_positioned_vector(fd, vector, n, join64(low, high), FILE_READ);
}

SYSCALL_DEFINE(pwritev, int fd, uaddr_t vector, uint32_t n, uint32_t low,
               uint32_t high)
{
    return do_positioned_vector(fd, vector, n, join64(low, high), FILE_WRITE);
}

/* ---- moving the offset ---- */

static int64_t do_seek(int fd, int64_t offset, int whence)
{
    struct file *file = fdtable_file(current_process()->files, fd);
    int64_t result;

    if (file == NULL)
        return -EBADF;
    result = file_seek(file, offset, whence);
    file_put(file);
    return result;
}

SYSCALL_DEFINE(lseek, int fd, int32_t offset, int whence)
{
    int64_t result = do_seek(fd, offset, whence);

    return result == (int32_t)result ? (long)result : -EOVERFLOW;
}

SYSCALL_DEFINE(_llseek, int fd, uint32_t high, uint32_t low, uaddr_t out,
               int whence)
{
    int64_t result = do_seek(fd, (int64_t)join64(low, high), whence);

    if (result < 0)
        return (long)result;
    return copy_to_user(out, &result, sizeof(result));
}

/* ---- from file to file ---- */

#define SEND_CHUNK PAGE_SIZE

/*
 * Move up to `nbytes` bytes from one file, at *pos, to another, at *out_pos or
 * (NULL) its own offset, through a page of kernel memory. What was read but
 * could not be written is left unread.
 */
static ssize_t send(struct file *out, uint64_t *out_pos, struct file *in,
                    uint64_t *pos, uint32_t nbytes, char *page)
{
    size_t done = 0;
    ssize_t got = 0, put = 0;

    while (done < nbytes && got == put && !(done > 0 && checkpoint_signal())) {
        uint32_t part = nbytes - (uint32_t)done;
        struct uio uio;

        got =
            file_read_at(in, page, part < SEND_CHUNK ? part : SEND_CHUNK, *pos);
        if (got <= 0)
            return done > 0 ? (ssize_t)done : got;
        uio_init_kernel(&uio, page, (size_t)got);
        put = transfer(out, &uio, FILE_WRITE, out_pos);
        if (put < 0)
            return done > 0 ? (ssize_t)done : put;
        *pos += (uint64_t)put;
        if (out_pos != NULL)
            *out_pos += (uint64_t)put;
        done += (size_t)put;
    }
    return (ssize_t)done;
}

/* sendfile at *pos, or at the offset of `in` if that is NULL. */
static long do_sendfile(int out_fd, int in_fd, uint64_t *pos, uint32_t nbytes)
{
    struct file *in, *out;
    uint64_t at = pos != NULL ? *pos : 0;
    ssize_t result = get_positioned(in_fd, at, FILE_READ, &in);
    char *page;

    if (result < 0)
        return result == -ESPIPE && pos == NULL ? -EINVAL : result;
    out = get_file(out_fd);
    page = kmalloc(SEND_CHUNK);
    if (out == NULL || !(out->mode & FILE_WRITE))
        result = -EBADF;
    else if (out->flags & O_APPEND)
        result = -EINVAL;
    else if (page == NULL)
        result = -ENOMEM;
    if (result == 0) { /* both may be one open file, with one offset */
        at = pos != NULL ? *pos : in->pos;
        result =
            send(out, NULL, in, &at, nbytes < UIO_MAX ? nbytes : UIO_MAX, page);
        *(pos != NULL ? pos : &in->pos) = at;
    }
    kfree(page);
    if (out != NULL)
        file_put(out);
    file_put(in);
    return result;
}

SYSCALL_DEFINE(sendfile, int out, int in, uaddr_t offset, uint32_t nbytes)
{
    int32_t pos32;
    uint64_t pos;
    long result;

    if (offset == 0)
        return do_sendfile(out, in, NULL, nbytes);
    if (copy_from_user(&pos32, offset, sizeof(pos32)) < 0)
        return -EFAULT;
    pos = (uint64_t)(int64_t)pos32;
    result = do_sendfile(out, in, &pos, nbytes);
    pos32 = (int32_t)pos;
    if (copy_to_user(offset, &pos32, sizeof(pos32)) < 0)
        return -EFAULT;
    return result;
}

SYSCALL_DEFINE(sendfile64, int out, int in, uaddr_t offset, uint32_t nbytes)
{
    uint64_t pos;
    long result;

    if (offset == 0)
        return do_sendfile(out, in, NULL, nbytes);
    if (copy_from_user(&pos, offset, sizeof(pos)) < 0)
        return -EFAULT;
    result = do_sendfile(out, in, &pos, nbytes);
    if (copy_to_user(offset, &pos, sizeof(pos)) < 0)
        return -EFAULT;
    return result;
}

/* May these two be the ends of copy_file_range. */
static int check_copy(const struct file *in, uint64_t from,
                      const struct file *out, uint64_t to, uint32_t nbytes)
{
    uint64_t distance = from < to ? to - from : from - to;

    if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
        return -EISDIR;
    if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
        return -EINVAL;
    if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE) ||
        (out->flags & O_APPEND))
        return -EBADF;
    if ((int64_t)from < 0 || (int64_t)to < 0)
        return -EINVAL;
    return in->inode == out->inode && distance < nbytes ? -EINVAL : 0;
}

/* copy_file_range at *from and *to; whose offsets these are is settled. */
static long copy_range(int in_fd, uint64_t *from, int out_fd, uint64_t *to,
                       uint32_t nbytes)
{
    struct file *in = get_file(in_fd), *out = get_file(out_fd);
    char *page = kmalloc(SEND_CHUNK);
    long result = -EBADF;

    if (nbytes > UIO_MAX)
        nbytes = UIO_MAX;
    if (in != NULL && out != NULL) {
        from = from != NULL ? from : &in->pos;
        to = to != NULL ? to : &out->pos;
        result = check_copy(in, *from, out, *to, nbytes);
        if (result == 0)
            result =
                page != NULL ? send(out, to, in, from, nbytes, page) : -ENOMEM;
    }
    kfree(page);
    if (in != NULL)
        file_put(in);
    if (out != NULL)
        file_put(out);
    return result;
}

SYSCALL_DEFINE(copy_file_range, int in, uaddr_t from, int out, uaddr_t to,
               uint32_t nbytes, uint32_t flags)
{
    uint64_t from_pos, to_pos;
    long result;

    if (flags != 0)
        return -EINVAL;
    if ((from != 0 && copy_from_user(&from_pos, from, sizeof(from_pos)) < 0) ||
        (to != 0 && copy_from_user(&to_pos, to, sizeof(to_pos)) < 0))
        return -EFAULT;
    result = copy_range(in, from != 0 ? &from_pos : NULL, out,
                        to != 0 ? &to_pos : NULL, nbytes);
    if (result <= 0)
        return result;
    if ((from != 0 && copy_to_user(from, &from_pos, sizeof(from_pos)) < 0) ||
        (to != 0 && copy_to_user(to, &to_pos, sizeof(to_pos)) < 0))
        return -EFAULT;
    return result;
}

/* ---- sizes, and what disks would need ---- */

/* The regular file of a descriptor, open for writing. *out is counted. */
static int get_writable(int fd, struct file **out)
{
    struct file *file = get_file(fd);
    int error = 0;

    if (file == NULL)
        return -EBADF;
    if (file->mode & FILE_PATH)
        error = -EBADF;
    else if (!S_ISREG(file->inode->mode) || !(file->mode & FILE_WRITE))
        error = -EINVAL;
    if (error < 0)
        file_put(file);
    *out = file;
    return error;
}

/* Does a file of this size exceed the process's limit: -EFBIG, SIGXFSZ. */
static int check_size_limit(const struct inode *inode, uint64_t size)
{
    if (size <= inode->size ||
        size <= current_process()->limits[RLIMIT_FSIZE].cur)
        return 0;
    signal_send_current(SIGXFSZ);
    return -EFBIG;
}

static long do_ftruncate(int fd, int64_t size)
{
    struct file *file;
    int error;

    if (size < 0)
        return -EINVAL;
    error = get_writable(fd, &file);
    if (error < 0)
        return error;
    error = file->inode->ops->truncate != NULL
                ? check_size_limit(file->inode, (uint64_t)size)
                : -EINVAL;
    if (error == 0)
        error = file->inode->ops->truncate(file->inode, (uint64_t)size);
    file_put(file);
    return error;
}

SYSCALL_DEFINE(ftruncate, int fd, int32_t size)
{
    return do_ftruncate(fd, size);
}

SYSCALL_DEFINE(ftruncate64, int fd, uint32_t low, uint32_t high)
{
    return do_ftruncate(fd, (int64_t)join64(low, high));
}

static long do_truncate(uaddr_t address, int64_t size)
{
    struct fs_caller caller = user_caller();
    struct user_path path;
    int error;

    if (size < 0)
        return -EINVAL;
    error = user_path_get(&path, AT_FDCWD, address);
    if (error < 0)
        return error;
    error = path_truncate(&caller, path.base, path.text, (uint64_t)size,
                          current_process()->limits[RLIMIT_FSIZE].cur);
    user_path_put(&path);
    if (error == -EFBIG)
        signal_send_current(SIGXFSZ);
    return error;
}

SYSCALL_DEFINE(truncate, uaddr_t path, int32_t size)
{
    return do_truncate(path, size);
}

SYSCALL_DEFINE(truncate64, uaddr_t path, uint32_t low, uint32_t high)
{
    return do_truncate(path, (int64_t)join64(low, high));
}

#define FALLOC_KEEP_SIZE  1
#define FALLOC_PUNCH_HOLE 2

/* Reserve or punch [start, end) of a regular file. */
static int do_fallocate(struct inode *inode, uint32_t mode, uint64_t start,
                        uint64_t end)
{
    uint64_t first = start >> PAGE_SHIFT;
    bool grow = !(mode & FALLOC_KEEP_SIZE) && end > inode->size;
    int error = 0;

    if (inode->ops->allocate == NULL)
        return -EOPNOTSUPP;
    if (mode & FALLOC_PUNCH_HOLE) {
        inode->ops->punch(inode, start, end);
        inode_modified(inode);
        return 0;
    }
    if (grow)
        error = check_size_limit(inode, end);
    if (error == 0)
        error = inode->ops->allocate(inode, first,
                                     ((end + PAGE_MASK) >> PAGE_SHIFT) - first);
    if (error == 0 && grow)
        error = inode->ops->truncate(inode, end);
    if (error == 0)
        inode_modified(inode);
    return error;
}

/* Advice about a file that is all in memory: checked, and that is all. */
static long advise(int fd, uint64_t nbytes, uint32_t advice)
{
    struct file *file = fdtable_peek(current_process()->files, fd);

    if (file == NULL || (file->mode & FILE_PATH))
        return -EBADF;
    if (S_ISFIFO(file->inode->mode))
        return -ESPIPE;
    return (int64_t)nbytes < 0 || advice > FADVISE_LAST ? -EINVAL : 0;
}

SYSCALL_DEFINE(fadvise64_64, int fd, uint32_t low, uint32_t high,
               uint32_t n_low, uint32_t n_high, uint32_t advice)
{
    (void)low, (void)high;
    return advise(fd, join64(n_low, n_high), advice);
}

SYSCALL_DEFINE(fadvise64, int fd, uint32_t low, uint32_t high, uint32_t nbytes,
               uint32_t advice)
{
    (void)low, (void)high;
    return advise(fd, nbytes, advice);
}

SYSCALL_DEFINE(fallocate, int fd, uint32_t mode, uint32_t low, uint32_t high,
               uint32_t n_low, uint32_t n_high)
{
    uint64_t start = join64(low, high), nbytes = join64(n_low, n_high);
    struct file *file;
    int error;

    if ((int64_t)start < 0 || (int64_t)nbytes <= 0)
        return -EINVAL;
    if ((mode & ~(uint32_t)(FALLOC_KEEP_SIZE | FALLOC_PUNCH_HOLE)) ||
        mode == FALLOC_PUNCH_HOLE)
        return -EOPNOTSUPP;
    file = get_file(fd);
    if (file == NULL)
        return -EBADF;
    if (!(file->mode & FILE_WRITE))
        error = -EBADF;
    else if (S_ISFIFO(file->inode->mode))
        error = -ESPIPE;
    else if (S_ISDIR(file->inode->mode))
        error = -EISDIR;
    else if (!S_ISREG(file->inode->mode))
        error = -ENODEV;
    else if (nbytes > FILE_SIZE_LIMIT || start > FILE_SIZE_LIMIT - nbytes)
        error = -EFBIG;
    else
        error = do_fallocate(file->inode, mode, start, start + nbytes);
    file_put(file);
    return error;
}

/* There is no disk: what is written is as safe as it will ever be. */
static long do_sync(int fd)
{
    struct file *file = get_file(fd);
    int error;

    if (file == NULL)
        return -EBADF;
    if (file->mode & FILE_PATH)
        error = -EBADF;
    else
        error = file->ops->fsync != NULL ? file->ops->fsync(file) : -EINVAL;
    file_put(file);
    return error;
}

SYSCALL_DEFINE(fsync, int fd)
{
    return do_sync(fd);
}

SYSCALL_DEFINE(fdatasync, int fd)
{
    return do_sync(fd);
}

SYSCALL_DEFINE(sync, void)
{
    return 0;
}

SYSCALL_DEFINE(syncfs, int fd)
{
    return fdtable_peek(current_process()->files, fd) != NULL ? 0 : -EBADF;
}
