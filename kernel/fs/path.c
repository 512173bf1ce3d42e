/*
 * Walking along paths.
 *
 * The path is read name by name; a symbolic link puts what is left of the
 * current text on a stack and goes on with the link's own text. The stack is
 * as deep as links may be followed (40), so nothing is copied, nothing
 * allocated and no link can loop:
 *
 *      /usr/tmp/x      tmp -> ../var/tmp      stack: "x"    text: "../var/tmp"
 *
 * Wherever the walk stands, it holds that one dentry, and the links whose
 * texts it is reading.
 */
#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include "mm/kmalloc.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/walk.h"

static struct slab_cache context_cache =
    SLAB_CACHE("fs_context", sizeof(struct fs_context), sizeof(void *));

/* Take over a reference to `to` and let the current place go. */
static void move_to(struct walk *walk, struct dentry *to)
{
    dentry_put(walk->at);
    walk->at = to;
}

int walk_start(struct walk *walk, const struct fs_caller *caller,
               struct dentry *base, const char *path)
{
    struct fs_context *fs = caller->fs;

    if (*path == '\0')
        return -ENOENT;
    walk->caller = caller;
    walk->at = dentry_get(*path == '/' ? fs->root : base ? base : fs->cwd);
    walk->last = (struct name){NULL, 0, 0};
    walk->must_be_directory = false;
    walk->nlinks = 0;
    walk->depth = 0;
    walk->text = (struct walk_text){path, NULL};
    return 0;
}

/* Done with the current text: go on with the one below it. */
static void pop_text(struct walk *walk)
{
    if (walk->text.link != NULL)
        inode_put(walk->text.link);
    walk->text = walk->stack[--walk->depth];
}

void walk_end(struct walk *walk)
{
    while (walk->depth > 0)
        pop_text(walk);
    if (walk->text.link != NULL)
        inode_put(walk->text.link);
    dentry_put(walk->at);
}

static const char *skip_slashes(const char *text)
{
    while (*text == '/')
        text++;
    return text;
}

/* The name at the start of a text; returns what follows it. */
static const char *scan_name(const char *text, struct name *name)
{
    const char *start = text;
    uint32_t hash = NAME_HASH_START;

    for (; *text != '\0' && *text != '/'; text++)
        hash = name_hash_add(hash, *text);
    *name = (struct name){start, (uint32_t)(text - start), hash};
    return text;
}

/*
 * Read the next name into walk->last, which is empty at the end of all texts.
 * *more: further names follow, so it is not the last one. What is left of a
 * text never starts with a slash, but for the first.
 */
static int next_name(struct walk *walk, bool *more)
{
    const char *start = skip_slashes(walk->text.rest), *end;

    while (*start == '\0' && walk->depth > 0) {
        pop_text(walk);
        start = walk->text.rest;
    }
    end = scan_name(start, &walk->last);
    if (walk->last.length > NAME_MAX)
        return -ENAMETOOLONG;
    walk->text.rest = skip_slashes(end);
    *more = *walk->text.rest != '\0';
    if (!*more && walk->last.length > 0)
        walk->must_be_directory |= *end == '/';
    for (unsigned i = 0; i < walk->depth && !*more; i++)
        *more = *walk->stack[i].rest != '\0';
    return 0;
}

int walk_to_last(struct walk *walk)
{
    for (;;) {
        struct inode *dir = walk->at->inode;
        bool more;
        int error = next_name(walk, &more);

        if (error < 0 || walk->last.length == 0)
            return error;
        if (!S_ISDIR(dir->mode))
            return -ENOTDIR;
        error = inode_permission(dir, walk->caller->creds, X_OK);
        if (error < 0 || !more)
            return error;
        error = walk_into(walk, true);
        if (error < 0)
            return error;
    }
}

static bool is_dot(const struct name *name)
{
    return name->length == 1 && name->bytes[0] == '.';
}

static bool is_dot_dot(const struct name *name)
{
    return name->length == 2 && name->bytes[0] == '.' && name->bytes[1] == '.';
}

bool walk_last_is_special(const struct walk *walk)
{
    return walk->last.length == 0 || is_dot(&walk->last) ||
           is_dot_dot(&walk->last);
}

/* Step over mounts: the root of what is mounted on a place. Counted. */
static struct dentry *cross_mounts(struct dentry *place)
{
    while (place->mounted != NULL) {
        struct dentry *root = dentry_get(place->mounted);

        dentry_put(place);
        place = root;
    }
    return place;
}

/* "..", which ends at the caller's root. */
static void walk_up(struct walk *walk)
{
    struct dentry *at = walk->at;

    while (at != walk->caller->fs->root && at->parent == NULL) {
        if (at->covered == NULL)
            return;
        at = at->covered;
    }
    if (at == walk->caller->fs->root)
        return;
    move_to(walk, cross_mounts(dentry_get(at->parent)));
}

