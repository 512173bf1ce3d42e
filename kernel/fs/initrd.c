/*
 * Making the root file system from the initrd, a tar archive that the loader
 * left in memory.
 *
 *      | header | pad | data of bin/sh, page-aligned | header | data | ...
 *                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^          ^^^^
 *                     these frames become the file's         copied
 *
 * Whole pages of aligned data are used where they lie. The last, partial page
 * too, if nothing but zeros follows the data in it; else it is copied, since
 * what is mapped past a file's end must be zero (and a header that lies there
 * is then in no file). Each frame in use gets a reference of its own; at the
 * end the module's references all go, and with them the frames nobody uses.
 *
 * The archive is hostile: the reader (tar.c) checks its form; here names must
 * agree with each other. Directories that are missing are made. A later member
 * replaces an earlier one of the same name, as tar would on a disk, but no
 * name leads through a link and none replaces a directory.
 */
#include <cairn/errno.h>
#include "lib/printf.h"
#include "lib/string.h"
#include "arch/i386/window.h"
#include "lib/units.h"
#include "mm/commit.h"
#include "mm/kmalloc.h"
#include "fs/mount.h"
#include "fs/ramdata.h"
#include "fs/ramfs.h"
#include "fs/tar.h"

struct initrd {
    paddr_t base;
    uint64_t nbytes;
    struct fs *fs;
    struct tar tar;
    struct tar_entry entry;
    char chunk[512];
};

static int read_module(void *context, uint64_t offset, void *buf, size_t nbytes)
{
    struct initrd *rd = context;

    phys_read(buf, rd->base + offset, nbytes);
    return 0;
}

/*
 * The directory that the next part of a path names below `dir`, made if it is
 * missing. Takes over the reference to `dir`; *out is counted.
 */
static int enter_directory(struct dentry *dir, const struct name *part,
                           struct dentry **out)
{
    const struct inode_ops *ops = dir->inode->ops;
    int error = ops->lookup(dir, part, out);

    if (error == -ENOENT)
        error = ops->create(dir, part, S_IFDIR | 0755, 0, 0, 0, NULL, out);
    if (error == 0 && !S_ISDIR((*out)->inode->mode)) {
        dentry_put(*out);
        error = -ENOTDIR;
    }
    dentry_put(dir);
    return error;
}

/*
 * Where a member's path leads: its directory, counted, and its last name,
 * which is empty for the root itself.
 */
static int find_parent(struct initrd *rd, const char *path, struct dentry **dir,
                       struct name *last)
{
    *dir = dentry_get(rd->fs->root);
    for (;;) {
        size_t length = strcspn(path, "/");
        int error;

        if (length > NAME_MAX) {
            dentry_put(*dir);
            return -ENAMETOOLONG;
        }
        *last = name_make(path, length);
        if (path[length] == '\0')
            return 0;
        error = enter_directory(*dir, last, dir);
        if (error < 0)
            return error;
        path += length + 1;
    }
}

/* Copy `nbytes` of the archive into the file's page `index`, zeros behind. */
static int copy_page(struct initrd *rd, struct inode *inode, uint64_t index,
                     uint64_t offset, size_t nbytes)
{
    int error = ramdata_allocate(inode, index, 1);
    paddr_t pa;

    if (error < 0)
        return -ENOMEM;
    pa = (paddr_t)pagemap_get(&inode->pages, index) << PAGE_SHIFT;
    for (size_t done = 0; done < nbytes; done += sizeof(rd->chunk)) {
        size_t part = nbytes - done;

        if (part > sizeof(rd->chunk))
            part = sizeof(rd->chunk);
        phys_read(rd->chunk, rd->base + offset + done, part);
        phys_write(pa + done, rd->chunk, part);
    }
    return 0;
}

/* Whether the archive has only zeros from `offset` to the end of its page. */
static bool zeros_follow(struct initrd *rd, uint64_t offset)
{
    paddr_t pa = rd->base + offset;
    size_t start = (size_t)(pa & PAGE_MASK);
    char *page = window_open(pa - start);
    bool zero = true;

    for (size_t i = start; i < PAGE_SIZE && zero; i++)
        zero = page[i] == 0;
    window_close(page);
    return zero;
}

/* Whether page `index` of the member's data can be used where it lies. */
static bool in_place(struct initrd *rd, uint64_t index)
{
    const struct tar_entry *entry = &rd->entry;
    uint64_t start = index << PAGE_SHIFT;

    if ((rd->base + entry->offset) & PAGE_MASK)
        return false;
    if (entry->size - start >= PAGE_SIZE)
        return true;
    return entry->offset + start + PAGE_SIZE <= rd->nbytes &&
           zeros_follow(rd, entry->offset + entry->size);
}

