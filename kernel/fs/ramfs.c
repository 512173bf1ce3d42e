/*
 * The file system in memory: its directories and links. What regular files
 * hold is in ramdata.c.
 *
 * There is no other copy of a directory than its dentries: a directory's
 * inode has them in two trees, by name for lookup, and by cookie for readdir. A
 * reader that stands at cookie n goes on with the first one above n, whatever
 * came or went meanwhile.
 *
 * A new name gets a cookie above all others, and a reader stops at the one that
 * was next when it began: so it comes to an end while names are added, and
 * tells of none twice. A name that stays keeps its cookie, and is told once:
 * rename to a new name in the same directory takes the cookie along, and
 * rename over a name, or an exchange, leaves each name its cookie.
 *
 *      inode "etc"                         by_name        by_cookie
 *        names ------------------------->  hosts (9)      passwd (7)
 *                                          passwd (7)     hosts (9)
 *
 * Links are counted as in Unix: a directory has its own name, "." and one
 * ".." per directory in it.
 *
 * No function here sleeps, so each change is whole: what may fail comes first.
 */
#include <cairn/errno.h>
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/kmalloc.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/ramdata.h"
#include "fs/ramfs.h"

#define TMPFS_MAGIC 0x01021994u

/* Positions of "." and ".." come first; names start above them. */
#define COOKIE_DOT_DOT 1
#define COOKIE_FIRST   2

#define LINK_LIMIT 65000u

/* What stat calls a directory's size: so much for each entry. */
#define DIRENT_SIZE 20u

static const struct inode_ops ramfs_ops;
static const struct mobject_ops ramfs_mops;
static const struct file_ops ramfs_dir_ops;

static int compare_names(const struct tree_node *a, const struct tree_node *b)
{
    const struct dentry *x = container_of(a, struct dentry, by_name);
    const struct dentry *y = container_of(b, struct dentry, by_name);

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return memcmp(x->name, y->name, x->length);
}

