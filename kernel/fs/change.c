/*
 * Changes of the tree: making, linking, removing and renaming names, and
 * attributes. Each walks to the directory, checks what POSIX says, and asks
 * the file system to do it.
 */
#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include "lib/string.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "fs/walk.h"

/* Permissions as access(2) has them. */

/* May the caller add or remove names in a directory. */
static int may_change(const struct fs_caller *caller, struct dentry *dir)
{
    if (dir->dead)
        return -ENOENT;
    return inode_permission(dir->inode, caller->creds, W_OK | X_OK);
}

/*
 * May the caller take this name away: also, in a sticky directory only who
 * owns the file or the directory may.
 */
static int may_remove(const struct fs_caller *caller, struct dentry *victim)
{
    struct inode *dir = victim->parent->inode;
    int error = may_change(caller, victim->parent);

    if (error < 0)
        return error;
    if ((dir->mode & S_ISVTX) &&
        !inode_is_owner(victim->inode, caller->creds) &&
        !inode_is_owner(dir, caller->creds))
        return -EPERM;
    return 0;
}

/* Walk to where something is to be made: the last name must be free. */
static int start_create(struct walk *walk, const struct fs_caller *caller,
                        struct dentry *base, const char *path, bool directory)
{
    struct dentry *old;
    int error = walk_start(walk, caller, base, path);

    if (error < 0)
        return error;
    error = walk_to_last(walk);
    if (error == 0 && walk_last_is_special(walk))
        error = -EEXIST;
    if (error == 0) {
        error = walk_peek(walk, &old);
        if (error == 0)
            dentry_put(old);
        error = error == 0 ? -EEXIST : error == -ENOENT ? 0 : error;
    }
    if (error == 0 && walk->must_be_directory && !directory)
        error = -ENOENT;
    if (error == 0)
        error = may_change(caller, walk->at);
    if (error < 0)
        walk_end(walk);
    return error;
}

/* Is there room for a name, or a file, in the file system of `dir`. */
static bool has_room(const struct dentry *dir)
{
    struct fs *fs = dir->inode->fs;

    return fs->full == NULL || !fs->full(fs);
}

int walk_make(const struct fs_caller *caller, struct dentry *dir,
              const struct name *name, uint32_t mode, uint32_t rdev,
              const char *target, struct dentry **out)
{
    struct inode *inode = dir->inode;
    const struct creds *creds = caller->creds;

    if (inode->ops->create == NULL ||
        ((S_ISCHR(mode) || S_ISBLK(mode)) && creds->fsuid != 0))
        return -EPERM;
    if (!has_room(dir))
        return inode->fs->readonly ? -EROFS : -ENOSPC;
    mode = inode_new_mode(inode, creds, mode);
    if (!S_ISLNK(mode))
        mode &= ~caller->fs->umask;
    return inode->ops->create(dir, name, mode, creds->fsuid,
                              inode_new_gid(inode, creds), rdev, target, out);
}

static int make(const struct fs_caller *caller, struct dentry *base,
                const char *path, uint32_t mode, uint32_t rdev,
                const char *target)
{
    struct dentry *made;
    struct walk walk;
    int error = start_create(&walk, caller, base, path, S_ISDIR(mode));

    if (error < 0)
        return error;
    error = walk_make(caller, walk.at, &walk.last, mode, rdev, target, &made);
    if (error == 0)
        dentry_put(made);
    walk_end(&walk);
    return error;
}

int path_mknod(const struct fs_caller *caller, struct dentry *base,
               const char *path, uint32_t mode, uint32_t rdev)
{
    switch (mode & S_IFMT) {
    case 0:
        mode |= S_IFREG;
        break;
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK:
        break;
    case S_IFCHR:
    case S_IFBLK:
        break;
    case S_IFDIR:
        return -EPERM;
    default:
        return -EINVAL;
    }
    return make(caller, base, path, mode & (S_IFMT | 07777), rdev, NULL);
}

int path_mkdir(const struct fs_caller *caller, struct dentry *base,
               const char *path, uint32_t mode)
{
    return make(caller, base, path, S_IFDIR | (mode & 01777), 0, NULL);
}

int path_symlink(const struct fs_caller *caller, const char *target,
                 struct dentry *base, const char *path)
{
    if (*target == '\0')
        return -ENOENT;
    return make(caller, base, path, S_IFLNK | 0777, 0, target);
}

