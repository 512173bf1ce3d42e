/*
 * tools/cairn-run/crash.c - say where a program died
 *
 * The kernel's log has a line for each program that a signal ended by mistake,
 * and the addresses of its callers:
 *
 *     segv[2]: SIGSEGV at address 00000000: null pointer; eip 0804... esp bf...
 *       stack 08049123 00000000 bffffe04 00000001
 *       #0 08049a20
 *       #1 08049123
 *
 * addr2line of the cross toolchain names the addresses by the program's
 * debugging information:
 *
 *     segv: SIGSEGV at address 0: null pointer
 *       #0 strlen at newlib/libc/machine/i386/strlen.S:42
 *       #1 main at segv.c:5
 *
 * The kernel follows frame pointers.  A function that has made no frame hides
 * its caller; its return address is then the first word of the stack, and is
 * put after #0 when it is one: the instruction before it is a call.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "heap.h"
#include "program.h"
#include "strace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_FRAMES 64
#define FIRST_PID  2 /* of the program that was to be run */

extern char **environ;

/* One program's death, as the log tells it. */
struct crash {
    char name[64];
    char what[160]; /* "SIGSEGV at address 00000000: null pointer" */
    uint32_t top;   /* the first word of the stack */
    uint32_t frames[MAX_FRAMES];
    size_t nframes;
};

/* Return the line's end, or `end`. */
static const char *end_of_line(const char *line, const char *end)
{
    const char *newline = memchr(line, '\n', (size_t)(end - line));

    return newline != NULL ? newline : end;
}

/* Read "name[pid]: what; eip ..."; returns whether the line is of that form. */
static bool read_head(const char *line, struct crash *crash)
{
    char name[sizeof(crash->name)];
    int pid, used = 0;
    const char *what, *eip;

    if (sscanf(line, "%63[^[][%d]: %n", name, &pid, &used) != 2 || used == 0 ||
        pid != FIRST_PID)
        return false;
    what = line + used;
    eip = strstr(what, "; eip ");
    if (strncmp(what, "SIG", 3) != 0 || eip == NULL)
        return false;
    strcpy(crash->name, name);
    snprintf(crash->what, sizeof(crash->what), "%.*s", (int)(eip - what), what);
    crash->nframes = 0;
    crash->top = 0;
    return true;
}

/* Find the last death that the log tells of; returns whether there is one. */
static bool read_log(const char *log, size_t nlog, struct crash *crash)
{
    const char *end = log + nlog;
    bool found = false;

    for (const char *line = log; line < end;
         line = end_of_line(line, end) + 1) {
        char text[256];
        unsigned n, address;
        const char *start;

        snprintf(text, sizeof(text), "%.*s",
                 (int)(end_of_line(line, end) - line), line);
        /* A line of the log may begin with its time. */
        start = *text == '[' && strchr(text, ']') != NULL
                    ? strchr(text, ']') + 1
                    : text;
        if (sscanf(start, " #%u %x", &n, &address) == 2) {
            if (found && n == crash->nframes && n < MAX_FRAMES)
                crash->frames[crash->nframes++] = address;
        } else if (sscanf(start, " stack %x", &address) == 1) {
            crash->top = address;
        } else if (read_head(start + strspn(start, " "), crash)) {
            found = true;
        }
    }
    return found;
}

/* ---- the caller that has no frame ---- */

/* Put the caller that a function without frame hides after the first frame. */
static void add_hidden_caller(const char *path, struct crash *crash)
{
    struct program program;

    if (crash->nframes == 0 || crash->nframes == MAX_FRAMES ||
        !program_map(path, &program))
        return;
    if (program_after_call(&program, crash->top) &&
        (crash->nframes == 1 || crash->frames[1] != crash->top)) {
        memmove(crash->frames + 2, crash->frames + 1,
                (crash->nframes - 1) * sizeof(*crash->frames));
        crash->frames[1] = crash->top;
        crash->nframes++;
    }
    program_unmap(&program);
}

