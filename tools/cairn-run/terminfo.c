/*
 * tools/cairn-run/terminfo.c - the description of a terminal
 *
 * curses looks for it below $TERMINFO, ~/.terminfo, each of $TERMINFO_DIRS, and
 * the system's folders, as x/xterm or, on some systems, 78/xterm (terminfo(5)).
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* No entry is longer (term(5)); a name is a file's. */
#define MAX_ENTRY 32768
#define MAX_NAME  128

static bool is_entry(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
           st.st_size <= MAX_ENTRY;
}

/* Below one folder, by either name; the path, or NULL. */
static char *look_in(const char *dir, const char *name)
{
    char *path = format("%s/%c/%s", dir, *name, name);

    if (is_entry(path))
        return path;
    free(path);
    path = format("%s/%02x/%s", dir, (unsigned char)*name, name);
    if (is_entry(path))
        return path;
    free(path);
    return NULL;
}

/* Below each folder of a list that colons divide. */
static char *look_in_list(const char *list, const char *name)
{
    char *path = NULL;

    while (path == NULL && *list != '\0') {
        size_t n = strcspn(list, ":");
        char *dir = format("%.*s", (int)n, list);

        if (n > 0)
            path = look_in(dir, name);
        free(dir);
        list += n + (list[n] == ':');
    }
    return path;
}

static char *look(const char *name)
{
    const char *one = getenv("TERMINFO"), *home = getenv("HOME"),
               *list = getenv("TERMINFO_DIRS");
    char *path = one != NULL && *one == '/' ? look_in(one, name) : NULL;

    if (path == NULL && home != NULL && *home == '/') {
        char *dir = format("%s/.terminfo", home);

        path = look_in(dir, name);
        free(dir);
    }
    if (path == NULL && list != NULL)
        path = look_in_list(list, name);
    if (path == NULL)
        path = look_in_list("/etc/terminfo:/lib/terminfo:/usr/share/terminfo:"
                            "/usr/local/share/terminfo",
                            name);
    return path;
}

void terminfo_find(const char *name, char **path, char **entry)
{
    *path = *entry = NULL;
    if (*name == '\0' || *name == '.' || strlen(name) > MAX_NAME ||
        strchr(name, '/') != NULL)
        return;
    *path = look(name);
    if (*path != NULL)
        *entry = format("usr/share/terminfo/%c/%s", *name, name);
}