/*
 * A user may link to his own files, and of others' only to regular ones that
 * he may read and write and that give nobody rights: else a name in a
 * directory of his would keep a set-user-id program or a file from which
 * others are to be removed (Linux's protected_hardlinks).
 */
static int may_link(const struct inode *inode, const struct creds *creds)
{
    const uint32_t program = S_ISGID | S_IXGRP;

    if (inode_is_owner(inode, creds))
        return 0;
    if (!S_ISREG(inode->mode) || (inode->mode & S_ISUID) ||
        (inode->mode & program) == program ||
        inode_permission(inode, creds, R_OK | W_OK) != 0)
        return -EPERM;
    return 0;
}

/* The link itself, `from` being found and the place for it free. */
static int link_here(struct walk *walk, struct inode *inode)
{
    const struct inode_ops *ops = walk->at->inode->ops;
    int error = may_link(inode, walk->caller->creds);

    if (inode->fs != walk->at->inode->fs)
        return -EXDEV;
    if (S_ISDIR(inode->mode))
        return -EPERM;
    if (inode->nlink == 0 && !inode->may_link)
        return -ENOENT;
    if (error < 0 || ops->link == NULL)
        return -EPERM;
    if (!has_room(walk->at))
        return -ENOSPC;
    return ops->link(walk->at, &walk->last, inode);
}

int path_link(const struct fs_caller *caller, struct dentry *from_base,
              const char *from, unsigned flags, struct dentry *to_base,
              const char *to)
{
    struct dentry *source;
    struct walk walk;
    int error;

    /* A descriptor may have come from who would not give the file a name. */
    if ((flags & PATH_EMPTY) && *from == '\0' && caller->creds->fsuid != 0)
        return -ENOENT;
    error = path_lookup(caller, from_base, from, flags, &source);
    if (error < 0)
        return error;
    error = start_create(&walk, caller, to_base, to, false);
    if (error == 0) {
        error = link_here(&walk, source->inode);
        walk_end(&walk);
    }
    dentry_put(source);
    return error;
}

/*
 * Walk to a name that is to be taken away. *victim is counted, and mounts on
 * it are not crossed.
 */
static int start_remove(struct walk *walk, const struct fs_caller *caller,
                        struct dentry *base, const char *path,
                        struct dentry **victim)
{
    int error = walk_start(walk, caller, base, path);

    if (error < 0)
        return error;
    error = walk_to_last(walk);
    if (error == 0 && walk_last_is_special(walk))
        error = 1;
    else if (error == 0)
        error = walk_peek(walk, victim);
    if (error < 0)
        walk_end(walk);
    return error;
}

/* A place where something is mounted, or the root of it, stays. */
static bool is_busy(const struct dentry *dentry, const struct walk *walk)
{
    return dentry->parent != walk->at || dentry->mounted != NULL;
}

int path_unlink(const struct fs_caller *caller, struct dentry *base,
                const char *path)
{
    struct dentry *victim;
    struct walk walk;
    int error = start_remove(&walk, caller, base, path, &victim);

    if (error < 0)
        return error;
    if (error > 0) {
        walk_end(&walk);
        return -EISDIR;
    }
    if (walk.must_be_directory && !S_ISDIR(victim->inode->mode))
        error = -ENOTDIR;
    else if (is_busy(victim, &walk))
        error = S_ISDIR(victim->inode->mode) ? -EISDIR : -EBUSY;
    else
        error = may_remove(caller, victim);
    if (error == 0 && S_ISDIR(victim->inode->mode))
        error = -EISDIR;
    if (error == 0)
        error = walk.at->inode->ops->unlink != NULL
                    ? walk.at->inode->ops->unlink(victim)
                    : -EPERM;
    dentry_put(victim);
    walk_end(&walk);
    return error;
}

/* What rmdir says to a path that ends in ".", ".." or nothing. */
static int special_rmdir(const struct walk *walk)
{
    return walk->last.length == 0   ? -EBUSY
           : walk->last.length == 1 ? -EINVAL
                                    : -ENOTEMPTY;
}

