/*
 * tools/cairn-run/install.c - where Cairn's own files are
 *
 *      SYSROOT/bin/cairn-run    with SYSROOT/usr/lib/cairn/cairn.elf
 *      build/host/cairn-run     with build/kernel/cairn.elf
 *
 * All is relative to the real place of the running program, so that a sysroot
 * can be moved and symbolic links to cairn-run work.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder above the one that holds this program. */
static char *home(void)
{
    char *path = realpath("/proc/self/exe", NULL);

    if (path == NULL)
        die(STATUS_FAILED, "/proc is not mounted");
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');

        if (slash != NULL)
            *slash = '\0';
    }
    return path;
}

char *install_look(const char *installed, const char *built)
{
    char *top = home();
    char *path = format("%s/%s", top, installed);

    if (access(path, R_OK) == 0)
        return path;
    path = format("%s/%s", top, built);
    return access(path, R_OK) == 0 ? path : NULL;
}

char *install_find(const char *installed, const char *built)
{
    char *path = install_look(installed, built);

    if (path == NULL)
        die(STATUS_FAILED, "Cairn is not built: %s has neither %s nor %s",
            home(), installed, built);
    return path;
}
