/*
 * tools/mkinitrd.c - pack files of the host into an initrd
 *
 *     mkinitrd -o OUT [-k] [-a ARCHIVE] HOST[=GUEST] ...
 *
 * With -a, OUT begins with all that ARCHIVE, an initrd itself, has.
 * HOST is a file or a directory.  A directory's content goes below GUEST, or
 * into the root of the archive; a file becomes GUEST, or keeps its last
 * component.  Later arguments may add to directories that earlier ones made.
 * A file given twice is an error; with -k the first one is kept.
 * Modes are 0755 and 0644, by the execute bit, so that the archive depends
 * on nothing but names and contents; SOURCE_DATE_EPOCH sets the time stamps.
 *
 * A half-written OUT is removed, if it is a regular file.  Exit status: 0, or 1
 * after a message.
 */
#define _GNU_SOURCE

#include "pack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int add_source(struct pack *pack, char *source)
{
    char *equals = strrchr(source, '=');
    const char *guest = NULL;
    struct stat st;

    if (equals) {
        *equals = '\0';
        guest = equals + 1;
    }
    if (stat(source, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return pack_add_tree(pack, guest ? guest : "", PACK_MODE_PLAIN, source);
    if (!guest)
        guest = basename(source);
    return pack_add_file(pack, guest, PACK_MODE_PLAIN, source);
}

static int write_archive(FILE *out, const char *base, const char *left_out,
                         bool keep_first, char **sources)
{
    struct pack *pack;
    int error = pack_open(out, pack_default_mtime(), &pack);
    int close_error;

    if (error) {
        fprintf(stderr, "mkinitrd: %s\n", strerror(-error));
        return error;
    }
    if (keep_first)
        pack_keep_first(pack);
    pack_leave_out(pack, left_out);
    if (base) {
        error = pack_add_archive(pack, base);
        if (error)
            fprintf(stderr, "mkinitrd: %s: %s\n", base, strerror(-error));
    }
    for (; !error && *sources; sources++) {
        error = add_source(pack, *sources);
        if (error)
            fprintf(stderr, "mkinitrd: %s: %s\n", *sources, strerror(-error));
    }
    close_error = pack_close(pack);
    if (!error && close_error)
        fprintf(stderr, "mkinitrd: writing: %s\n", strerror(-close_error));
    return error ? error : close_error;
}

int main(int argc, char **argv)
{
    const char *path = NULL, *base = NULL;
    const char *left_out = NULL;
    bool keep_first = false;
    struct stat st;
    int error, option;
    FILE *out;

    while ((option = getopt(argc, argv, "o:a:kx:")) != -1) {
        if (option == 'o')
            path = optarg;
        else if (option == 'a')
            base = optarg;
        else if (option == 'k')
            keep_first = true;
        else if (option == 'x')
            left_out = optarg;
    }
    if (!path) {
        fprintf(stderr, "usage: mkinitrd -o OUT [-k] [-x NAME] [-a ARCHIVE] "
                        "HOST[=GUEST] ...\n");
        return 1;
    }
    out = fopen(path, "wb");
    if (!out) {
        fprintf(stderr, "mkinitrd: %s: %s\n", path, strerror(errno));
        return 1;
    }
    error = write_archive(out, base, left_out, keep_first, argv + optind);
    if (error && fstat(fileno(out), &st) == 0 && S_ISREG(st.st_mode))
        unlink(path);
    fclose(out);
    return error ? 1 : 0;
}