int path_rmdir(const struct fs_caller *caller, struct dentry *base,
               const char *path)
{
    struct dentry *victim;
    struct walk walk;
    int error = start_remove(&walk, caller, base, path, &victim);

    if (error < 0)
        return error;
    if (error > 0) {
        error = special_rmdir(&walk);
        walk_end(&walk);
        return error;
    }
    if (is_busy(victim, &walk))
        error = -EBUSY;
    else
        error = may_remove(caller, victim);
    if (error == 0 && !S_ISDIR(victim->inode->mode))
        error = -ENOTDIR;
    if (error == 0)
        error = walk.at->inode->ops->unlink != NULL
                    ? walk.at->inode->ops->unlink(victim)
                    : -EPERM;
    dentry_put(victim);
    walk_end(&walk);
    return error;
}

/* ---- rename ---- */

/* Is `above` the place `at` or a directory on the way to it. */
static bool is_above(const struct dentry *above, const struct dentry *at)
{
    for (; at != NULL; at = at->parent)
        if (at == above)
            return true;
    return false;
}

/* One end of a rename: where it is, and what has the name (NULL: nothing). */
struct rename_end {
    struct walk walk;
    struct dentry *found;
};

/* Types of the two ends must agree, and a directory must not swallow itself. */
static int check_shapes(const struct rename_end *from,
                        const struct rename_end *to, unsigned flags)
{
    bool from_dir = S_ISDIR(from->found->inode->mode);
    bool to_dir = to->found != NULL && S_ISDIR(to->found->inode->mode);
    bool swap = flags & RENAME_EXCHANGE;

    if (!from_dir && from->walk.must_be_directory)
        return -ENOTDIR;
    if (to->walk.must_be_directory && (swap ? !to_dir : !from_dir))
        return -ENOTDIR;
    if (is_above(from->found, to->walk.at))
        return -EINVAL;
    if (to->found != NULL && is_above(to->found, from->walk.at))
        return swap ? -EINVAL : -ENOTEMPTY;
    if (to->found == NULL || swap)
        return 0;
    if (from_dir && !to_dir)
        return -ENOTDIR;
    return !from_dir && to_dir ? -EISDIR : 0;
}

/* A directory that gets another ".." must itself be writable. */
static int check_dotdot(const struct fs_caller *caller,
                        const struct rename_end *from,
                        const struct rename_end *to)
{
    if (from->walk.at == to->walk.at || !S_ISDIR(from->found->inode->mode))
        return 0;
    return inode_permission(from->found->inode, caller->creds, W_OK);
}

static int check_rename(const struct fs_caller *caller,
                        const struct rename_end *from,
                        const struct rename_end *to, unsigned flags)
{
    int error;

    if (from->walk.at->inode->fs != to->walk.at->inode->fs)
        return -EXDEV;
    if (is_busy(from->found, &from->walk) ||
        (to->found != NULL && is_busy(to->found, &to->walk)))
        return -EBUSY;
    if ((flags & RENAME_NOREPLACE) && to->found != NULL)
        return -EEXIST;
    if ((flags & RENAME_EXCHANGE) && to->found == NULL)
        return -ENOENT;
    error = check_shapes(from, to, flags);
    if (error == 0)
        error = may_remove(caller, from->found);
    if (error == 0)
        error = to->found != NULL ? may_remove(caller, to->found)
                                  : may_change(caller, to->walk.at);
    if (error == 0)
        error = check_dotdot(caller, from, to);
    if (error == 0 && (flags & RENAME_EXCHANGE))
        error = check_dotdot(caller, to, from);
    return error;
}

static int do_rename(const struct fs_caller *caller, struct rename_end *from,
                     struct rename_end *to, unsigned flags)
{
    const struct inode_ops *ops = from->walk.at->inode->ops;
    int error = check_rename(caller, from, to, flags);

    if (error < 0)
        return error;
    if (to->found != NULL && to->found->inode == from->found->inode)
        return 0; /* two names of one file: POSIX wants nothing done */
    if (ops->rename == NULL)
        return -EPERM;
    /* Only a name that gets longer may need more than it had. */
    if (to->walk.last.length >= DENTRY_SHORT &&
        to->walk.last.length > from->found->length && !has_room(to->walk.at))
        return -ENOSPC;
    return ops->rename(from->found, to->walk.at, &to->walk.last, to->found,
                       (flags & RENAME_EXCHANGE) != 0);
}

/* With both walks at their directories. */
static int rename_ends(const struct fs_caller *caller, struct rename_end *from,
                       struct rename_end *to, unsigned flags)
{
    int error;

