/*
 * open(2): from a path to an open file, making it if asked to.
 */
#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include "fs/devfs.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "fs/pipe.h"
#include "fs/walk.h"

/* Permissions as access(2) has them. */

static const struct file_ops no_ops; /* of O_PATH files */

/* Which functions serve files of this inode. */
static int find_ops(const struct inode *inode, uint32_t flags,
                    const struct file_ops **ops, void **private)
{
    *private = inode->private;
    *ops = inode->fops;
    if (flags & O_PATH)
        *ops = &no_ops;
    if (*ops != NULL)
        return 0;
    switch (inode->mode & S_IFMT) {
    case S_IFCHR:
        return devfs_find(inode->rdev, ops, private);
    case S_IFIFO:
        *ops = &fifo_ops;
        return 0;
    default:
        return -ENXIO;
    }
}

/* The permissions that these flags need. */
static unsigned wanted(uint32_t flags)
{
    static const unsigned by_access[] = {R_OK, W_OK, R_OK | W_OK, R_OK | W_OK};
    unsigned want = by_access[flags & O_ACCMODE];

    return flags & O_TRUNC ? want | W_OK : want;
}

/* May the file that was found be opened like this. */
static int check_open(const struct fs_caller *caller, struct inode *inode,
                      uint32_t flags)
{
    if (S_ISLNK(inode->mode))
        return flags & O_DIRECTORY ? -ENOTDIR : -ELOOP;
    if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
        return -ENOTDIR;
    if (S_ISDIR(inode->mode) &&
        ((flags & (O_CREAT | O_TRUNC)) || (wanted(flags) & W_OK)))
        return -EISDIR;
    if ((flags & O_NOATIME) && !inode_is_owner(inode, caller->creds))
        return -EPERM;
    if (S_ISCHR(inode->mode) && inode->fs->nodev)
        return -EACCES;
    return inode_permission(inode, caller->creds, wanted(flags));
}

/* O_PATH looks at nothing but the kind of place. */
static int check_path_only(const struct inode *inode, uint32_t flags)
{
    if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
        return -ENOTDIR;
    return 0;
}

/* The place was found, and was made by us if `created`. */
static int open_place(const struct fs_caller *caller, struct dentry *place,
                      uint32_t flags, bool created, struct file **out)
{
    struct inode *inode = place->inode;
    const struct file_ops *ops;
    void *private;
    int error = 0;

    if (flags & O_PATH)
        error = check_path_only(inode, flags);
    else if (!created)
        error = check_open(caller, inode, flags);
    if (error == 0)
        error = find_ops(inode, flags, &ops, &private);
    if (error == 0)
        error = file_open_inode(inode, place, flags, ops, private, out);
    if (error < 0 || created || !(flags & O_TRUNC) || !S_ISREG(inode->mode))
        return error;
    error = inode_truncate(inode, 0);
    if (error < 0)
        file_put(*out);
    return error;
}

/* Make walk->last, which was not found, in walk->at. */
static int make_file(struct walk *walk, uint32_t mode, struct dentry **out)
{
    struct inode *dir = walk->at->inode;
    int error;

    error = inode_permission(dir, walk->caller->creds, W_OK | X_OK);
    if (error < 0)
        return error;
    if (walk->at->dead)
        return -ENOENT;
    if (dir->ops->create == NULL)
        return -EACCES;
    return walk_make(walk->caller, walk->at, &walk->last,
                     S_IFREG | (mode & 07777), 0, NULL, out);
}

/*
 * A file that somebody put where all may: who asks for it to be made does not
 * expect another's, who could read what is written (Linux's protected_fifos
 * and protected_regular).
 */
static bool is_trap(const struct walk *walk, const struct inode *inode)
{
    const struct inode *dir = walk->at->inode;

    return (S_ISREG(inode->mode) || S_ISFIFO(inode->mode)) &&
           (dir->mode & S_ISVTX) && (dir->mode & S_IWOTH) &&
           inode->uid != dir->uid && inode->uid != walk->caller->creds->fsuid;
}

/*
 * Go to the last name with O_CREAT: WALK_ARRIVED with a counted place,
 * WALK_LINK, or -errno.
 */
