/*
 * tools/cairn-run/sysroot.c - taking along what a program of DIR needs
 *
 * DIR holds files as the root of a Linux system does. A dynamically linked
 * program names its loader and libraries; libraries name more. Each is looked
 * for in DIR where the loader will look in Cairn, and goes to the same place
 * there: as a file of its own under the name that was asked for, symbolic
 * links followed inside DIR.
 *
 * Order of the folders, as of ld.so of glibc:
 *
 *      DT_RPATH      of the file without DT_RUNPATH, and of what led to it
 *      LD_LIBRARY_PATH
 *      DT_RUNPATH    of the file
 *      ld.so.conf    with its include lines
 *      its own       /lib and /usr/lib, each with the folder of Debian's i386
 *
 * ld.so does not read ld.so.conf but the cache that ldconfig made of it. So
 * /etc/ld.so.cache is taken along; where DIR has none, a library that only
 * ld.so.conf leads to goes to /lib. musl's loader has one list, in
 * /etc/ld-musl-i386.path, and is the library libc.so itself.
 */
#define _GNU_SOURCE
#include "sysroot.h"

#include "cairn-run.h"
#include "elf_needs.h"

#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS   40
#define MAX_INCLUDE 8
#define GLIBC_PATH  "/lib/i386-linux-gnu:/usr/lib/i386-linux-gnu:/lib:/usr/lib"
#define MUSL_PATH   "/lib:/usr/local/lib:/usr/lib"
#define PROGRAMS                    \
    "/usr/local/bin:/usr/bin:/bin:" \
    "/usr/local/sbin:/usr/sbin:/sbin"

/* A file whose needs are looked at, and the file that needed it. */
struct object {
    const struct object *parent; /* NULL: the program itself */
    const char *guest;
    struct elf_needs needs;
};

/* What one call works with. */
struct search {
    struct sysroot *sysroot;
    struct pack *pack;
    bool strict; /* a file that is missing ends the run */
    bool musl;
};

/* ---- names below DIR ---- */

/* The path `done` and one component: ".." takes one away, "." adds none. */
static char *step(const char *done, const char *name, size_t n)
{
    const char *slash = strrchr(done, '/');

    if (n == 0 || (n == 1 && *name == '.'))
        return format("%s", done);
    if (n == 2 && strncmp(name, "..", 2) == 0)
        return format("%.*s", slash != NULL ? (int)(slash - done) : 0, done);
    return format("%s/%.*s", done, (int)n, name);
}

/* The text of a symbolic link; "" if it cannot be read. */
static char *read_link(const char *host)
{
    char target[PATH_MAX];
    ssize_t n = readlink(host, target, sizeof(target) - 1);

    return format("%.*s", n > 0 ? (int)n : 0, target);
}

/*
 * Go one component of *rest further from *done, or follow the link that it is.
 * False if there is no such file, or too many links.
 */
static bool walk_on(const char *root, char **done, char **rest, int *nlinks)
{
    const char *name = *rest + strspn(*rest, "/");
    size_t n = strcspn(name, "/");
    char *next = step(*done, name, n), *behind = format("%s", name + n);
    char *host = format("%s%s", root, next);
    struct stat st;
    bool good = lstat(host, &st) == 0;

    if (good && S_ISLNK(st.st_mode)) {
        char *target = read_link(host),
             *longer = format("%s%s", target, behind);

        good = ++*nlinks <= MAX_LINKS && *target != '\0';
        free(next);
        next = format("%s", *target == '/' ? "" : *done);
        free(target);
        free(behind);
        behind = longer;
    }
    free(host);
    free(*done);
    free(*rest);
    *done = next;
    *rest = behind;
    return good;
}

/*
 * The host's path of a path below DIR, without links and inside DIR whatever
 * they say; NULL if it is not there.
 */
static char *resolve(const char *root, const char *path)
{
    char *rest = format("%s", path), *done = format("%s", ""), *host = NULL;
    int nlinks = 0;
    bool good = true;

    while (good && *rest != '\0')
        good = walk_on(root, &done, &rest, &nlinks);
    if (good)
        host = format("%s%s", root, done);
    free(done);
    free(rest);
    return host;
}

static bool is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

char *sysroot_guest_path(const struct sysroot *sysroot, const char *host)
{
    size_t n = sysroot != NULL ? strlen(sysroot->root) : 0;

    if (sysroot == NULL || strncmp(host, sysroot->root, n) != 0 ||
        host[n] != '/')
        return NULL;
    return format("%s", host + n);
}

