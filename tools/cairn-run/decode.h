/*
 * tools/cairn-run/decode.h - system calls as strace writes them
 *
 * A call's arguments are formatted by their kinds in <cairn/calls.def>; what
 * they point to is looked for among the chunks of its records.
 */
#ifndef DECODE_H
#define DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dev/trace_proto.h"

/* A line that grows. */
struct line {
    char *text; /* NUL-terminated once something was put */
    size_t length, room;
};

void put(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A chunk and where it lies. */
struct chunk {
    uint32_t address;
    unsigned kind;
    uint32_t nbytes;
    const unsigned char *bytes;
};

/* The chunks of a call's two records. */
struct chunks {
    struct chunk *chunks;
    size_t n;
};

/* Add what lies in [bytes, end); false if it is no list of chunks. */
bool chunks_add(struct chunks *chunks, const unsigned char *bytes,
                const unsigned char *end);

struct decode_options {
    uint32_t strings; /* bytes of a string that are shown */
    bool paths;       /* names of descriptors */
};

/* Which calls belong to "memory", "file" and so on: false for no such set. */
bool decode_in_set(uint32_t number, const char *set, size_t length);
bool decode_is_set(const char *set, size_t length);

/* A call's name, or NULL; its number, or UINT32_MAX. */
const char *decode_name(uint32_t number);
uint32_t decode_number(const char *name, size_t length);

/*
 * Put "name(a, b, c" without the closing parenthesis. With `is_exit` false stop
 * before the first argument that is only known after the call.
 */
void decode_call(struct line *line, const struct cairn_trace_call *call,
                 const struct chunks *chunks,
                 const struct decode_options *options, bool is_exit);

/* Put the arguments from the first one that decode_call left out. */
void decode_rest(struct line *line, const struct cairn_trace_call *call,
                 const struct chunks *chunks,
                 const struct decode_options *options);

/* Put what follows "= ". */
void decode_result(struct line *line, const struct cairn_trace_call *call,
                   const struct chunks *chunks,
                   const struct decode_options *options);

/* Put "SIGSEGV {si_signo=SIGSEGV, ...}". */
void decode_signal(struct line *line, const uint32_t info[8]);

/* "SIGSEGV"; a number as text for what has no name. */
const char *decode_signal_name(int signo);

/* The number of "SIGSEGV" or "SEGV", or 0; of "ENOMEM", or 0. */
int decode_signal_number(const char *name);
int decode_errno_number(const char *name);
const char *decode_errno_name(int error);

/* Put bytes as a C string, in quotes. */
void decode_string(struct line *line, const unsigned char *bytes,
                   size_t nbytes);

#endif
