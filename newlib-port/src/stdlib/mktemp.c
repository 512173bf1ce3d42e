/*
 * mkstemp, mkostemp, mkstemps, mkostemps, mkdtemp, mktemp: a new name in the
 * place of six X, from the kernel's random numbers.
 *
 * The template is changed only when it is right; after a failure the X are
 * back.  Errors: EINVAL for a template without six X before its suffix; EEXIST
 * when none of 100 names was free; those of open and mkdir.
 */
#define _GNU_SOURCE
#include "../call.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XS    6
#define TRIES 100

/* Make something of the name: returns its descriptor or 0, or -1 and errno. */
typedef int maker(const char *path, int flags);

static void fill(char *place)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint32_t random[XS];

    getentropy(random, sizeof(random));
    for (int i = 0; i < XS; i++)
        place[i] = letters[random[i] % (sizeof(letters) - 1)];
}

static int make_name(char *path, int suffix, int flags, maker *make)
{
    size_t length = strlen(path);
    char *place;

    if (suffix < 0 || length < XS || (size_t)suffix > length - XS)
        return __cairn_fail(EINVAL);
    place = path + length - XS - (size_t)suffix;
    if (memcmp(place, "XXXXXX", XS) != 0)
        return __cairn_fail(EINVAL);
    for (int i = 0; i < TRIES; i++) {
        int result;

        fill(place);
        result = make(path, flags);
        if (result >= 0)
            return result;
        if (errno != EEXIST)
            break;
    }
    memset(place, 'X', XS);
    return -1;
}

static int make_file(const char *path, int flags)
{
    flags &= ~O_ACCMODE;
    return open(path, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
}

static int make_folder(const char *path, int flags)
{
    (void)flags;
    return mkdir(path, 0700);
}

/* Only look whether the name is free. */
static int make_nothing(const char *path, int flags)
{
    struct stat attributes;

    (void)flags;
    if (lstat(path, &attributes) == 0)
        return __cairn_fail(EEXIST);
    return errno == ENOENT ? 0 : -1;
}

int mkostemps(char *path, int suffix, int flags)
{
    return make_name(path, suffix, flags, make_file);
}

int mkstemps(char *path, int suffix)
{
    return make_name(path, suffix, 0, make_file);
}

int mkostemp(char *path, int flags)
{
    return make_name(path, 0, flags, make_file);
}

int mkstemp(char *path)
{
    return make_name(path, 0, 0, make_file);
}

char *mkdtemp(char *path)
{
    return make_name(path, 0, 0, make_folder) == 0 ? path : NULL;
}

/* A name that cannot be had is an empty one, as POSIX.1-2001 says. */
char *mktemp(char *path)
{
    if (make_name(path, 0, 0, make_nothing) != 0)
        *path = '\0';
    return path;
}
