/*
 * The file by which cairn-run says what to run: /.cairn/run of the initrd.
 *
 * A sequence of records, each ended by a NUL:
 *
 *      path=/run/prog      the program's file                    once
 *      cwd=/home           working directory                     at most once
 *      arg=...             one argument, argv[0] first           at least once
 *      env=NAME=VALUE      one string of the environment         any number
 *      data=65536          RLIMIT_DATA, as and stack likewise    at most once
 *      stdin=/.cairn/stdin a file instead of the channel's       at most once
 *      lab=trace paths     record and make fail: sys/lab.h  at most once
 *
 * Values hold any bytes but NUL. A file is good only as a whole: unknown or
 * repeated records, a missing NUL at the end, or a number that is none make
 * it bad.
 *
 * Pure: compiles on the host and is tested there.
 */
#ifndef PROC_RUNFILE_H
#define PROC_RUNFILE_H

#include "lib/types.h"

#define RUNFILE_PATH "/.cairn/run"

/* A limit that was not given. */
#define RUNFILE_NO_LIMIT UINT64_MAX

/* More bytes than this are never parsed. */
#define RUNFILE_MAX_BYTES 0x00400000u

/* What a runfile says. All strings lie in the parsed bytes. */
struct runfile {
    char *path;
    char *cwd;    /* NULL if not given */
    char *input;  /* NULL if not given */
    char *lab;    /* NULL if not given */
    size_t nargs; /* of argv, without its NULL */
    size_t nenv;
    char **argv; /* NULL-terminated; lies in the caller's `strings` */
    char **envp; /* NULL-terminated; behind argv */
    uint64_t data, as, stack; /* RUNFILE_NO_LIMIT if not given */
};

/* How many pointers runfile_parse wants for these bytes. */
size_t runfile_count_strings(const char *bytes, size_t nbytes);

/*
 * Parse `nbytes` bytes, which must stay; `strings` has room for `nstrings`
 * pointers, which runfile_count_strings tells. Returns NULL with all of *out
 * set, or a text that says what is wrong.
 */
const char *runfile_parse(char *bytes, size_t nbytes, char **strings,
                          size_t nstrings, struct runfile *out);

#endif
