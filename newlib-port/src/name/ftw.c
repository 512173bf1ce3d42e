/*
 * ftw, nftw: call a function for each file of a tree.
 *
 * The path grows and shrinks in one buffer.  scandir reads a folder whole and
 * closes it before its children are visited, so that one folder is open at a
 * time, whatever the caller's limit.  FTW_CHDIR is not supported.
 *
 * Errors: EACCES, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOSYS, ENOTDIR;
 * or what the function returned, if it was not 0.
 */
#include "../call.h"
#include <cairn/limits.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int visit_file(const char *, const struct stat *, int, struct FTW *);
typedef int visit_plain(const char *, const struct stat *, int);

struct ancestor {
    dev_t device;
    ino_t inode;
    const struct ancestor *parent;
};

struct walk {
    visit_file *visit;  /* nftw's function, or null */
    visit_plain *plain; /* ftw's, or null */
    int flags;          /* FTW_* */
    dev_t device;       /* of the root of the walk */
    char path[__CAIRN_PATH_MAX];
};

static int walk_file(struct walk *walk, size_t length, struct FTW place,
                     const struct ancestor *parent);

static int call(struct walk *walk, const struct stat *attributes, int type,
                struct FTW *place)
{
    if (walk->plain != NULL)
        return walk->plain(walk->path, attributes, type);
    return walk->visit(walk->path, attributes, type, place);
}

static int is_above(const struct ancestor *a, const struct stat *attributes)
{
    for (; a != NULL; a = a->parent) {
        if (a->device == attributes->st_dev && a->inode == attributes->st_ino)
            return 1;
    }
    return 0;
}

static int skip_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int walk_children(struct walk *walk, size_t length, struct FTW place,
                         const struct ancestor *self, struct dirent **entries,
                         int count)
{
    int result = 0;

    for (int i = 0; i < count && result == 0; i++) {
        size_t name_length = strlen(entries[i]->d_name);
        size_t slash = length > 0 && walk->path[length - 1] == '/' ? 0 : 1;

        if (length + slash + name_length >= sizeof(walk->path)) {
            result = __cairn_fail(ENAMETOOLONG);
            break;
        }
        walk->path[length] = '/';
        memcpy(walk->path + length + slash, entries[i]->d_name,
               name_length + 1);
        place.base = (int)(length + slash);
        result = walk_file(walk, length + slash + name_length, place, self);
        walk->path[length] = '\0';
    }
    return result;
}

static int walk_folder(struct walk *walk, size_t length, struct FTW place,
                       const struct stat *attributes,
                       const struct ancestor *parent)
{
    struct ancestor self = {attributes->st_dev, attributes->st_ino, parent};
    struct FTW below = {.level = place.level + 1};
    struct dirent **entries = NULL;
    int count = scandir(walk->path, &entries, skip_dots, NULL);
    int result = 0;

    if (count < 0 && errno != EACCES)
        return -1;
    if (count < 0)
        return call(walk, attributes, FTW_DNR, &place);
    if (!(walk->flags & FTW_DEPTH))
        result = call(walk, attributes, FTW_D, &place);
    if (result == 0)
        result = walk_children(walk, length, below, &self, entries, count);
    while (count > 0)
        free(entries[--count]);
    free(entries);
    if (result == 0 && (walk->flags & FTW_DEPTH))
        result = call(walk, attributes, FTW_DP, &place);
    return result;
}

static int walk_file(struct walk *walk, size_t length, struct FTW place,
                     const struct ancestor *parent)
{
    int nofollow = walk->flags & FTW_PHYS ? AT_SYMLINK_NOFOLLOW : 0;
    struct stat attributes;

    if (fstatat(AT_FDCWD, walk->path, &attributes, nofollow) < 0) {
        /* A link that leads nowhere; ftw has no word for it but FTW_NS. */
        if (errno == ENOENT && lstat(walk->path, &attributes) == 0)
            return call(walk, &attributes,
                        walk->visit != NULL ? FTW_SLN : FTW_NS, &place);
        /* A file that has gone since its folder was read has no attributes. */
        if (errno != EACCES && (errno != ENOENT || place.level == 0))
            return -1;
        memset(&attributes, 0, sizeof(attributes));
        return call(walk, &attributes, FTW_NS, &place);
    }
    if (place.level == 0)
        walk->device = attributes.st_dev;
    if ((walk->flags & FTW_MOUNT) && attributes.st_dev != walk->device)
        return 0;
    if (S_ISLNK(attributes.st_mode))
        return call(walk, &attributes, FTW_SL, &place);
    if (!S_ISDIR(attributes.st_mode))
        return call(walk, &attributes, FTW_F, &place);
    if (is_above(parent, &attributes))
        return 0;
    return walk_folder(walk, length, place, &attributes, parent);
}

static int start(struct walk *walk, const char *path, int limit)
{
    size_t length = strlen(path);
    struct FTW place = {0};
    const char *slash;

    if (limit < 1)
        return __cairn_fail(EINVAL);
    if (length == 0)
        return __cairn_fail(ENOENT);
    if (length >= sizeof(walk->path))
        return __cairn_fail(ENAMETOOLONG);
    while (length > 1 && path[length - 1] == '/')
        length--;
    memcpy(walk->path, path, length);
    walk->path[length] = '\0';
    slash = strrchr(walk->path, '/');
    if (slash != NULL && length > 1)
        place.base = (int)(slash + 1 - walk->path);
    return walk_file(walk, length, place, NULL);
}

int nftw(const char *path, visit_file *visit, int limit, int flags)
{
    struct walk walk = {.visit = visit, .flags = flags};

    /* Paths are made from the folder of the start; chdir would break them. */
    if (flags & FTW_CHDIR)
        return __cairn_fail(ENOSYS);
    return start(&walk, path, limit);
}

int ftw(const char *path, visit_plain *visit, int limit)
{
    struct walk walk = {.plain = visit};

    return start(&walk, path, limit);
}