static int compare_cookies(const struct tree_node *a, const struct tree_node *b)
{
    const struct dentry *x = container_of(a, struct dentry, by_cookie);
    const struct dentry *y = container_of(b, struct dentry, by_cookie);

    return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static const struct tree_ops name_tree = {.compare = compare_names};
static const struct tree_ops cookie_tree = {.compare = compare_cookies};

/* How a name sorts against a dentry, as compare_names. */
static int compare_name(const struct name *name, const struct dentry *dentry)
{
    if (name->hash != dentry->hash)
        return name->hash < dentry->hash ? -1 : 1;
    if (name->length != dentry->length)
        return name->length < dentry->length ? -1 : 1;
    return memcmp(name->bytes, dentry->name, name->length);
}

/* The dentry of a name, not counted, or NULL. */
static struct dentry *find_name(struct inode *dir, const struct name *name)
{
    struct tree_node *node = dir->names.by_name.root;

    while (node != NULL) {
        struct dentry *dentry = container_of(node, struct dentry, by_name);
        int order = compare_name(name, dentry);

        if (order == 0)
            return dentry;
        node = order < 0 ? node->left : node->right;
    }
    return NULL;
}

/* The first dentry at or above a cookie, not counted, or NULL. */
static struct dentry *find_cookie(struct inode *dir, uint64_t cookie)
{
    struct tree_node *node = dir->names.by_cookie.root;
    struct dentry *best = NULL;

    while (node != NULL) {
        struct dentry *dentry = container_of(node, struct dentry, by_cookie);

        if (dentry->cookie >= cookie)
            best = dentry;
        node = dentry->cookie >= cookie ? node->left : node->right;
    }
    return best;
}

static void touch(struct inode *inode)
{
    inode->ctime_ns = inode_now();
}

static void touch_dir(struct inode *dir)
{
    touch(dir);
    dir->mtime_ns = dir->ctime_ns;
}

/*
 * Put a dentry, whose name is set, into its parent's trees, where no name has
 * this cookie.
 */
static void attach_at(struct dentry *dentry, uint64_t cookie)
{
    struct inode *dir = dentry->parent->inode;
    struct tree_node *twin;

    dentry->cookie = cookie;
    twin = tree_insert(&dir->names.by_name, &dentry->by_name);
    assert(twin == NULL);
    twin = tree_insert(&dir->names.by_cookie, &dentry->by_cookie);
    assert(twin == NULL);
    dentry->linked = true;
    dentry_get(dentry);
    dir->names.count++;
    dir->size += DIRENT_SIZE;
    if (S_ISDIR(dentry->inode->mode))
        dir->nlink++;
    touch_dir(dir);
}

/* The same as the last name of all. */
static void attach(struct dentry *dentry)
{
    attach_at(dentry, dentry->parent->inode->fs->cookie++);
}

/* Take it out again; the trees' reference passes to the caller. */
static void detach(struct dentry *dentry)
{
    struct inode *dir = dentry->parent->inode;

    tree_remove(&dir->names.by_name, &dentry->by_name);
    tree_remove(&dir->names.by_cookie, &dentry->by_cookie);
    dentry->linked = false;
    dir->names.count--;
    dir->size -= DIRENT_SIZE;
    if (S_ISDIR(dentry->inode->mode))
        dir->nlink--;
    touch_dir(dir);
}

static int ramfs_lookup(struct dentry *dir, const struct name *name,
                        struct dentry **out)
{
    struct dentry *found = find_name(dir->inode, name);

    if (found == NULL)
        return -ENOENT;
    *out = dentry_get(found);
    return 0;
}

/* Set up what an inode of this type keeps. */
static int fill_inode(struct inode *inode, const char *target)
{
    switch (inode->mode & S_IFMT) {
    case S_IFDIR:
        tree_init(&inode->names.by_name, &name_tree);
        tree_init(&inode->names.by_cookie, &cookie_tree);
        inode->fops = &ramfs_dir_ops;
        inode->nlink = 2;
        inode->size = 2 * DIRENT_SIZE;
        return 0;
    case S_IFREG:
        pagemap_init(&inode->pages);
        inode->fops = &ramdata_file_ops;
        return 0;
    case S_IFLNK:
        inode->size = strlen(target);
        inode->target = kmalloc((size_t)inode->size + 1);
        if (inode->target == NULL)
            return -ENOSPC;
        memcpy(inode->target, target, (size_t)inode->size + 1);
        return 0;
    default:
        return 0;
    }
}

static int make_inode(struct fs *fs, uint32_t mode, const char *target,
                      struct inode **out)
{
    int error = inode_create(fs, mode, &ramfs_ops, &ramfs_mops, out);

    if (error < 0)
        return -ENOSPC;
    error = fill_inode(*out, target);
    if (error < 0)
        inode_put(*out);
    return error;
}

/* A file that is in no directory, called after its number. */
static int make_nameless(struct dentry *dir, struct inode *inode,
                         struct dentry **out)
{
    struct name name = name_make("#tmpfile", 8);
    int error = dentry_create(dir, &name, inode, out);

    if (error < 0)
        return -ENOSPC;
    inode->nlink = 0;
    inode->may_link = true;
    inode->fs->nunlinked++;
    return 0;
}

static int ramfs_create_file(struct dentry *dir, const struct name *name,
                             uint32_t mode, uint32_t uid, uint32_t gid,
                             uint32_t rdev, const char *target,
                             struct dentry **out)
{
    struct inode *inode;
    int error;

    if (dir->inode->fs->readonly)
        return -EROFS;
    if (name != NULL && find_name(dir->inode, name) != NULL)
        return -EEXIST;
    if (S_ISDIR(mode) && dir->inode->nlink >= LINK_LIMIT)
        return -EMLINK;
    error = make_inode(dir->inode->fs, mode, target, &inode);
    if (error < 0)
        return error;
    inode->uid = uid;
    inode->gid = gid;
    inode->rdev = rdev;
    if (S_ISDIR(mode) && (dir->inode->mode & S_ISGID))
        inode->mode |= S_ISGID;
    if (name == NULL) {
        error = make_nameless(dir, inode, out);
    } else {
        error = dentry_create(dir, name, inode, out) < 0 ? -ENOSPC : 0;
        if (error == 0)
            attach(*out);
    }
    inode_put(inode);
    return error;
}

static int ramfs_link(struct dentry *dir, const struct name *name,
                      struct inode *inode)
{
    struct dentry *dentry;

    if (dir->inode->fs->readonly)
        return -EROFS;
    if (inode->nlink >= LINK_LIMIT)
        return -EMLINK;
    if (dentry_create(dir, name, inode, &dentry) < 0)
        return -ENOSPC;
    attach(dentry);
    inode->fs->nunlinked -= inode->nlink == 0;
    inode->nlink++;
    inode->may_link = false; /* once: what is then unlinked stays so */
    touch(inode);
    dentry_put(dentry);
    return 0;
}

/* A name goes for good. `victim` is attached. */
static void remove_name(struct dentry *victim)
{
    struct inode *inode = victim->inode;

    detach(victim);
    inode->nlink--;
    if (S_ISDIR(inode->mode)) {
        inode->nlink = 0;
        victim->dead = true;
    }
    inode->fs->nunlinked += inode->nlink == 0;
    touch(inode);
    dentry_put(victim);
}

static int ramfs_unlink(struct dentry *victim)
{
    if (victim->inode->fs->readonly)
        return -EROFS;
    if (S_ISDIR(victim->inode->mode) && victim->inode->names.count > 0)
        return -ENOTEMPTY;
    remove_name(victim);
    return 0;
}

/* Give an unattached dentry a place in another directory. */
static void move_under(struct dentry *dentry, struct dentry *dir,
                       uint64_t cookie)
{
    struct dentry *old = dentry->parent;

    dentry->parent = dentry_get(dir);
    attach_at(dentry, cookie);
    dentry_put(dentry); /* the reference that detach passed to us */
    dentry_put(old);
    touch(dentry->inode);
}

/* Swap the places of two names; their texts are swapped with them. */
static void exchange(struct dentry *a, struct dentry *b)
{
    struct dentry *dir_a = dentry_get(a->parent);
    struct dentry *dir_b = dentry_get(b->parent);
    uint64_t cookie_a = a->cookie;

    detach(a);
    detach(b);
    dentry_swap_names(a, b);
    move_under(a, dir_b, b->cookie);
    move_under(b, dir_a, cookie_a);
    dentry_put(dir_a);
    dentry_put(dir_b);
}

/* The cookie for `from` when it comes to `dir`, over `victim` if not NULL. */
static uint64_t cookie_after(const struct dentry *from,
                             const struct dentry *dir,
                             const struct dentry *victim)
{
    if (victim != NULL)
        return victim->cookie;
    return from->parent == dir ? from->cookie : dir->inode->fs->cookie++;
}

static int ramfs_rename(struct dentry *from, struct dentry *dir,
                        const struct name *name, struct dentry *victim,
                        bool swap)
{
    uint64_t cookie;
    char *room;
    int error;

    if (dir->inode->fs->readonly)
        return -EROFS;
    if (swap) {
        exchange(from, victim);
        return 0;
    }
    if (victim != NULL && S_ISDIR(victim->inode->mode) &&
        victim->inode->names.count > 0)
        return -ENOTEMPTY;
    error = dentry_reserve_name(name, &room);
    if (error != 0)
        return error;
    cookie = cookie_after(from, dir, victim);
    detach(from);
    dentry_use_name(from, name, room);
    if (victim != NULL)
        remove_name(victim);
    move_under(from, dir, cookie);
    return 0;
}

static int ramfs_readlink(struct inode *inode, const char **text)
{
    *text = inode->target;
    return 0;
}

static const struct inode_ops ramfs_ops = {
    .lookup = ramfs_lookup,
    .create = ramfs_create_file,
    .link = ramfs_link,
    .unlink = ramfs_unlink,
    .rename = ramfs_rename,
    .readlink = ramfs_readlink,
    .truncate = ramdata_truncate,
    .allocate = ramdata_allocate,
    .punch = ramdata_punch,
};

static void ramfs_release(struct mobject *obj)
{
    struct inode *inode = inode_of(obj);

    if (S_ISREG(inode->mode))
        ramdata_free(inode);
    else if (S_ISLNK(inode->mode))
        kfree(inode->target);
    inode->fs->nunlinked -= inode->nlink == 0;
    inode_free(inode);
}

void ramfs_claim(const struct inode *inode)
{
    if (inode->mobject.ops != &ramfs_mops)
        return;
    if (S_ISREG(inode->mode))
        pagemap_claim(&inode->pages);
    else if (S_ISLNK(inode->mode))
        kmalloc_claim(inode->target);
}

static void ramfs_count_writer(struct mobject *obj, int by)
{
    inode_count_writer(inode_of(obj), by);
}

static void ramfs_written(struct mobject *obj)
{
    inode_modified(inode_of(obj));
}

static const struct mobject_ops ramfs_mops = {
    .page = ramdata_page,
    .written = ramfs_written,
    .release = ramfs_release,
    .count_writer = ramfs_count_writer,
};

/* The number of the directory above, as ".." shows it. */
static uint64_t parent_ino(const struct dentry *dir)
{
    while (dir->parent == NULL && dir->covered != NULL)
        dir = dir->covered;
    return dir->parent != NULL ? dir->parent->inode->ino : dir->inode->ino;
}

static int ramfs_readdir(struct file *file, struct dir_reader *reader)
{
    struct inode *dir = file->inode;
    struct dentry *next;

    if (file->dentry->dead)
        return -ENOENT;
    if (file->pos == 0 || file->dir_end == 0)
        file->dir_end = dir->fs->cookie;
    if (file->pos == 0) {
        if (!dir_reader_add(reader, ".", 1, dir->ino, S_IFDIR >> 12, 1))
            return 0;
        file->pos = COOKIE_DOT_DOT;
    }
    if (file->pos == COOKIE_DOT_DOT) {
        if (!dir_reader_add(reader, "..", 2, parent_ino(file->dentry),
                            S_IFDIR >> 12, COOKIE_FIRST))
            return 0;
        file->pos = COOKIE_FIRST;
    }
    while ((next = find_cookie(dir, file->pos)) != NULL &&
           next->cookie < file->dir_end) {
        if (!dir_reader_add(reader, next->name, next->length, next->inode->ino,
                            next->inode->mode >> 12, next->cookie + 1))
            return 0;
        file->pos = next->cookie + 1;
    }
    return 0;
}

/* Directories have no size to seek by: only positions seen before. */
static int64_t dir_seek(struct file *file, int64_t offset, int whence)
{
    if (whence == SEEK_CUR)
        offset += (int64_t)file->pos;
    else if (whence != SEEK_SET)
        return -EINVAL;
    if (offset < 0)
        return -EINVAL;
    file->pos = (uint64_t)offset;
    return offset;
}

static int dir_fsync(struct file *file)
{
    (void)file;
    return 0;
}

static const struct file_ops ramfs_dir_ops = {
    .readdir = ramfs_readdir,
    .seek = dir_seek,
    .fsync = dir_fsync,
};

/* How many files a page of memory may have room for. */
#define FILES_PER_PAGE 8

/*
 * All of memory is what a ramfs may use, but for a part that is kept: the total
 * stays as it is, whatever files and programs take of it.
 */
static void ramfs_statfs(struct fs *fs, struct fs_statistics *out)
{
    struct commit_state state;

    kmalloc_settle();
    commit_read(&state);
    out->type = TMPFS_MAGIC;
    out->nblocks = state.limit;
    out->nfree = fs->npages < state.limit ? state.limit - fs->npages : 0;
    out->navailable = ramdata_room();
    out->nfiles = (uint64_t)state.limit * FILES_PER_PAGE;
    out->nfiles_free =
        fs->ninodes < out->nfiles ? out->nfiles - fs->ninodes : 0;
}

/*
 * Names, links and their texts are memory of the kernel and not pages; they
 * too leave to programs what files leave.
 */
static bool ramfs_full(struct fs *fs)
{
    (void)fs;
    return ramdata_room() == 0;
}

static bool ramfs_busy(struct fs *fs);

int ramfs_create(const char *name, struct fs **out)
{
    struct fs *fs = kzalloc(sizeof(*fs));
    struct name empty = name_make("", 0);
    struct inode *root;
    int error;

    if (fs == NULL)
        return -ENOMEM;
    fs->name = name;
    fs->cookie = COOKIE_FIRST;
    fs->statfs = ramfs_statfs;
    fs->full = ramfs_full;
    fs->busy = ramfs_busy;
    fs->destroy = ramfs_destroy;
    list_init(&fs->link);
    mount_number_fs(fs);
    error = make_inode(fs, S_IFDIR | 0755, NULL, &root);
    if (error == 0) {
        error = dentry_create(NULL, &empty, root, &fs->root);
        inode_put(root);
    }
    if (error < 0) {
        kfree(fs);
        return -ENOMEM;
    }
    *out = fs;
    return 0;
}

int ramfs_open_memfd(const char *name, uint32_t uid, uint32_t gid,
                     struct file **out)
{
    char text[6 + RAMFS_MEMFD_NAME + 1] = "memfd:";
    size_t length = strlen(name);
    struct dentry *place;
    struct name full;
    int error;

    if (length > RAMFS_MEMFD_NAME)
        return -EINVAL;
    if (ramdata_room() == 0)
        return -ENOMEM;
    memcpy(text + 6, name, length + 1);
    error = ramfs_create_file(mount_root, NULL, S_IFREG | 0777, uid, gid, 0,
                              NULL, &place);
    if (error < 0)
        return error == -ENOSPC ? -ENOMEM : error;
    place->inode->may_link = false;
    full = name_make(text, strlen(text));
    error = dentry_set_name(place, &full);
    if (error == 0)
        error = file_open_inode(place->inode, place, O_RDWR, place->inode->fops,
                                NULL, out);
    dentry_put(place);
    return error;
}

/* Remove all names below a directory, the deepest first, without recursion. */
static void remove_all(struct dentry *root)
{
    struct dentry *dir = root;

    for (;;) {
        struct tree_node *node = tree_first(&dir->inode->names.by_cookie);
        struct dentry *child;

        if (node == NULL) {
            if (dir == root)
                return;
            child = dir;
            dir = dir->parent;
            remove_name(child);
            continue;
        }
        child = container_of(node, struct dentry, by_cookie);
        if (S_ISDIR(child->inode->mode))
            dir = child;
        else
            remove_name(child);
    }
}

void ramfs_destroy(struct fs *fs)
{
    remove_all(fs->root);
    dentry_put(fs->root);
    assert(fs->ninodes == 0 && fs->npages == 0 && fs->nunlinked == 0);
    kfree(fs);
}

/* The directory after `dir` in a walk of all, parents first. */
static struct dentry *next_dir(struct dentry *dir)
{
    struct tree_node *node = tree_first(&dir->inode->names.by_cookie);

    for (;;) {
        for (; node != NULL; node = tree_next(node)) {
            struct dentry *child = container_of(node, struct dentry, by_cookie);

            if (S_ISDIR(child->inode->mode))
                return child;
        }
        if (dir->parent == NULL)
            return NULL;
        node = tree_next(&dir->by_cookie);
        dir = dir->parent;
    }
}

/*
 * Is a name held by others than its directory and its children, or its file
 * by others than its names? `held` is how many references are as they should.
 */
static bool is_in_use(const struct dentry *dentry, uint32_t held)
{
    struct inode *inode = dentry->inode;

    if (S_ISDIR(inode->mode))
        held += inode->names.count;
    return dentry->refs > held || dentry->mounted != NULL ||
           inode->mobject.refs > (S_ISDIR(inode->mode) ? 1 : inode->nlink);
}

static bool has_used_name(struct dentry *dir)
{
    struct tree_node *node = tree_first(&dir->inode->names.by_cookie);

    for (; node != NULL; node = tree_next(node))
        if (is_in_use(container_of(node, struct dentry, by_cookie), 1))
            return true;
    return false;
}

/* The root is held by the file system and by the place it is mounted on. */
static bool ramfs_busy(struct fs *fs)
{
    if (fs->nunlinked > 0 || is_in_use(fs->root, 2))
        return true;
    for (struct dentry *dir = fs->root; dir != NULL; dir = next_dir(dir))
        if (has_used_name(dir))
            return true;
    return false;
}

/* One directory: its trees, and that each name in them says the same. */
static const char *check_dir(struct dentry *dir)
{
    struct inode *inode = dir->inode;
    uint32_t count = 0, subdirs = 0;
    const char *bad = tree_check(&inode->names.by_name);

    if (bad == NULL)
        bad = tree_check(&inode->names.by_cookie);
    for (struct tree_node *node = tree_first(&inode->names.by_cookie);
         node != NULL && bad == NULL; node = tree_next(node)) {
        struct dentry *child = container_of(node, struct dentry, by_cookie);
        struct name name = name_make(child->name, child->length);

        count++;
        subdirs += S_ISDIR(child->inode->mode);
        if (child->parent != dir || !child->linked)
            bad = "ramfs: a name is not in its parent";
        else if (find_name(inode, &name) != child)
            bad = "ramfs: a name cannot be found";
        else if (S_ISREG(child->inode->mode))
            bad = ramdata_check(child->inode);
    }
    if (bad == NULL && (count != inode->names.count ||
                        inode->nlink != (dir->dead ? 0 : 2 + subdirs)))
        bad = "ramfs: a directory's counts are wrong";
    return bad;
}

const char *ramfs_check(struct fs *fs)
{
    const char *bad = NULL;

    for (struct dentry *dir = fs->root; dir != NULL && bad == NULL;
         dir = next_dir(dir))
        bad = check_dir(dir);
    return bad;
}