/* Give the new file its data. */
static int fill_file(struct initrd *rd, struct inode *inode)
{
    const struct tar_entry *entry = &rd->entry;
    uint64_t npages = (entry->size + PAGE_MASK) >> PAGE_SHIFT;
    int error = 0;

    if (entry->size > FILE_SIZE_LIMIT)
        return -EFBIG;
    for (uint64_t i = 0; i < npages && error == 0; i++) {
        uint64_t start = i << PAGE_SHIFT, rest = entry->size - start;
        paddr_t pa = rd->base + entry->offset + start;

        if (!in_place(rd, i)) {
            error = copy_page(rd, inode, i, entry->offset + start,
                              rest < PAGE_SIZE ? (size_t)rest : PAGE_SIZE);
            continue;
        }
        error = ramdata_adopt(inode, i, pa);
        if (error == 0)
            frame_get(pa);
    }
    inode->size = entry->size;
    return error;
}

/* Owner, permissions and time as in the archive. */
static void set_attributes(struct inode *inode, const struct tar_entry *entry)
{
    int64_t seconds = entry->mtime;

    if (seconds > INT64_MAX / NS_PER_S)
        seconds = INT64_MAX / NS_PER_S;
    if (seconds < INT64_MIN / NS_PER_S)
        seconds = INT64_MIN / NS_PER_S;
    inode->mode = (inode->mode & S_IFMT) | entry->mode;
    inode->uid = entry->uid;
    inode->gid = entry->gid;
    inode->mtime_ns = seconds * NS_PER_S;
    inode->atime_ns = inode->mtime_ns;
    inode->ctime_ns = inode->mtime_ns;
}

/* The inode that a hard link's path names: counted. */
static int find_target(struct initrd *rd, struct inode **out)
{
    struct dentry *dir, *found;
    struct name last;
    int error = find_parent(rd, rd->entry.link, &dir, &last);

    if (error < 0)
        return error;
    error =
        last.length > 0 ? dir->inode->ops->lookup(dir, &last, &found) : -EPERM;
    dentry_put(dir);
    if (error < 0)
        return error;
    if (S_ISDIR(found->inode->mode))
        error = -EPERM;
    else
        *out = inode_get(found->inode);
    dentry_put(found);
    return error;
}

static int add_hardlink(struct initrd *rd, struct dentry *dir,
                        const struct name *last)
{
    struct inode *inode;
    int error = find_target(rd, &inode);

    if (error < 0)
        return error;
    error = dir->inode->ops->link(dir, last, inode);
    inode_put(inode);
    return error;
}

static uint32_t type_bits(enum tar_type type)
{
    switch (type) {
    case TAR_SYMLINK:
        return S_IFLNK;
    case TAR_CHAR:
        return S_IFCHR;
    case TAR_BLOCKDEV:
        return S_IFBLK;
    case TAR_DIRECTORY:
        return S_IFDIR;
    case TAR_FIFO:
        return S_IFIFO;
    default:
        return S_IFREG;
    }
}

/* A new name in `dir`. */
static int add_new(struct initrd *rd, struct dentry *dir,
                   const struct name *last)
{
    const struct tar_entry *entry = &rd->entry;
    struct dentry *made;
    int error;

    if (entry->type == TAR_HARDLINK)
        return add_hardlink(rd, dir, last);
    error = dir->inode->ops->create(dir, last, type_bits(entry->type), 0, 0,
                                    inode_makedev(entry->major, entry->minor),
                                    entry->link, &made);
    if (error < 0)
        return error;
    if (entry->type == TAR_REGULAR)
        error = fill_file(rd, made->inode);
    set_attributes(made->inode, entry);
    dentry_put(made);
    return error;
}

/* What becomes of a member whose name is taken, unless it fails. */
enum replaced {
    REPLACED_FREE, /* the name is free */
    REPLACED_DONE, /* what has the name is the member already */
};

/* Make room for a member whose name is taken: REPLACED_*, or -errno. */
static int replace(struct initrd *rd, struct dentry *old)
{
    if (S_ISDIR(old->inode->mode)) {
        if (rd->entry.type != TAR_DIRECTORY)
            return -EISDIR;
        set_attributes(old->inode, &rd->entry);
        return REPLACED_DONE;
    }
    if (rd->entry.type == TAR_HARDLINK &&
        strcmp(rd->entry.name, rd->entry.link) == 0)
        return REPLACED_DONE;
    return old->inode->ops->unlink(old); /* 0 is REPLACED_FREE */
}

