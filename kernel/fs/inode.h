/*
 * Inodes and names.
 *
 *      struct fs       one mounted file system (the root, /dev, /proc)
 *      struct inode    one file: what stat shows, and its pages
 *      struct dentry   one name in a directory: a place in the tree
 *
 * A place in the tree is a dentry, so a file that is renamed while open knows
 * its new path, and "..", getcwd and /proc/PID/fd need no search. A file with
 * three hard links has three dentries and one inode. A dentry holds its inode
 * and its parent; the directory's tree of names holds the dentry, until the
 * name is unlinked; then the dentry lives on while somebody refers to it.
 *
 * An inode is counted by its memory object: whoever maps the file holds the
 * same count as whoever has it open.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include <cairn/fcntl.h>
#include <cairn/limits.h>
#include <cairn/stat.h>
#include "lib/list.h"
#include "lib/tree.h"
#include "lib/types.h"
#include "mm/object.h"
#include "fs/creds.h"
#include "fs/pagemap.h"

struct dentry;
struct file_ops;
struct fs;
struct inode;
struct locks;
struct pipe;

#undef NAME_MAX
#define NAME_MAX __CAIRN_NAME_MAX

/* No file is larger: 2^44 bytes. */
#define FILE_SIZE_LIMIT (PAGEMAP_LIMIT << PAGE_SHIFT)

/* A name in a path: not terminated by NUL, 1 to NAME_MAX bytes. */
struct name {
    const char *bytes;
    uint32_t length;
    uint32_t hash;
};

/* New values of chmod, chown, utimensat: those in `valid`. */
#define ATTR_MODE  0x01u
#define ATTR_UID   0x02u
#define ATTR_GID   0x04u
#define ATTR_ATIME 0x08u
#define ATTR_MTIME 0x10u

struct inode_attr {
    unsigned valid;
    uint32_t mode, uid, gid;
    int64_t atime_ns, mtime_ns;
};

/*
 * What a file system does with its inodes. Permissions and types have been
 * checked by the caller. NULL means -EPERM for changes.
 */
struct inode_ops {
    /* Find a name: *out gets a counted dentry. -ENOENT, -ENOMEM. */
    int (*lookup)(struct dentry *dir, const struct name *name,
                  struct dentry **out);

    /*
     * Make a file of type and permissions `mode` with that name; `target` is
     * a symbolic link's text, `rdev` a device's number. Without a name the
     * file is in no directory (O_TMPFILE). *out gets a counted dentry.
     * -EEXIST, -ENOSPC, -ENOMEM, -EROFS.
     */
    int (*create)(struct dentry *dir, const struct name *name, uint32_t mode,
                  uint32_t uid, uint32_t gid, uint32_t rdev, const char *target,
                  struct dentry **out);

    /* Another name for an inode that is no directory. */
    int (*link)(struct dentry *dir, const struct name *name,
                struct inode *inode);

    /* Take a name away; a directory must be empty (-ENOTEMPTY). */
    int (*unlink)(struct dentry *victim);

    /*
     * Move `from` to `dir`/`name`, over `victim` if that is not NULL; with
     * `exchange` swap the two.
     */
    int (*rename)(struct dentry *from, struct dentry *dir,
                  const struct name *name, struct dentry *victim,
                  bool exchange);

    /*
     * Where a symbolic link points: text valid while the inode is held.
     * -ENOENT if it points nowhere, -EACCES if the caller may not know.
     */
    int (*readlink)(struct inode *inode, const char **text);

    /* Links that lead to a place, not to a text (/proc/self/exe). */
    int (*follow)(struct inode *inode, struct dentry **out);

    /* Change the size of a regular file. -ENOSPC, -EFBIG. */
    int (*truncate)(struct inode *inode, uint64_t size);

    /*
     * Fill the holes of pages [first, first + npages), so that they need no
     * more memory: 0, or -ENOSPC with nothing visible changed.
     */
    int (*allocate)(struct inode *inode, uint64_t first, uint64_t npages);

    /* Make bytes [start, end) zero and give their whole pages back. */
    void (*punch)(struct inode *inode, uint64_t start, uint64_t end);
};

/* The names of a directory, in two orders. */
struct names {
    struct tree by_name;   /* of dentry.by_name */
    struct tree by_cookie; /* of dentry.by_cookie */
    uint32_t count;
};