int walk_peek(struct walk *walk, struct dentry **out)
{
    struct dentry *dir = walk->at;
    int error = dir->inode->ops->lookup(dir, &walk->last, out);

    if (error == 0)
        *out = cross_mounts(*out);
    return error;
}

/* Is the name being followed the last one of all texts. */
static bool is_last(const struct walk *walk)
{
    for (unsigned i = 0; i < walk->depth; i++)
        if (*walk->stack[i].rest != '\0')
            return false;
    return *walk->text.rest == '\0';
}

/*
 * In a directory where all may make links, one at the end of a path is only
 * followed if it is the caller's or the directory's owner's: else a program
 * with more rights could be led to any file (Linux's protected_symlinks).
 */
static bool is_trap(const struct walk *walk, const struct inode *link)
{
    const struct inode *dir = walk->at->inode;

    return (dir->mode & S_ISVTX) && (dir->mode & S_IWOTH) &&
           link->uid != dir->uid && link->uid != walk->caller->creds->fsuid &&
           is_last(walk);
}

/* Why a link is not followed: 0 or -errno. */
static int check_follow(struct walk *walk, const struct inode *link)
{
    if (++walk->nlinks > WALK_MAX_LINKS)
        return -ELOOP;
    return is_trap(walk, link) ? -EACCES : 0;
}

int walk_follow(struct walk *walk, struct dentry *link)
{
    struct inode *inode = link->inode;
    struct dentry *target;
    const char *text;
    int error = check_follow(walk, inode);

    if (error < 0) {
        dentry_put(link);
        return error;
    }
    if (inode->ops->follow != NULL) {
        error = inode->ops->follow(inode, &target);
        dentry_put(link);
        if (error == 0)
            move_to(walk, target);
        return error;
    }
    error = inode->ops->readlink(inode, &text);
    if (error < 0) {
        dentry_put(link);
        return error;
    }
    walk->stack[walk->depth++] = walk->text;
    walk->text = (struct walk_text){text, inode_get(inode)};
    dentry_put(link);
    if (*text == '/')
        move_to(walk, dentry_get(walk->caller->fs->root));
    return WALK_LINK;
}

int walk_into(struct walk *walk, bool follow)
{
    struct dentry *next;
    int error;

    if (is_dot(&walk->last))
        return WALK_ARRIVED;
    if (is_dot_dot(&walk->last)) {
        walk_up(walk);
        return WALK_ARRIVED;
    }
    error = walk_peek(walk, &next);
    if (error < 0)
        return error;
    if (S_ISLNK(next->inode->mode) && (follow || walk->must_be_directory))
        return walk_follow(walk, next);
    move_to(walk, next);
    return WALK_ARRIVED;
}

int path_lookup(const struct fs_caller *caller, struct dentry *base,
                const char *path, unsigned flags, struct dentry **out)
{
    struct walk walk;
    int error;

    if (*path == '\0' && (flags & PATH_EMPTY)) {
        *out = dentry_get(base != NULL ? base : caller->fs->cwd);
        return 0;
    }
    error = walk_start(&walk, caller, base, path);
    if (error < 0)
        return error;
    do {
        error = walk_to_last(&walk);
        if (error == 0 && walk.last.length > 0)
            error = walk_into(&walk, !(flags & PATH_NOFOLLOW));
    } while (error == WALK_LINK);
    if (error == 0 && (walk.must_be_directory || (flags & PATH_DIRECTORY)) &&
        !S_ISDIR(walk.at->inode->mode))
        error = -ENOTDIR;
    if (error == 0)
        *out = dentry_get(walk.at);
    walk_end(&walk);
    return error;
}

int fs_context_create(struct fs_context **out)
{
    struct fs_context *fs = slab_alloc(&context_cache);

    if (fs == NULL)
        return -ENOMEM;
    fs->refs = 1;
    fs->root = dentry_get(mount_root);
    fs->cwd = dentry_get(mount_root);
    fs->umask = 022;
    *out = fs;
    return 0;
}

int fs_context_copy(struct fs_context *from, struct fs_context **out)
{
    struct fs_context *fs = slab_alloc(&context_cache);

    if (fs == NULL)
        return -ENOMEM;
    fs->refs = 1;
    fs->root = dentry_get(from->root);
    fs->cwd = dentry_get(from->cwd);
    fs->umask = from->umask;
    *out = fs;
    return 0;
}

struct fs_context *fs_context_get(struct fs_context *fs)
{
    fs->refs++;
    return fs;
}

void fs_context_put(struct fs_context *fs)
{
    if (--fs->refs > 0)
        return;
    dentry_put(fs->root);
    dentry_put(fs->cwd);
    slab_free(&context_cache, fs);
}