static int add_member(struct initrd *rd)
{
    struct dentry *dir, *old;
    struct name last;
    int error = find_parent(rd, rd->entry.name, &dir, &last);

    if (error < 0)
        return error;
    if (last.length == 0) {
        error = replace(rd, dir);
    } else if (dir->inode->ops->lookup(dir, &last, &old) == 0) {
        error = replace(rd, old);
        dentry_put(old);
    }
    if (error == REPLACED_FREE)
        error = add_new(rd, dir, &last);
    dentry_put(dir);
    return error < 0 ? error : 0;
}

static const char *reason(int error)
{
    switch (error) {
    case -ENOMEM:
    case -ENOSPC:
        return "out of memory";
    case -ENOTDIR:
        return "its path leads through something that is no directory";
    case -EISDIR:
        return "a directory of this name is there already";
    case -ENOENT:
        return "the hard link's target is missing";
    case -EPERM:
        return "a hard link to a directory";
    case -ENAMETOOLONG:
        return "the name is too long";
    case -EMLINK:
        return "too many links";
    default:
        return "cannot be stored";
    }
}

/* What a module that is no archive is instead, or NULL. */
static const char *packed_with(struct initrd *rd)
{
    static const struct {
        const char *name;
        uint8_t length, magic[6];
    } kinds[] = {
        {"gzip", 2, {0x1F, 0x8B}},
        {"xz", 6, {0xFD, '7', 'z', 'X', 'Z', 0}},
        {"zstd", 4, {0x28, 0xB5, 0x2F, 0xFD}},
        {"bzip2", 3, {'B', 'Z', 'h'}},
        {"lz4", 4, {0x04, 0x22, 0x4D, 0x18}},
        {"cpio", 6, {'0', '7', '0', '7', '0', '1'}},
    };
    uint8_t start[6];

    if (rd->nbytes < sizeof(start) ||
        read_module(rd, 0, start, sizeof(start)) != 0)
        return NULL;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (memcmp(start, kinds[i].magic, kinds[i].length) == 0)
            return kinds[i].name;
    return NULL;
}

/* Say why the archive cannot be read on. */
static void explain(struct initrd *rd, char *text, size_t size)
{
    const char *packed = rd->tar.position == 0 ? packed_with(rd) : NULL;

    if (packed != NULL)
        ksnprintf(text, size,
                  "initrd: it is packed with %s; give a plain ustar archive, "
                  "or let the loader unpack it",
                  packed);
    else
        ksnprintf(text, size, "initrd: byte %llu: %s",
                  (unsigned long long)rd->tar.position,
                  tar_error_string(rd->tar.error));
}

/* Add all members; on failure the reason is in `text`. */
static int add_all(struct initrd *rd, char *text, size_t size)
{
    int error;

    tar_init(&rd->tar, read_module, rd, rd->nbytes);
    while ((error = tar_next(&rd->tar, &rd->entry)) > 0) {
        error = add_member(rd);
        if (error < 0) {
            ksnprintf(text, size, "initrd: %.80s: %s (error %d)",
                      rd->entry.name, reason(error), -error);
            return error == -ENOSPC ? -ENOMEM : error;
        }
    }
    if (error < 0)
        explain(rd, text, size);
    return error;
}

/* Drop the module's own reference to each of its frames. */
static void drop_module(paddr_t base, uint64_t nbytes)
{
    for (uint64_t done = 0; done < nbytes; done += PAGE_SIZE)
        commit_put_file(base + done);
}

static int build_root(struct initrd *rd, char *text, size_t size)
{
    int error = ramfs_create("ramfs", &rd->fs);

    if (error < 0) {
        ksnprintf(text, size, "initrd: out of memory for the root");
        return error;
    }
    if (rd->nbytes > 0)
        error = add_all(rd, text, size);
    if (error < 0)
        ramfs_destroy(rd->fs);
    else
        mount_set_root(rd->fs);
    return error;
}

int ramfs_mount_initrd(paddr_t base, uint64_t nbytes, char *error_text,
                       size_t error_size)
{
    struct initrd *rd = kzalloc(sizeof(*rd));
    int error = -ENOMEM;

    commit_adopt((size_t)((nbytes + PAGE_MASK) >> PAGE_SHIFT));
    if (rd == NULL) {
        ksnprintf(error_text, error_size, "initrd: out of memory");
    } else {
        rd->base = base;
        rd->nbytes = nbytes;
        error = build_root(rd, error_text, error_size);
    }
    drop_module(base, nbytes);
    kfree(rd);
    return error;
}
