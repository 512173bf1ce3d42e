/*
 * ttyname, ttyname_r: the path of a terminal.
 *
 * The kernel knows it, in /proc/self/fd; without /proc, the files of /dev and
 * /dev/pts are compared.  ttyname_r returns the error number: EBADF, ENOTTY,
 * ERANGE; ENODEV if no name leads to the terminal.
 */
#include "../call.h"
#include <cairn/limits.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_same(const char *path, const struct stat *wanted)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISCHR(found.st_mode) &&
           found.st_rdev == wanted->st_rdev && found.st_ino == wanted->st_ino &&
           found.st_dev == wanted->st_dev;
}

static int by_proc(int fd, const struct stat *wanted, char *path, size_t nbytes)
{
    char link[32];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = readlink(link, path, nbytes - 1);
    if (length < 0)
        return 0;
    path[length] = '\0';
    return is_same(path, wanted);
}

static int by_search(const char *folder, const struct stat *wanted, char *path,
                     size_t nbytes)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int found = 0;

    if (dir == NULL)
        return 0;
    while (!found && (entry = readdir(dir)) != NULL) {
        snprintf(path, nbytes, "%s/%s", folder, entry->d_name);
        found = is_same(path, wanted);
    }
    closedir(dir);
    return found;
}

int ttyname_r(int fd, char *name, size_t nbytes)
{
    char path[__CAIRN_PATH_MAX];
    struct stat wanted;

    if (!isatty(fd) || fstat(fd, &wanted) < 0)
        return errno;
    if (!by_proc(fd, &wanted, path, sizeof(path)) &&
        !by_search("/dev/pts", &wanted, path, sizeof(path)) &&
        !by_search("/dev", &wanted, path, sizeof(path)))
        return ENODEV;
    if (strlen(path) >= nbytes)
        return ERANGE;
    strcpy(name, path);
    return 0;
}

char *ttyname(int fd)
{
    static char name[__CAIRN_PATH_MAX];
    int error = ttyname_r(fd, name, sizeof(name));

    if (error != 0) {
        errno = error;
        return NULL;
    }
    return name;
}