struct inode {
    struct mobject mobject;      /* counts all references; its pages */
    const struct inode_ops *ops; /* (c) */
    const struct file_ops *fops; /* of files opened; NULL: by type */
    struct fs *fs;               /* (c) */
    uint64_t ino;                /* (c) */
    uint32_t mode;               /* type and permissions, as st_mode */
    uint32_t uid, gid;
    uint32_t nlink;
    bool may_link;   /* made without a name (O_TMPFILE), and may get one */
    uint32_t rdev;   /* (c) device: inode_makedev */
    uint64_t size;   /* bytes */
    uint64_t npages; /* frames held */
    int64_t atime_ns, mtime_ns, ctime_ns; /* since 1970 */
    int64_t btime_ns;
    bool busy;            /* long work on its data goes on: turn_take */
    int32_t writers;      /* > 0: inode_count_writer; < 0: executed */
    struct pipe *pipe;    /* FIFO that is open, else NULL */
    struct dentry *alias; /* one of its names, not counted; may be NULL */
    struct locks *locks;  /* flock and fcntl locks, or NULL; see lock.c */
    void *private; /* of the file system; each file of it starts with this */

    /* What the file system in memory keeps, by type. */
    union {
        struct pagemap pages; /* regular file */
        struct names names;   /* directory */
        char *target;         /* symbolic link */
    };
};

#define DENTRY_SHORT 32 /* names below this need no room of their own */

struct dentry {
    uint32_t refs;
    struct inode *inode;        /* (c) counted */
    struct dentry *parent;      /* counted; NULL: root of a file system */
    struct dentry *mounted;     /* root of what is mounted here, counted */
    struct dentry *covered;     /* root of a mounted fs: where it is mounted */
    struct tree_node by_name;   /* in the parent's tree of names */
    struct tree_node by_cookie; /* in the parent's tree of positions */
    uint64_t cookie;            /* position for readdir, of one name at most */
    bool linked;                /* is in the parent's trees */
    bool transient; /* made for one lookup: is in no tree, yet not removed */
    bool dead;      /* a removed directory: nothing may be made in it */
    char *name;     /* ends with NUL; points to `shortname` or memory */
    uint32_t length;
    uint32_t hash;
    char shortname[DENTRY_SHORT];
};

struct fs_statistics {
    uint32_t type;                       /* f_type */
    uint64_t nblocks, nfree, navailable; /* the last: that files may take */
    uint64_t nfiles, nfiles_free;
};

struct fs {
    const char *name; /* (c) as /proc/mounts shows it: "ramfs" */
    uint32_t dev;     /* (c) st_dev */
    bool readonly;    /* changes give -EROFS */
    bool nodev, nosuid, noexec;
    uint64_t next_ino;
    uint64_t ninodes;    /* that exist */
    uint64_t npages;     /* frames that its files hold */
    uint64_t nwriters;   /* sum of its inodes' writers */
    uint64_t nunlinked;  /* files without a name that are still in use */
    uint64_t cookie;     /* the next position for a new name */
    struct dentry *root; /* counted */
    struct list link;    /* in the list of mounts, see mount.h */
    void (*statfs)(struct fs *fs, struct fs_statistics *out);
    bool (*full)(struct fs *fs);    /* is there no room for one more name */
    bool (*busy)(struct fs *fs);    /* is a file or place of it in use */
    void (*destroy)(struct fs *fs); /* NULL: cannot be unmounted */
    void *private;
};

static inline struct inode *inode_of(struct mobject *obj)
{
    return container_of(obj, struct inode, mobject);
}

static inline struct inode *inode_get(struct inode *inode)
{
    mobject_get(&inode->mobject);
    return inode;
}

static inline void inode_put(struct inode *inode)
{
    mobject_put(&inode->mobject);
}

/* A zeroed inode of `fs`, one reference, a fresh number, all times now. */
int inode_create(struct fs *fs, uint32_t mode, const struct inode_ops *ops,
                 const struct mobject_ops *mops, struct inode **out) must_check;

/*
 * The time for an inode's fields, in steps of the clock's tick: reading the
 * clock itself costs more than a short write.
 */
int64_t inode_now(void);

/* To be called as the mobject's release, after what is private was freed. */
void inode_free(struct inode *inode);

/*
 * May `creds` do `want` (R_OK, W_OK, X_OK bits) with the file: 0, -EACCES, or
 * -EROFS for writing to a read-only file system's files.
 */
int inode_permission(const struct inode *inode, const struct creds *creds,
                     unsigned want) must_check;

/* The group of a new file: the caller's, or a set-group-id directory's. */
uint32_t inode_new_gid(const struct inode *dir, const struct creds *creds);

/*
 * The type and permissions of a new file, `mode` being what was asked for: a
 * set-group-id program must not get the group of a set-group-id directory
 * from a caller who is not in it.
 */
uint32_t inode_new_mode(const struct inode *dir, const struct creds *creds,
                        uint32_t mode);

/* Is the caller root or the file's owner. */
bool inode_is_owner(const struct inode *inode, const struct creds *creds);

