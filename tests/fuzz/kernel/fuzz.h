/*
 * The system call fuzzer: a program of Cairn that makes up other programs.
 *
 *      values.c    values for each kind of argument of <cairn/calls.def>
 *      program.c   programs: making, changing, writing and reading them
 *      run.c       running a deed in processes of its own
 *      fuzz.c      the corpus and the two ways to use it
 *
 * A deed is one to three programs that run at once, in one directory, with the
 * same open files. A program is a row of system calls. An argument is a
 * number, the result of an earlier call, or a pointer to bytes that are put
 * into the shared memory at AREA first.
 */
#ifndef TESTS_FUZZ_KERNEL_FUZZ_H
#define TESTS_FUZZ_KERNEL_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AREA       0x20000000u /* memory that all programs of a deed share */
#define AREA_BYTES 0x10000u
#define PLACE      0x30000000u /* where mappings are put */
#define PAGE       4096u

#define MAX_STEPS    20
#define MAX_PROGRAMS 3
#define MAX_BLOB     48
#define NARGS        6
#define TEXT_BYTES   32768 /* of a deed as text */

enum kind {
#define ARGKIND(kind, text) KIND_##kind,
#include <cairn/calls.def>
    NKINDS
};

struct call {
    const char *name;
    int number;
    enum kind result;
    enum kind args[NARGS];
};

extern const struct call calls[];
extern const unsigned ncalls;

enum arg_type { ARG_NUMBER, ARG_RESULT, ARG_BYTES };

struct arg {
    uint8_t type;
    uint8_t nbytes; /* of bytes[], for ARG_BYTES */
    uint32_t value; /* the number, the step, or the offset in AREA */
    uint8_t bytes[MAX_BLOB];
};

struct step {
    uint16_t call;
    struct arg args[NARGS];
};

struct program {
    uint32_t uid;
    unsigned nsteps;
    struct step steps[MAX_STEPS];
};

struct deed {
    unsigned nprograms;
    struct program programs[MAX_PROGRAMS];
};

/* Pseudo-random numbers, always the same for a seed. */
extern uint64_t random_state;
uint32_t random_word(void);
uint32_t random_below(uint32_t n);
bool one_in(uint32_t n);

/* ---- values.c ---- */

/* A value for argument `n` of step `at`. */
void value_make(const struct program *program, unsigned at, unsigned n);

/* ---- program.c ---- */

void deed_make(struct deed *deed);

/* Change it in one to four places; parts may come from `other`. */
void deed_mutate(struct deed *deed, const struct deed *other);

/* The text of a deed, ended by NUL: its length. */
size_t deed_write(const struct deed *deed, char *text);

/* Read one deed at *text, which moves behind it; false at the end. */
bool deed_read(const char **text, struct deed *deed);

/* ---- run.c ---- */

/* Set up what stays: shared memory, descriptors out of the programs' reach. */
void run_init(void);

/* Write to our stdout, which no program can reach. */
void run_say(const char *text, size_t nbytes);

/*
 * Run a deed and wait until nothing of it is left. With `cover`, the first
 * program's way through the kernel is in run_map afterwards.
 */
void run_deed(const struct deed *deed, bool cover);

#define MAP_BYTES 65536
extern uint8_t run_map[MAP_BYTES];

/* Whether the kernel tells what it runs. */
extern bool run_covers;

/* Calls made so far by all programs. */
uint32_t run_ncalls(void);

#endif
