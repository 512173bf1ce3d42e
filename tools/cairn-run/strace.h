/* tools/cairn-run/strace.h - records of system calls as lines of text */
#ifndef STRACE_H
#define STRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dev/trace_proto.h"

struct strace_options {
    FILE *out;
    const char *trace; /* a list of sets and names, NULL: all */
    bool paths, times, relative, faults;
    bool summary, lines;      /* totals at the end; the lines themselves */
    bool counts_instructions; /* a nanosecond is an instruction */
    uint32_t strings;
    bool keeps; /* the last lines, for strace_last */
};

#define STRACE_KEPT 8

void strace_begin(const struct strace_options *options);

/* The first line, which no record has: the program's own start. */
void strace_start(char *const *argv, unsigned nenv);

/* One record; [body, end) follows its head. False: it is malformed. */
bool strace_record(const struct cairn_record *head, const unsigned char *body,
                   const unsigned char *end);

/* The last lines: calls that have not ended, and the totals. */
void strace_end(void);

/* Prints the last lines that were kept. */
void strace_last(FILE *out);

/* Is this list of sets and names good? Else *wrong is the word that is not. */
bool strace_check_set(const char *list, const char **wrong, int *length);

/* Does the list hold the call? */
bool strace_in_list(const char *list, uint32_t number);

#endif