/* ---- names ---- */

/* Start addr2line for the frames; returns its output, or NULL. */
static FILE *start_naming(const char *path, const struct crash *crash,
                          pid_t *pid)
{
    uint32_t addresses[MAX_FRAMES];

    /*
     * A return address is after the call: its line is that of the byte before.
     */
    for (size_t i = 0; i < crash->nframes; i++)
        addresses[i] = crash->frames[i] - (i > 0);
    return program_addr2line("-sfipC", path, addresses, crash->nframes, pid);
}

/* Print each frame by name, by address where there is none. */
static void print_frames(const char *path, const struct crash *crash)
{
    pid_t pid = 0;
    FILE *names = start_naming(path, crash, &pid);
    char line[512];
    size_t i = 0;
    bool is_main = false;

    while (names != NULL && !is_main &&
           fgets(line, sizeof(line), names) != NULL) {
        bool inlined = strncmp(line, " (inlined by) ", 14) == 0;

        char *end = strstr(line, " (discriminator ");

        *(end != NULL ? end : line + strcspn(line, "\n")) = '\0';
        if (i >= crash->nframes && !inlined)
            break;
        if (inlined)
            fprintf(stderr, "     %s\n", line + 1);
        else if (strncmp(line, "?? ", 3) == 0)
            fprintf(stderr, "  #%zu %08x\n", i, crash->frames[i]);
        else
            fprintf(stderr, "  #%zu %s\n", i, line);
        i += !inlined;
        is_main |= strncmp(line, "main at ", 8) == 0;
    }
    if (is_main)
        i = crash->nframes; /* what called main is not the program's */
    if (names != NULL) {
        fclose(names);
        waitpid(pid, NULL, 0);
    }
    for (; i < crash->nframes; i++)
        fprintf(stderr, "  #%zu %08x\n", i, crash->frames[i]);
}

/* "at address 00000010" reads better without the zeros. */
static void print_what(const struct crash *crash)
{
    const char *address = strstr(crash->what, "address ");

    if (address == NULL) {
        fprintf(stderr, "%s: %s\n", crash->name, crash->what);
        return;
    }
    address += strlen("address ");
    fprintf(stderr, "%s: %.*s", crash->name, (int)(address - crash->what),
            crash->what);
    while (address[0] == '0' && isxdigit((unsigned char)address[1]))
        address++;
    fprintf(stderr, "%s%s\n", *address == '0' ? "" : "0x", address);
}

/* What lies at the address of a fault, and what the program did last. */
static void explain(const struct options *options, const struct crash *crash)
{
    const char *at = strstr(crash->what, " at address ");
    uint32_t address;

    if (at != NULL) {
        address = (uint32_t)strtoul(at + 12, NULL, 16);
        if (options->has_image || !heap_explain(address, options->argv[0]))
            picture_explain(address);
    }
    strace_last(stderr);
}

void crash_show(const struct options *options, const struct result *result)
{
    struct crash crash = {0};

    if (!read_log(result->log, result->nlog, &crash))
        return;
    if (!options->has_image)
        add_hidden_caller(options->argv[0], &crash);
    print_what(&crash);
    print_frames(!options->has_image ? options->argv[0] : "/dev/null", &crash);
    if (options->lab.explains)
        explain(options, &crash);
}

size_t crash_frames(const struct options *options, const struct result *result,
                    char *what, size_t size, uint32_t *frames, size_t most)
{
    struct crash crash = {0};
    size_t n;

    if (!read_log(result->log, result->nlog, &crash))
        return 0;
    if (!options->has_image)
        add_hidden_caller(options->argv[0], &crash);
    snprintf(what, size, "%s", crash.what);
    n = crash.nframes < most ? crash.nframes : most;
    memcpy(frames, crash.frames, n * sizeof(*frames));
    return n;
}