static int create_last(struct walk *walk, uint32_t flags, uint32_t mode,
                       bool *created, struct dentry **out)
{
    int error;

    if (walk_last_is_special(walk))
        return flags & O_EXCL ? -EEXIST : -EISDIR;
    if (walk->must_be_directory)
        return -EISDIR;
    error = walk_peek(walk, out);
    if (error == -ENOENT) {
        *created = true;
        return make_file(walk, mode, out);
    }
    if (error < 0)
        return error;
    if (flags & O_EXCL) {
        dentry_put(*out);
        return -EEXIST;
    }
    if (is_trap(walk, (*out)->inode)) {
        dentry_put(*out);
        return -EACCES;
    }
    if (!S_ISLNK((*out)->inode->mode) || (flags & O_NOFOLLOW))
        return WALK_ARRIVED;
    error = walk_follow(walk, *out);
    if (error == WALK_ARRIVED) /* a link to a place, not to a text */
        *out = dentry_get(walk->at);
    return error;
}

/* The last name without O_CREAT, with the same results. */
static int find_last(struct walk *walk, uint32_t flags, struct dentry **out)
{
    int error = WALK_ARRIVED;

    if (walk->last.length > 0)
        error = walk_into(walk, !(flags & O_NOFOLLOW));
    if (error != WALK_ARRIVED)
        return error;
    if (walk->must_be_directory && !S_ISDIR(walk->at->inode->mode))
        return -ENOTDIR;
    *out = dentry_get(walk->at);
    return WALK_ARRIVED;
}

/* A file without a name, in the directory that the path leads to. */
static int open_nameless(const struct fs_caller *caller, struct dentry *base,
                         const char *path, uint32_t flags, uint32_t mode,
                         struct file **out)
{
    struct dentry *dir, *place;
    int error;

    if ((flags & O_ACCMODE) == O_RDONLY)
        return -EINVAL;
    error = path_lookup(caller, base, path, PATH_DIRECTORY, &dir);
    if (error < 0)
        return error;
    error = inode_permission(dir->inode, caller->creds, W_OK | X_OK);
    if (error == 0 && dir->inode->ops->create == NULL)
        error = -EOPNOTSUPP;
    if (error == 0)
        error = walk_make(caller, dir, NULL, S_IFREG | (mode & 07777), 0, NULL,
                          &place);
    if (error == 0) {
        place->inode->may_link = !(flags & O_EXCL);
        flags &= ~(uint32_t)O_TMPFILE;
        error = open_place(caller, place, flags, true, out);
        dentry_put(place);
    }
    dentry_put(dir);
    return error;
}

int path_open(const struct fs_caller *caller, struct dentry *base,
              const char *path, uint32_t flags, uint32_t mode,
              struct file **out)
{
    struct dentry *place = NULL;
    struct walk walk;
    bool created = false;
    int error;

    if (flags & O_PATH)
        flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if ((flags & O_TMPFILE) == O_TMPFILE)
        return open_nameless(caller, base, path, flags, mode, out);
    if ((flags & O_CREAT) && (flags & O_DIRECTORY))
        return -EINVAL;
    error = walk_start(&walk, caller, base, path);
    if (error < 0)
        return error;
    do {
        error = walk_to_last(&walk);
        if (error < 0)
            break;
        if (flags & O_CREAT)
            error = create_last(&walk, flags, mode, &created, &place);
        else
            error = find_last(&walk, flags, &place);
    } while (error == WALK_LINK);
    if (error == 0) {
        error = open_place(caller, place, flags, created, out);
        if (error < 0 && created) /* as if nothing had happened */
            (void)!place->inode->ops->unlink(place);
        dentry_put(place);
    }
    walk_end(&walk);
    return error;
}

int path_open_program(const struct fs_caller *caller, const char *path,
                      bool *readable, struct file **out)
{
    struct dentry *place;
    struct inode *inode;
    int error = path_lookup(caller, NULL, path, 0, &place);

    if (error < 0)
        return error;
    inode = place->inode;
    error = S_ISREG(inode->mode) ? inode_permission(inode, caller->creds, X_OK)
                                 : -EACCES;
    if (error == 0 && inode->writers > 0)
        error = -ETXTBSY; /* a script, too */
    *readable = inode_permission(inode, caller->creds, R_OK) == 0;
    if (error == 0)
        error = file_open_inode(inode, place, O_RDONLY, inode->fops, NULL, out);
    dentry_put(place);
    return error;
}
