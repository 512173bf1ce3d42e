/*
 * realpath: the absolute path of a file, free of links, "." and "..".
 *
 * The path is walked a name at a time.  What is still to be walked lies at the
 * end of one buffer, so that a link's target can be put before it; what has
 * been resolved grows in the other and never ends with a slash but for the
 * root.
 *
 * Errors: EACCES, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR.
 */
#include "../call.h"
#include <cairn/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX __CAIRN_PATH_MAX

struct walk {
    char resolved[MAX];
    size_t length; /* of resolved */
    char rest[MAX];
    size_t start; /* of what is to be walked, in rest */
    int links;
};

/* Put text before the rest. */
static int push(struct walk *walk, const char *text, size_t length)
{
    if (length > walk->start)
        return __cairn_fail(ENAMETOOLONG);
    walk->start -= length;
    memcpy(walk->rest + walk->start, text, length);
    return 0;
}

static void go_up(struct walk *walk)
{
    while (walk->length > 1 && walk->resolved[walk->length - 1] != '/')
        walk->length--;
    if (walk->length > 1)
        walk->length--;
    walk->resolved[walk->length] = '\0';
}

static int append(struct walk *walk, const char *name, size_t length)
{
    size_t slash = walk->length > 1 ? 1 : 0;

    if (walk->length + slash + length >= MAX)
        return __cairn_fail(ENAMETOOLONG);
    if (slash)
        walk->resolved[walk->length++] = '/';
    memcpy(walk->resolved + walk->length, name, length);
    walk->length += length;
    walk->resolved[walk->length] = '\0';
    return 0;
}

/*
 * The last name in resolved is a link: replace it by its target, which must be
 * a folder's if there was a slash after the link.
 */
static int follow(struct walk *walk, int must_be_folder)
{
    char target[MAX];
    ssize_t length = readlink(walk->resolved, target, sizeof(target) - 1);

    if (length < 0)
        return -1;
    if (length == 0)
        return __cairn_fail(ENOENT);
    if (++walk->links > __CAIRN_SYMLOOP_MAX)
        return __cairn_fail(ELOOP);
    if ((must_be_folder && push(walk, "/", 1) < 0) ||
        push(walk, target, (size_t)length) < 0)
        return -1;
    if (target[0] == '/')
        walk->length = 1;
    else
        go_up(walk);
    walk->resolved[walk->length] = '\0';
    return 0;
}

/* Take one name; one with a slash after it must be a folder's. */
static int step(struct walk *walk, const char *name, size_t length,
                int must_be_folder)
{
    struct stat attributes;

    if (length == 1 && name[0] == '.')
        return 0;
    if (length == 2 && name[0] == '.' && name[1] == '.') {
        go_up(walk);
        return 0;
    }
    if (length > __CAIRN_NAME_MAX)
        return __cairn_fail(ENAMETOOLONG);
    if (append(walk, name, length) < 0)
        return -1;
    if (lstat(walk->resolved, &attributes) < 0)
        return -1;
    if (S_ISLNK(attributes.st_mode))
        return follow(walk, must_be_folder);
    if (must_be_folder && !S_ISDIR(attributes.st_mode))
        return __cairn_fail(ENOTDIR);
    return 0;
}

static int resolve(struct walk *walk, const char *path)
{
    walk->start = MAX - 1;
    walk->rest[walk->start] = '\0';
    walk->links = 0;
    strcpy(walk->resolved, "/");
    walk->length = 1;
    if (push(walk, path, strlen(path)) < 0)
        return -1;
    if (path[0] != '/') {
        if (getcwd(walk->resolved, MAX) == NULL)
            return -1;
        walk->length = strlen(walk->resolved);
    }
    while (walk->rest[walk->start] != '\0') {
        const char *name = walk->rest + walk->start;
        size_t length = strcspn(name, "/");

        walk->start += length > 0 ? length : 1;
        if (length > 0 &&
            step(walk, name, length, walk->rest[walk->start] == '/') < 0)
            return -1;
    }
    return 0;
}

char *realpath(const char *restrict path, char *restrict result)
{
    struct walk walk;

    if (path == NULL) {
        errno = EINVAL;
        return NULL;
    }
    if (path[0] == '\0') {
        errno = ENOENT;
        return NULL;
    }
    if (resolve(&walk, path) < 0)
        return NULL;
    if (result == NULL)
        return strdup(walk.resolved);
    return strcpy(result, walk.resolved);
}
