/*
 * tools/cairn-run/lab.c - what the laboratory's options ask of the kernel, and
 * where its records go
 *
 * The kernel is told by words in the control file (kernel/sys/lab.h) and
 * answers with records (kernel/dev/trace_proto.h), which are checked here and
 * handed to those who want them.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "heap.h"
#include "strace.h"

#include "dev/trace_proto.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Strings longer than this are never asked for. */
#define MAX_STRINGS 8192

extern char **environ;

static const struct options *running;
static FILE *trace_file;

/* Are records made lines: to be shown, or kept for a crash. */
static bool is_formatting(const struct lab_options *lab)
{
    return !lab->is_quiet && (lab->strace || lab->explains);
}

bool lab_is_on(const struct options *options)
{
    const struct lab_options *lab = &options->lab;

    return lab->strace || lab->explains || lab->ninjects > 0 ||
           lab->core != NULL || lab->listener != NULL ||
           lab->malloc_depth > 0 || lab->malloc_fail > 0 || lab->stats ||
           lab->profile != NULL || lab->memmap != NULL || lab->pagemap != NULL;
}

static void add_word(char **words, char *word)
{
    *words = *words == NULL ? word : format("%s %s", *words, word);
}

char *lab_words(const struct options *options)
{
    const struct lab_options *lab = &options->lab;
    char *words = NULL;

    if (!lab_is_on(options))
        return NULL;
    if (lab->strace || lab->explains)
        add_word(&words, format("trace strings=%u", lab->strings));
    if (lab->strace && lab->paths)
        add_word(&words, format("paths"));
    if (lab->strace && lab->faults)
        add_word(&words, format("faults"));
    if (lab->stats)
        add_word(&words, format("totals"));
    if (lab->memmap != NULL)
        add_word(&words, format("memmap"));
    if (lab->profile != NULL)
        add_word(&words, format("images"));
    if (lab->pagemap != NULL || lab->explains ||
        (lab->profile != NULL && options->sysroot != NULL))
        add_word(&words, format("pagemap"));
    if (lab->core != NULL)
        add_word(&words, format("core"));
    for (size_t i = 0; i < lab->ninjects; i++)
        add_word(&words, format("inject=%s", lab->injects[i]));
    if (lab->malloc_depth > 0)
        add_word(&words, format("malloc=%u", lab->malloc_depth));
    if (lab->malloc_fail > 0)
        add_word(&words, format("fail=%u", lab->malloc_fail));
    if (lab->probes != NULL)
        add_word(&words, format("%s", lab->probes));
    return words != NULL ? words : format("on");
}

static unsigned count_environment(const struct options *options)
{
    unsigned n = (unsigned)options->nenv;

    for (char **v = environ; !options->clear_env && *v != NULL; v++)
        n++;
    return n;
}

static void begin_strace(const struct options *options)
{
    const struct lab_options *lab = &options->lab;
    struct strace_options strace = {
        .out = stderr,
        .trace = lab->trace_set,
        .paths = lab->paths,
        .times = lab->times,
        .relative = lab->relative,
        .faults = lab->faults,
        .summary = lab->summary,
        .lines = lab->strace && !lab->no_lines,
        .keeps = lab->explains,
        .counts_instructions = lab->icount,
        .strings = lab->strings,
    };

    if (lab->strace_file != NULL) {
        trace_file = fopen(lab->strace_file, "we");
        if (trace_file == NULL)
            die(STATUS_FAILED, "%s: %s", lab->strace_file, strerror(errno));
        strace.out = trace_file;
    }
    strace_begin(&strace);
    strace_start(options->argv, count_environment(options));
}

void lab_begin(const struct options *options)
{
    running = options;
    if (options->lab.profile != NULL)
        profile_begin(options);
    if (is_formatting(&options->lab))
        begin_strace(options);
}

static bool print_totals(const unsigned char *body, const unsigned char *end)
{
    struct cairn_trace_totals t;

    if ((size_t)(end - body) < sizeof(t))
        return false;
    memcpy(&t, body, sizeof(t));
    if (running->lab.icount)
        complain("%" PRIu64 " instructions, %" PRIu64
                 " of them in system calls",
                 t.ns, t.call_ns);
    else
        complain("%.6f s of processor, %.6f of them in system calls",
                 (double)t.ns / 1e9, (double)t.call_ns / 1e9);
    complain("%" PRIu32 " page faults, at most %" PRIu32
             " KiB of pages and page tables",
             t.nfaults, 4 * t.peak_frames);
    return true;
}

/* One record, whose length has been checked. */
static bool take_record(const struct cairn_record *head,
                        const unsigned char *body, const unsigned char *end)
{
    const struct lab_options *lab = &running->lab;

    if (lab->listener != NULL && !lab->listener(head, body, end))
        return false;
    if (lab->malloc_depth > 0 && !heap_take(head, body, end))
        return false;
    if (head->type == CAIRN_RECORD_TOTALS && lab->stats)
        return print_totals(body, end);
    if (!picture_take(head, body, end))
        return false;
    if (lab->profile != NULL && !profile_take(head, body, end))
        return false;
    if (lab->core != NULL && !core_take(head, body, end))
        return false;
    if (is_formatting(lab))
        return strace_record(head, body, end);
    return true;
}

bool lab_take(const unsigned char *bytes, size_t nbytes)
{
    if (running == NULL || !lab_is_on(running))
        return false;
    while (nbytes > 0) {
        struct cairn_record head;

        if (nbytes < sizeof(head))
            return false;
        memcpy(&head, bytes, sizeof(head));
        if (head.nbytes < sizeof(head) || head.nbytes > nbytes)
            return false;
        if (!take_record(&head, bytes + sizeof(head), bytes + head.nbytes))
            return false;
        bytes += head.nbytes;
        nbytes -= head.nbytes;
    }
    return true;
}

void lab_end(const struct options *options)
{
    if (is_formatting(&options->lab))
        strace_end();
    if (trace_file != NULL && fclose(trace_file) != 0)
        complain("%s: %s", options->lab.strace_file, strerror(errno));
    trace_file = NULL;
    if (options->lab.core != NULL)
        core_write(options->lab.core);
    if (options->lab.memmap != NULL)
        picture_memory(options->lab.memmap);
    if (options->lab.pagemap != NULL)
        picture_space(options->lab.pagemap, options->argv[0]);
    if (options->lab.profile != NULL)
        profile_end(options->lab.profile);
    if (options->lab.malloc_trace != NULL)
        heap_write_trace(options->lab.malloc_trace);
    if (options->lab.heap != NULL)
        heap_write_page(options->lab.heap, options->argv[0],
                        image_find_program(options->argv[0]));
}
