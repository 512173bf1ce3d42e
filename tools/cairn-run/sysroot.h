/*
 * tools/cairn-run/sysroot.h - a folder that holds the root of a Linux system
 *
 * "Guest" paths begin with a slash and are those in Cairn; a file of the
 * folder has there the path that it has below the folder.
 */
#ifndef CAIRN_RUN_SYSROOT_H
#define CAIRN_RUN_SYSROOT_H

#include "pack.h"

#include <stdbool.h>

struct sysroot {
    char *root;               /* free of links, no slash at the end */
    const char *library_path; /* LD_LIBRARY_PATH of the program, or NULL */
    char *conf;               /* folders of ld.so.conf, divided by colons */
    char *musl;               /* folders of musl's loader */
    bool has_cache;           /* there is an ld.so.cache */
    char **known;             /* guest paths that have been looked at */
    size_t nknown;
};

/* Open the folder; exits with 125 if it is not there. */
struct sysroot *sysroot_open(const char *dir, const char *library_path);

/*
 * The guest path of a host path that is absolute and free of links up to its
 * last component: NULL if it is not below the folder, or `sysroot` is NULL.
 */
char *sysroot_guest_path(const struct sysroot *sysroot, const char *host);

/* The host's file for a guest path, links followed in the folder; or NULL. */
char *sysroot_host_path(const struct sysroot *sysroot, const char *guest);

/* The host's path of a program by its name alone, or NULL. */
char *sysroot_find_program(const struct sysroot *sysroot, const char *name);

/*
 * Add what the file `host`, which goes to `guest`, needs to run: its loader,
 * its libraries, and theirs. What is not an ELF file of i386 needs nothing.
 * What is not in the folder ends cairn-run with 127 and a message if `strict`,
 * else it is left out.
 */
void sysroot_add_needs(struct sysroot *sysroot, struct pack *pack,
                       const char *guest, const char *host, bool strict);

/* The same for all files of a directory, what is missing left out. */
void sysroot_add_tree_needs(struct sysroot *sysroot, struct pack *pack,
                            const char *guest, const char *host);

#endif