    if (walk_last_is_special(&from->walk))
        return -EBUSY;
    if (walk_last_is_special(&to->walk))
        return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
    error = walk_peek(&from->walk, &from->found);
    if (error < 0)
        return error;
    error = walk_peek(&to->walk, &to->found);
    if (error == -ENOENT) {
        to->found = NULL;
        error = 0;
    }
    if (error == 0) {
        error = do_rename(caller, from, to, flags);
        dentry_put(to->found);
    }
    dentry_put(from->found);
    return error;
}

int path_rename(const struct fs_caller *caller, struct dentry *from_base,
                const char *from, struct dentry *to_base, const char *to,
                unsigned flags)
{
    struct rename_end source, target;
    int error;

    if ((flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
        flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
        return -EINVAL;
    error = walk_start(&source.walk, caller, from_base, from);
    if (error < 0)
        return error;
    error = walk_to_last(&source.walk);
    if (error == 0)
        error = walk_start(&target.walk, caller, to_base, to);
    if (error == 0) {
        error = walk_to_last(&target.walk);
        if (error == 0)
            error = rename_ends(caller, &source, &target, flags);
        walk_end(&target.walk);
    }
    walk_end(&source.walk);
    return error;
}

/* ---- attributes ---- */

int path_truncate(const struct fs_caller *caller, struct dentry *base,
                  const char *path, uint64_t size, uint64_t limit)
{
    struct dentry *place;
    struct inode *inode;
    int error = path_lookup(caller, base, path, 0, &place);

    if (error < 0)
        return error;
    inode = place->inode;
    if (S_ISDIR(inode->mode))
        error = -EISDIR;
    else if (!S_ISREG(inode->mode))
        error = -EINVAL;
    else
        error = inode_permission(inode, caller->creds, W_OK);
    if (error == 0 && size > inode->size && size > limit)
        error = inode->writers < 0 ? -ETXTBSY : -EFBIG;
    if (error == 0)
        error = inode_truncate(inode, size);
    dentry_put(place);
    return error;
}

/* May the caller set the owner or the group like this. */
static int may_chown(const struct creds *creds, const struct inode *inode,
                     const struct inode_attr *attr)
{
    if (creds->fsuid == 0)
        return 0;
    if (creds->fsuid != inode->uid)
        return -EPERM;
    if ((attr->valid & ATTR_UID) && attr->uid != inode->uid)
        return -EPERM;
    if ((attr->valid & ATTR_GID) && !creds_in_group(creds, attr->gid))
        return -EPERM;
    return 0;
}

static int may_setattr(const struct creds *creds, const struct inode *inode,
                       const struct inode_attr *attr, bool now)
{
    int error = 0;

    if (inode->fs->readonly)
        return -EROFS;
    if ((attr->valid & ATTR_MODE) && !inode_is_owner(inode, creds))
        return -EPERM;
    if (attr->valid & (ATTR_UID | ATTR_GID))
        error = may_chown(creds, inode, attr);
    if (error == 0 && (attr->valid & (ATTR_ATIME | ATTR_MTIME)) &&
        !inode_is_owner(inode, creds))
        error = now ? inode_permission(inode, creds, W_OK) : -EPERM;
    return error;
}

int path_setattr(const struct fs_caller *caller, struct inode *inode,
                 const struct inode_attr *attr, bool now)
{
    const struct creds *creds = caller->creds;
    int error = may_setattr(creds, inode, attr, now);

    if (error < 0)
        return error;
    /* A chown to the same owner and group is none to the file of another. */
    if (attr->valid == 0 && !inode_is_owner(inode, creds))
        return 0;
    if (attr->valid == 0 || (attr->valid & (ATTR_UID | ATTR_GID)))
        inode_drop_setid(inode, creds);
    if (attr->valid & ATTR_UID)
        inode->uid = attr->uid;
    if (attr->valid & ATTR_GID)
        inode->gid = attr->gid;
    if (attr->valid & ATTR_MODE) {
        inode->mode = (inode->mode & S_IFMT) | (attr->mode & 07777);
        if (!inode_may_setgid(creds, inode->gid))
            inode->mode &= ~(uint32_t)S_ISGID;
    }
    if (attr->valid & ATTR_ATIME)
        inode->atime_ns = attr->atime_ns;
    if (attr->valid & ATTR_MTIME)
        inode->mtime_ns = attr->mtime_ns;
    inode->ctime_ns = inode_now();
    return 0;
}