/*
 * The file is another's from now on, or has other contents: the set-user-id
 * bit goes, and the set-group-id bit unless it has no meaning (without execute
 * permission for the group) and the caller could set it. Not of directories.
 */
void inode_drop_setid(struct inode *inode, const struct creds *creds);

/*
 * The contents of a file change, on behalf of the running process: to be
 * called by each way that leads to that. The times are now; set-id bits go
 * unless the process is privileged, whoever opened the file.
 */
void inode_modified(struct inode *inode);

/* May the caller set the set-group-id bit on a file of group `gid`. */
bool inode_may_setgid(const struct creds *creds, uint32_t gid);

/*
 * One open file or mapping more (`by` is 1), or less (-1), through which a
 * regular file may be written. The caller has made sure that it is not being
 * executed: a mapping needs an open file, which is refused then.
 */
void inode_count_writer(struct inode *inode, int by);

/*
 * Change the size of a regular file by its name: it counts as a writer as long
 * as that lasts, since it may sleep. -ETXTBSY, -EPERM, and those of truncate.
 */
int inode_truncate(struct inode *inode, uint64_t size) must_check;

/*
 * A program is being executed from the file (exec): nobody may open it for
 * writing until the matching allow. -ETXTBSY if it has writers.
 */
int inode_deny_write(struct inode *inode) must_check;
void inode_allow_write(struct inode *inode);

/* Call `visit` for every inode there is, or every dentry. For checks. */
void inode_each(void (*visit)(struct inode *inode, void *ctx), void *ctx);
void dentry_each(void (*visit)(struct dentry *dentry, void *ctx), void *ctx);

/* Fill what stat shows. */
void inode_stat64(const struct inode *inode, struct __cairn_stat64 *st);
void inode_statx(const struct inode *inode, struct __cairn_statx *stx);

/* Device numbers as st_rdev has them. */
static inline uint32_t inode_makedev(uint32_t major, uint32_t minor)
{
    return (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}
static inline uint32_t inode_major(uint32_t dev)
{
    return dev >> 8 & 0xfff;
}
static inline uint32_t inode_minor(uint32_t dev)
{
    return (dev & 0xff) | (dev >> 12 & 0xfff00);
}

/* The hash of a name, byte by byte (FNV-1a). */
#define NAME_HASH_START 2166136261u
static inline uint32_t name_hash_add(uint32_t hash, char byte)
{
    return (hash ^ (uint8_t)byte) * 16777619u;
}

/* Names: hash and length of `n` bytes. */
struct name name_make(const char *bytes, size_t n);

/*
 * A dentry for an inode (a reference to both is taken), not yet in a tree.
 * `parent` may be NULL. -ENOMEM.
 */
int dentry_create(struct dentry *parent, const struct name *name,
                  struct inode *inode, struct dentry **out) must_check;

static inline struct dentry *dentry_get(struct dentry *dentry)
{
    dentry->refs++;
    return dentry;
}
void dentry_put(struct dentry *dentry);

/*
 * Room for a name, NULL if it needs none: 0 or -ENOMEM. It is for
 * dentry_use_name, which gives an unlinked dentry another name.
 */
int dentry_reserve_name(const struct name *name, char **room) must_check;
void dentry_use_name(struct dentry *dentry, const struct name *name,
                     char *room);

/* Both at once: 0 or -ENOMEM, nothing changed. */
int dentry_set_name(struct dentry *dentry, const struct name *name) must_check;

/* Swap the names of two unlinked dentries. */
void dentry_swap_names(struct dentry *a, struct dentry *b);

/*
 * Write the absolute path of a place as seen from `root` to the end of `buf`:
 * returns where it starts, NULL if it does not fit. A removed name gets
 * " (deleted)", a pipe is "pipe:[7]".
 */
char *dentry_path(struct dentry *dentry, struct dentry *root, char *buf,
                  size_t size);

/* Entries for getdents. */
struct dir_reader {
    /* false: stop, the entry does not fit. */
    bool (*add)(struct dir_reader *reader, const char *name, uint32_t length,
                uint64_t ino, unsigned type, uint64_t next_pos);
};

static inline bool dir_reader_add(struct dir_reader *reader, const char *name,
                                  uint32_t length, uint64_t ino, unsigned type,
                                  uint64_t next_pos)
{
    return reader->add(reader, name, length, ino, type, next_pos);
}

/*
 * Work that lets others run in its midst takes turns: wait until nobody has
 * the flag, and have it: 0, or -EINTR if the process is to be killed; give it
 * back. The caller holds what the flag lies in.
 */
int turn_take(bool *busy) must_check;
void turn_give(bool *busy);

#endif
