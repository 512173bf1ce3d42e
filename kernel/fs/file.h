/*
 * Open files. What open(2) makes and descriptors refer to: an offset, status
 * flags, and the functions of whatever lies behind.
 *
 * A file is counted; the last file_put releases it. The kernel is not
 * preempted, so a field is never seen half changed; a function that sleeps
 * must expect another thread to have used the same file meanwhile.
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include "lib/list.h"
#include "lib/types.h"
#include "fs/poll.h"
#include "fs/uio.h"

struct dentry;
struct dir_reader;
struct file;
struct inode;
struct lock;
struct mobject;

/* Bits of file.mode. */
#define FILE_READ     0x01u /* may be read */
#define FILE_WRITE    0x02u /* may be written */
#define FILE_SEEKABLE 0x04u /* has an offset; else lseek gives ESPIPE */
#define FILE_PATH     0x10u /* O_PATH: names a place, nothing more */

/*
 * All may be NULL but read and write, which are only called if `mode` allows.
 * Device functions may sleep.
 */
struct file_ops {
    /*
     * The file was made for an inode (device nodes, FIFOs): set up `private`
     * and the mode bits, or fail. file->flags has the O_ flags.
     */
    int (*open)(struct file *file);

    /* The last reference is gone; `private` may be freed. */
    void (*release)(struct file *file);

    /*
     * Move bytes at *pos and forward; *pos is moved along. Streams ignore
     * pos. Return the number of bytes (0: end of file) or -errno; partial
     * results win over errors (uio_result). With O_NONBLOCK in flags or
     * uio->nonblock: -EAGAIN instead of sleeping. An interrupted sleep is
     * -EINTR. A write to a closed pipe returns -EPIPE; the system call layer
     * sends the signal.
     */
    ssize_t (*read)(struct file *file, struct uio *uio, uint64_t *pos);
    ssize_t (*write)(struct file *file, struct uio *uio, uint64_t *pos);

    /* ioctl: >= 0 or -errno, -ENOTTY for an unknown request. */
    long (*ioctl)(struct file *file, uint32_t request, uint32_t arg);

    /*
     * Which POLL* events hold now. Calls poll_wait(set, queue) for each queue
     * to wait on. NULL: always readable and writable.
     */
    unsigned (*poll)(struct file *file, struct poll_set *set);

    /*
     * lseek by another rule than the inode's size; the new offset or -errno.
     * A device without it is a stream: lseek and pread give -ESPIPE.
     */
    int64_t (*seek)(struct file *file, int64_t offset, int whence);

    /*
     * Directories: hand entries from file->pos on to dir_reader_add until it
     * says stop; moves file->pos. 0 or -errno.
     */
    int (*readdir)(struct file *file, struct dir_reader *reader);

    /*
     * Prepare to map pages [first, first + npages): *obj gets a counted
     * reference, or NULL for "map anonymous memory" (/dev/zero). -ENODEV,
     * -ENOMEM. NULL: -ENODEV.
     */
    int (*map)(struct file *file, uint64_t first, size_t npages, bool shared,
               struct mobject **obj);

    int (*fsync)(struct file *file);

    /* The running process closes a descriptor of the file. May be NULL. */
    void (*closed)(struct file *file);
};

struct file {
    uint32_t refs;              /* descriptors, and calls under way */
    uint32_t mode;              /* FILE_* */
    uint32_t flags;             /* O_* status flags, changed by F_SETFL */
    uint64_t pos;               /* the offset */
    bool busy;                  /* a long transfer uses it: turn_take */
    uint64_t dir_end;           /* directory: no entry from here on is read */
    const struct file_ops *ops; /* (c) after open */
    struct inode *inode;        /* (c) counted; never NULL */
    struct dentry *dentry;      /* (c) counted; its name, never NULL */
    struct lock *flock;         /* its lock of the whole file, see lock.c */
    void *private;              /* of ops */
    uint32_t epoch;             /* of ops: a terminal's when it was opened */
    struct list watches;        /* by epoll: see file_watched_gone */
};

