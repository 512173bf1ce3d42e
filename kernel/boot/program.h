/*
 * The first program: what it is, and how it is started.
 */
#ifndef BOOT_PROGRAM_H
#define BOOT_PROGRAM_H

#include "lib/types.h"

struct process;

struct program {
    const char *path;
    const char *cwd;   /* NULL: / */
    char **argv;       /* NULL-terminated */
    char **envp;       /* NULL-terminated */
    const char *input; /* a file as stdin, or NULL */
    bool on_channel;   /* its streams are cairn-run's, else the console */
    uint64_t data, as, stack; /* limits, RUNFILE_NO_LIMIT for the usual */
};

/* What the command line says, or the first program of a few usual paths. */
void program_from_options(struct process *init, struct program *program);

/*
 * Start it as a child of `init`. 0 with *out, or -errno.
 */
int program_start(struct process *init, const struct program *program,
                  struct process **out) must_check;

#endif
