/*
 * Open files: making, using and releasing them.
 *
 * Files without a place in the tree (pipes, streams that the kernel opens)
 * have an inode of an own small file system that is mounted nowhere, so that
 * everything that works on files works on them.
 */
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "mm/object.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/lock.h"
#include "fs/mount.h"

static struct slab_cache file_cache =
    SLAB_CACHE("file", sizeof(struct file), sizeof(void *));

/* The mode bits that follow from the type of file and the flags. */
static uint32_t mode_of(const struct inode *inode, uint32_t flags,
                        const struct file_ops *ops)
{
    static const uint32_t access[] = {FILE_READ, FILE_WRITE,
                                      FILE_READ | FILE_WRITE, 0};

    if (flags & O_PATH)
        return FILE_PATH;
    if (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || ops->seek != NULL)
        return access[flags & O_ACCMODE] | FILE_SEEKABLE;
    return access[flags & O_ACCMODE];
}

/* Give back what a file holds; it was never opened or is released. */
static void file_free(struct file *file)
{
    if ((file->mode & FILE_WRITE) && S_ISREG(file->inode->mode))
        inode_count_writer(file->inode, -1);
    dentry_put(file->dentry);
    inode_put(file->inode);
    slab_free(&file_cache, file);
}

int file_open_inode(struct inode *inode, struct dentry *dentry, uint32_t flags,
                    const struct file_ops *ops, void *private,
                    struct file **out)
{
    struct file *file;
    uint32_t mode = mode_of(inode, flags, ops);
    bool writer = (mode & FILE_WRITE) && S_ISREG(inode->mode);
    int error;

    if (writer && inode->writers < 0)
        return -ETXTBSY;
    file = slab_zalloc(&file_cache);
    if (file == NULL)
        return -ENOMEM;
    file->refs = 1;
    file->mode = mode;
    file->flags = flags & ~(uint32_t)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
    file->ops = ops;
    file->private = private;
    list_init(&file->watches);
    file->inode = inode_get(inode);
    file->dentry = dentry_get(dentry);
    if (writer)
        inode_count_writer(inode, 1);
    if (ops->open != NULL && !(mode & FILE_PATH)) {
        error = ops->open(file);
        if (error < 0) {
            file_free(file);
            return error;
        }
    }
    file->flags &= ~(uint32_t)O_NOCTTY; /* only `open` wants to know */
    *out = file;
    return 0;
}

static void anonymous_release(struct mobject *obj)
{
    inode_free(inode_of(obj));
}

static const struct mobject_ops anonymous_mops = {.release = anonymous_release};
static const struct inode_ops anonymous_ops;
static struct fs anonymous_fs = {.name = "anonfs"};

int file_open_anonymous(const char *name, uint32_t mode, uint32_t flags,
                        const struct file_ops *ops, void *private,
                        struct file **out)
{
    struct name text = name_make(name, strlen(name));
    struct dentry *dentry;
    struct inode *inode;
    int error;

    if (anonymous_fs.dev == 0)
        mount_number_fs(&anonymous_fs);
    error = inode_create(&anonymous_fs, mode, &anonymous_ops, &anonymous_mops,
                         &inode);
    if (error < 0)
        return error;
    inode->fops = ops;
    inode->uid = creds_current()->fsuid;
    inode->gid = creds_current()->fsgid;
    error = dentry_create(NULL, &text, inode, &dentry);
    if (error == 0) {
        error = file_open_inode(inode, dentry, flags, ops, private, out);
        dentry_put(dentry);
    }
    inode_put(inode);
    return error;
}

int file_open_made(struct file *file)
{
    return file->private != NULL ? 0 : -ENXIO;
}

void file_release(struct file *file)
{
    if (!list_is_empty(&file->watches))
        file_watched_gone(file);
    if (file->inode->locks != NULL)
        lock_drop_file(file);
    if (file->ops->release != NULL && !(file->mode & FILE_PATH))
        file->ops->release(file);
    file_free(file);
}

int file_no_read(const struct file *file)
{
    if (!(file->mode & FILE_READ))
        return -EBADF;
    return S_ISDIR(file->inode->mode) ? -EISDIR : -EINVAL;
}

int file_no_write(const struct file *file)
{
    return file->mode & FILE_WRITE ? -EINVAL : -EBADF;
}

ssize_t file_pread(struct file *file, struct uio *uio, uint64_t pos)
{
    if (file->mode & FILE_PATH)
        return -EBADF;
    if (!(file->mode & FILE_SEEKABLE))
        return -ESPIPE;
    if (!(file->mode & FILE_READ) || file->ops->read == NULL)
        return file_no_read(file);
    return file->ops->read(file, uio, &pos);
}

ssize_t file_pwrite(struct file *file, struct uio *uio, uint64_t pos)
{
    if (file->mode & FILE_PATH)
        return -EBADF;
    if (!(file->mode & FILE_SEEKABLE))
        return -ESPIPE;
    if (!(file->mode & FILE_WRITE) || file->ops->write == NULL)
        return file_no_write(file);
    return file->ops->write(file, uio, &pos);
}

ssize_t file_read_at(struct file *file, void *buf, size_t nbytes,
                     uint64_t offset)
{
    struct uio uio;

    uio_init_kernel(&uio, buf, nbytes);
    return file_pread(file, &uio, offset);
}

ssize_t file_write_at(struct file *file, const void *buf, size_t nbytes,
                      uint64_t offset)
{
    struct uio uio;

    uio_init_kernel(&uio, (void *)(uintptr_t)buf, nbytes);
    return file_pwrite(file, &uio, offset);
}

int64_t file_seek_target(uint64_t pos, uint64_t size, int64_t offset,
                         int whence)
{
    int64_t base, target;

    switch (whence) {
    case SEEK_SET:
        base = 0;
        break;
    case SEEK_CUR:
        base = (int64_t)pos;
        break;
    case SEEK_END:
        base = (int64_t)size;
        break;
    default:
        return -EINVAL;
    }
    if (__builtin_add_overflow(base, offset, &target))
        return -EOVERFLOW;
    return target < 0 ? -EINVAL : target;
}

int64_t file_seek(struct file *file, int64_t offset, int whence)
{
    int64_t target;

    if (!(file->mode & FILE_SEEKABLE))
        return file->mode & FILE_PATH ? -EBADF : -ESPIPE;
    if (file->ops->seek != NULL)
        return file->ops->seek(file, offset, whence);
    target = file_seek_target(file->pos, file->inode->size, offset, whence);
    if (target >= 0)
        file->pos = (uint64_t)target;
    return target;
}

unsigned file_poll(struct file *file, struct poll_set *set)
{
    if (file->ops->poll == NULL)
        return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
    return file->ops->poll(file, set);
}

int file_map(struct file *file, uint64_t first, size_t npages, bool shared,
             bool prot_write, struct mobject **obj)
{
    if (file->mode & FILE_PATH)
        return -EBADF;
    if (!(file->mode & FILE_READ))
        return -EACCES;
    if (shared && prot_write && !(file->mode & FILE_WRITE))
        return -EACCES;
    if (file->ops->map == NULL)
        return -ENODEV;
    return file->ops->map(file, first, npages, shared, obj);
}