/*
 * A file that epoll watches is gone: whatever is in `watches` must leave it.
 * The room of processes defines it.
 */
void file_watched_gone(struct file *file);

/*
 * A file of an inode and a name that exist (references are taken), its mode
 * bits made from the O_ access mode in `flags`. `private` is set, then
 * ops->open is called.
 * -ENOMEM, -ETXTBSY, or what open says.
 */
int file_open_inode(struct inode *inode, struct dentry *dentry, uint32_t flags,
                    const struct file_ops *ops, void *private,
                    struct file **out) must_check;

/*
 * A file that has no place in the tree, such as a pipe's end or a device
 * stream opened by the kernel: makes an inode of type and permissions `mode`
 * (S_IFIFO | 0600), named "NAME:[ino]", that is the running process's.
 * `private` is set before ops->open runs. -ENOMEM.
 */
int file_open_anonymous(const char *name, uint32_t mode, uint32_t flags,
                        const struct file_ops *ops, void *private,
                        struct file **out) must_check;

/*
 * The `open` of files that are made by a call of their own: opening the inode
 * again, through /proc/PID/fd, is -ENXIO.
 */
int file_open_made(struct file *file);

/* References. file_put may sleep (a device's release). */
static inline struct file *file_get(struct file *file)
{
    file->refs++;
    return file;
}
void file_release(struct file *file); /* for file_put */
static inline void file_put(struct file *file)
{
    if (--file->refs == 0)
        file_release(file);
}

/*
 * Read or write with the kernel's memory at `offset`, mode bits and all:
 * the number of bytes, short only at the end of the file, or -errno.
 */
ssize_t file_read_at(struct file *file, void *buf, size_t nbytes,
                     uint64_t offset) must_check;
ssize_t file_write_at(struct file *file, const void *buf, size_t nbytes,
                      uint64_t offset) must_check;

/* Why a file that is open for reading, or writing, cannot be: -errno. */
int file_no_read(const struct file *file);
int file_no_write(const struct file *file);

/* Read or write at the file's own offset; checks the mode. -EBADF, ... */
static inline must_check ssize_t file_read(struct file *file, struct uio *uio)
{
    if (!(file->mode & FILE_READ) || file->ops->read == NULL)
        return file_no_read(file);
    return file->ops->read(file, uio, &file->pos);
}

static inline must_check ssize_t file_write(struct file *file, struct uio *uio)
{
    if (!(file->mode & FILE_WRITE) || file->ops->write == NULL)
        return file_no_write(file);
    return file->ops->write(file, uio, &file->pos);
}

/* The same at another offset, for pread and pwrite. Also -ESPIPE. */
ssize_t file_pread(struct file *file, struct uio *uio, uint64_t pos) must_check;
ssize_t file_pwrite(struct file *file, struct uio *uio,
                    uint64_t pos) must_check;

/* lseek: the new offset, or -EINVAL, -ESPIPE, -EOVERFLOW, -ENXIO. */
int64_t file_seek(struct file *file, int64_t offset, int whence) must_check;

/* Where an lseek leads by POSIX's rules, for a file of `size` bytes. */
int64_t file_seek_target(uint64_t pos, uint64_t size, int64_t offset,
                         int whence) must_check;

/* POLL* events that hold now; joins queues if `set` is not NULL. */
unsigned file_poll(struct file *file, struct poll_set *set);

/*
 * What mmap wants: the object of pages [first, first + npages) of the file,
 * counted, or NULL with success for anonymous memory. All holes in the range
 * are filled first, so that a later touch cannot fail for lack of memory.
 * -EACCES (file not open for reading, or `shared` with `prot_write` and not
 * open for writing), -ENODEV (not mappable), -ENOMEM.
 */
int file_map(struct file *file, uint64_t first, size_t npages, bool shared,
             bool prot_write, struct mobject **obj) must_check;

#endif