char *sysroot_host_path(const struct sysroot *sysroot, const char *guest)
{
    return resolve(sysroot->root, guest);
}

char *sysroot_find_program(const struct sysroot *sysroot, const char *name)
{
    for (const char *dir = PROGRAMS; *dir != '\0';) {
        size_t n = strcspn(dir, ":");
        char *guest = format("%.*s/%s", (int)n, dir, name);
        char *host = resolve(sysroot->root, guest);
        bool good = host != NULL && is_regular(host) && access(host, X_OK) == 0;

        free(host);
        if (good) {
            host = format("%s%s", sysroot->root, guest);
            free(guest);
            return host;
        }
        free(guest);
        dir += n + (dir[n] == ':');
    }
    return NULL;
}

/* ---- lists of folders ---- */

static void append(char **list, const char *dir, size_t n)
{
    char *longer;

    if (n == 0)
        return;
    longer = format("%s%s%.*s", *list, **list != '\0' ? ":" : "", (int)n, dir);
    free(*list);
    *list = longer;
}

static void read_conf(const struct sysroot *sysroot, const char *guest,
                      int depth, char **list);

/* include PATTERN: paths below DIR, those that do not begin with / in `dir`. */
static void include_conf(const struct sysroot *sysroot, const char *dir,
                         const char *pattern, int depth, char **list)
{
    char *full = *pattern == '/'
                     ? format("%s%s", sysroot->root, pattern)
                     : format("%s%s/%s", sysroot->root, dir, pattern);
    glob_t found;

    if (glob(full, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            read_conf(sysroot, found.gl_pathv[i] + strlen(sysroot->root),
                      depth + 1, list);
        globfree(&found);
    }
    free(full);
}

/* Add the folders of a configuration file to the list. */
static void read_conf(const struct sysroot *sysroot, const char *guest,
                      int depth, char **list)
{
    char *host = depth < MAX_INCLUDE ? resolve(sysroot->root, guest) : NULL;
    FILE *in = host != NULL && is_regular(host) ? fopen(host, "re") : NULL;
    char *line = NULL, *slash, *dir = format("%s", guest);
    size_t room = 0;

    slash = strrchr(dir, '/');
    *slash = '\0';
    while (in != NULL && getline(&line, &room, in) >= 0) {
        char *word = line + strspn(line, " \t");

        word[strcspn(word, "#\n\r")] = '\0';
        if (strncmp(word, "include", 7) == 0 && strchr(" \t", word[7])) {
            word += 7 + strspn(word + 7, " \t");
            word[strcspn(word, " \t")] = '\0';
            include_conf(sysroot, dir, word, depth, list);
        } else if (*word == '/') {
            append(list, word, strcspn(word, " \t=:"));
        }
    }
    if (in != NULL)
        fclose(in);
    free(line);
    free(dir);
    free(host);
}

/* musl's list: folders divided by lines or colons. */
static char *read_musl_path(const struct sysroot *sysroot)
{
    char *host = resolve(sysroot->root, "/etc/ld-musl-i386.path");
    FILE *in = host != NULL && is_regular(host) ? fopen(host, "re") : NULL;
    char *list = format("%s", ""), *line = NULL;
    size_t room = 0;

    free(host);
    if (in == NULL) {
        free(list);
        return format(MUSL_PATH);
    }
    while (getline(&line, &room, in) >= 0)
        append(&list, line, strcspn(line, "\n"));
    free(line);
    fclose(in);
    return list;
}

struct sysroot *sysroot_open(const char *dir, const char *library_path)
{
    struct sysroot *sysroot = must_alloc(sizeof(*sysroot));
    char *cache;

    *sysroot = (struct sysroot){.library_path = library_path};
    sysroot->root = realpath(dir, NULL);
    if (sysroot->root == NULL)
        die(STATUS_FAILED, "--sysroot %s: %s", dir, strerror(errno));
    if (strcmp(sysroot->root, "/") == 0)
        *sysroot->root = '\0';
    sysroot->conf = format("%s", "");
    read_conf(sysroot, "/etc/ld.so.conf", 0, &sysroot->conf);
    sysroot->musl = read_musl_path(sysroot);
    cache = resolve(sysroot->root, "/etc/ld.so.cache");
    sysroot->has_cache = cache != NULL;
    free(cache);
    return sysroot;
}

/* ---- finding and adding ---- */

/* The same path without "." and "..": there are no links in Cairn's copy. */
static char *tidy(char *path)
{
    char *done = format("%s", "");

    for (const char *name = path; *name != '\0';) {
        size_t n = strcspn(name, "/");
        char *next = step(done, name, n);

        free(done);
        done = next;
        name += n + (name[n] == '/');
    }
    free(path);
    return done;
}

static void add_object(const struct search *s, const struct object *parent,
                       const char *guest, const char *host);

/* $ORIGIN in a folder is where the file is that says so. */
static char *expand(const char *dir, size_t n, const char *guest)
{
    static const char *const names[] = {"$ORIGIN", "${ORIGIN}"};
    char *folder = format("%.*s", (int)n, dir);

    for (int i = 0; i < 2; i++) {
        char *at = strstr(folder, names[i]), *longer;
        const char *slash = strrchr(guest, '/');

        if (at == NULL)
            continue;
        longer = format("%.*s%.*s%s", (int)(at - folder), folder,
                        (int)(slash - guest), guest, at + strlen(names[i]));
        free(folder);
        folder = longer;
    }
    return folder;
}

/* Whether the host's file is what a loader of i386 would take. */
static bool is_library(const char *host)
{
    struct elf_needs needs;

    if (!elf_needs_read(host, &needs))
        return false;
    elf_needs_free(&needs);
    return true;
}

/*
 * Look for a library in the folders of a list that `owner` gives: its path in
 * Cairn, with *host set; or NULL.
 */
static char *find_in(const struct search *s, const char *list,
                     const char *owner, const char *name, char **host)
{
    for (const char *dir = list != NULL ? list : ""; *dir != '\0';) {
        size_t n = strcspn(dir, ":");
        char *folder = expand(dir, n, owner);
        char *guest = format("%s/%s", folder, name);

        free(folder);
        *host = *guest == '/' ? resolve(s->sysroot->root, guest) : NULL;
        if (*host != NULL && is_library(*host))
            return tidy(guest);
        free(*host);
        free(guest);
        dir += n + (dir[n] == ':');
    }
    return NULL;
}

/* The rpaths of a file and of those that led to it. */
static char *find_by_rpath(const struct search *s, const struct object *object,
                           const char *name, char **host)
{
    char *guest = NULL;

    if (object->needs.runpath != NULL)
        return NULL;
    for (; object != NULL && guest == NULL; object = object->parent)
        if (object->needs.runpath == NULL)
            guest = find_in(s, object->needs.rpath, object->guest, name, host);
    return guest;
}

/* Where ld.so would find it; *by_conf: only by its configuration. */
static char *find_library(const struct search *s, const struct object *object,
                          const char *name, char **host, bool *by_conf)
{
    const struct sysroot *sysroot = s->sysroot;
    char *guest;

    *by_conf = false;
    if (strchr(name, '/') != NULL) {
        char *path = expand(name, strlen(name), object->guest);

        *host = *path == '/' ? resolve(sysroot->root, path) : NULL;
        if (*host != NULL)
            return tidy(path);
        free(path);
        return NULL;
    }
    guest = find_by_rpath(s, object, name, host);
    if (guest == NULL)
        guest = find_in(s, sysroot->library_path, "/", name, host);
    if (guest == NULL)
        guest = find_in(s, object->needs.runpath, object->guest, name, host);
    if (guest == NULL && s->musl)
        return find_in(s, sysroot->musl, "/", name, host);
    if (guest == NULL) {
        guest = find_in(s, sysroot->conf, "/", name, host);
        *by_conf = guest != NULL;
    }
    if (guest == NULL)
        guest = find_in(s, GLIBC_PATH, "/", name, host);
    return guest;
}

static void check(int error, const char *what)
{
    if (error < 0 && error != -EEXIST)
        die(STATUS_FAILED, "%s: %s", what, strerror(-error));
}

/* Whether a path has been looked at before; it has from now on. */
static bool is_known(struct sysroot *sysroot, const char *guest)
{
    for (size_t i = 0; i < sysroot->nknown; i++)
        if (strcmp(sysroot->known[i], guest) == 0)
            return true;
    sysroot->known = realloc(sysroot->known,
                             (sysroot->nknown + 1) * sizeof(*sysroot->known));
    if (sysroot->known == NULL)
        die(STATUS_FAILED, "out of memory");
    sysroot->known[sysroot->nknown++] = format("%s", guest);
    return false;
}

static bool is_default_folder(const char *guest)
{
    size_t n = (size_t)(strrchr(guest, '/') - guest);

    for (const char *dir = GLIBC_PATH; *dir != '\0';) {
        size_t length = strcspn(dir, ":");

        if (length == n && strncmp(dir, guest, n) == 0)
            return true;
        dir += length + (dir[length] == ':');
    }
    return false;
}

/* Add a file of DIR to the archive, if it is not there yet. */
static void take_along(const struct search *s, const char *guest,
                       const char *host)
{
    check(pack_add_file(s->pack, guest, PACK_MODE_HOST, host), host);
}

/* Take along a file of DIR that only the loader reads, if there is one. */
static void take_setting(const struct search *s, const char *guest)
{
    char *host = resolve(s->sysroot->root, guest);

    if (host != NULL && is_regular(host) && !is_known(s->sysroot, guest))
        take_along(s, guest, host);
    free(host);
}

static _Noreturn void lack(const struct search *s, const struct object *object,
                           const char *what, const char *name)
{
    while (object->parent != NULL && strcmp(what, "the loader") == 0)
        object = object->parent;
    die(STATUS_NOT_FOUND, "%s: it needs %s %s, which is not in %s",
        object->guest, what, name,
        *s->sysroot->root != '\0' ? s->sysroot->root : "/");
}

static void add_library(const struct search *s, const struct object *object,
                        const char *name)
{
    char *host, *guest;
    bool by_conf;

    if (s->musl &&
        (strcmp(name, "libc.so") == 0 || strncmp(name, "libc.musl-", 10) == 0))
        return; /* the loader is this library */
    guest = find_library(s, object, name, &host, &by_conf);
    if (guest == NULL) {
        if (s->strict)
            lack(s, object, "the library", name);
        return;
    }
    add_object(s, object, guest, host);
    if (by_conf && !s->sysroot->has_cache && !is_default_folder(guest)) {
        char *other = format("/lib/%s", name);

        if (!is_known(s->sysroot, other))
            take_along(s, other, host);
        free(other);
    }
    free(guest);
    free(host);
}

static void add_interpreter(const struct search *s, const struct object *object)
{
    const char *path = object->needs.interpreter;
    char *host = *path == '/' ? resolve(s->sysroot->root, path) : NULL;

    if (host == NULL && s->strict)
        lack(s, object, "the loader", path);
    if (host != NULL)
        add_object(s, object, path, host);
    free(host);
}

/* Look at the needs of one file of i386, and take along what it names. */
static void add_needs(const struct search *s, struct object *object)
{
    struct search own = *s;

    if (object->needs.interpreter != NULL && object->parent == NULL) {
        own.musl = strstr(object->needs.interpreter, "/ld-musl-") != NULL;
        add_interpreter(&own, object);
        take_setting(&own,
                     own.musl ? "/etc/ld-musl-i386.path" : "/etc/ld.so.cache");
    }
    for (size_t i = 0; i < object->needs.nneeded; i++)
        add_library(&own, object, object->needs.needed[i]);
}

static void add_object(const struct search *s, const struct object *parent,
                       const char *guest, const char *host)
{
    struct object object = {.parent = parent, .guest = guest};

    if (is_known(s->sysroot, guest))
        return;
    take_along(s, guest, host);
    if (!elf_needs_read(host, &object.needs))
        return;
    add_needs(s, &object);
    elf_needs_free(&object.needs);
}

void sysroot_add_needs(struct sysroot *sysroot, struct pack *pack,
                       const char *guest, const char *host, bool strict)
{
    struct search s = {.sysroot = sysroot, .pack = pack, .strict = strict};
    struct object object = {.guest = guest};

    if (!elf_needs_read(host, &object.needs))
        return;
    add_needs(&s, &object);
    elf_needs_free(&object.needs);
}

/* nftw gives its function no context. */
static struct {
    struct sysroot *sysroot;
    struct pack *pack;
    const char *host, *guest;
} walk;

static int visit(const char *path, const struct stat *st, int type,
                 struct FTW *ftw)
{
    char *guest;

    (void)ftw;
    if (type != FTW_F || !S_ISREG(st->st_mode))
        return 0;
    guest = format("%s%s", walk.guest, path + strlen(walk.host));
    sysroot_add_needs(walk.sysroot, walk.pack, guest, path, false);
    free(guest);
    return 0;
}

void sysroot_add_tree_needs(struct sysroot *sysroot, struct pack *pack,
                            const char *guest, const char *host)
{
    walk.sysroot = sysroot;
    walk.pack = pack;
    walk.host = host;
    walk.guest = guest;
    (void)nftw(host, visit, 16, FTW_PHYS);
}
