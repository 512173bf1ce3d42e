/*
 * The kernel command line.
 */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

#include "lib/types.h"

#define OPTIONS_MAX_ENV   32
#define OPTIONS_ENV_BYTES 1100 /* a whole command line, and then some */

struct boot_options {
    const char *init; /* init=PATH: the first program; NULL if not given */
    bool norandom;    /* fixed addresses for heap, mmap and stack */
    bool steady;      /* the host gives no answers: cairn-run --icount */
    bool leakcheck;   /* memory that does not come back fails the run */
    int loglevel;     /* lines above this level are not shown */
    unsigned rows, columns; /* of the terminal on the line; 0: not known */
    bool fails;   /* fail= or failcopy= was given; see <cairn/inject.h>: */
    bool fail_on; /* all points from fail_nth on are refused, not just it */
    unsigned fail_nth, fail_copy; /* the point of memory, the copy; 0: none */
    unsigned nenv;                /* all other words, "NAME=VALUE" */
    const char *env[OPTIONS_MAX_ENV];
};

extern struct boot_options boot_options;

/*
 * Split `cmdline` in place (it must stay) at blanks; "..." keeps blanks
 * together. Words that no option knows go to the environment of the first
 * program; one without '=' gets one at its end. `loader` decides if
 * the first word is the kernel's own name.
 */
void options_parse(char *cmdline, const char *loader);

#endif
