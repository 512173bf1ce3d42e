/*
 * tools/cairn-run/strace.c - records of system calls as strace's lines
 *
 * A call's line is written when it has ended. If another thread does something
 * meanwhile, the line is cut as strace does: "read(3,  <unfinished ...>" and
 * later "<... read resumed>"x", 1) = 1".
 */
#define _GNU_SOURCE
#include "strace.h"

#include "cairn-run.h"
#include "decode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* "= " begins in this column, if there is room. */
#define RESULT_COLUMN 40

/* A thread that has done something. */
struct tracee {
    int pid, tid;
    bool alive, entered, is_cut;
    uint64_t since; /* when the call began */
    struct cairn_trace_call call;
    unsigned char *bytes; /* the chunks of its entry */
    size_t nbytes;
};

struct total {
    uint32_t number;
    uint64_t ncalls, nerrors, ns;
};

static struct strace_options options;
static struct tracee *tracees;
static size_t ntracees;
static struct tracee *open_line; /* whose line could still be cut, or NULL */
static unsigned nalive;
static uint64_t last_ns;
static char *kept[STRACE_KEPT];
static unsigned nkept; /* in all */
static struct total *totals;
static size_t ntotals;

/* ---- lists of calls ---- */

bool strace_check_set(const char *list, const char **wrong, int *length)
{
    if (*list == '!')
        list++;
    while (*list != '\0') {
        size_t n = strcspn(list, ",");

        if (!decode_is_set(list, n) && decode_number(list, n) == UINT32_MAX &&
            strncmp(list, "none", n) != 0) {
            *wrong = list;
            *length = (int)n;
            return false;
        }
        list += n + (list[n] == ',');
    }
    return true;
}

bool strace_in_list(const char *list, uint32_t number)
{
    bool negated = *list == '!';

    list += negated;
    while (*list != '\0') {
        size_t n = strcspn(list, ",");

        if (decode_in_set(number, list, n))
            return !negated;
        list += n + (list[n] == ',');
    }
    return negated;
}

static bool is_wanted(uint32_t number)
{
    return options.trace == NULL || strace_in_list(options.trace, number);
}

/* ---- threads ---- */

static struct tracee *tracee_of(const struct cairn_record *head)
{
    struct tracee *t;
    ptrdiff_t open_at;

    for (size_t i = 0; i < ntracees; i++)
        if (tracees[i].tid == head->tid && tracees[i].alive)
            return &tracees[i];
    for (size_t i = 0; i < ntracees; i++)
        if (!tracees[i].alive) {
            t = &tracees[i];
            free(t->bytes);
            goto fill;
        }
    open_at = open_line != NULL ? open_line - tracees : -1;
    tracees = realloc(tracees, (ntracees + 1) * sizeof(*tracees));
    if (tracees == NULL)
        die(STATUS_FAILED, "out of memory");
    open_line = open_at >= 0 ? tracees + open_at : NULL;
    t = &tracees[ntracees++];
fill:
    *t = (struct tracee){.pid = head->pid, .tid = head->tid, .alive = true};
    nalive++;
    return t;
}

static const struct decode_options *decoding(void)
{
    static struct decode_options d;

    d.strings = options.strings;
    d.paths = options.paths;
    return &d;
}

/* ---- lines ---- */

static void begin_line(struct line *line, int tid, uint64_t ns)
{
    if (nalive > 1)
        put(line, "[pid %5d] ", tid);
    if (options.relative) {
        uint64_t passed = last_ns == 0 || ns < last_ns ? 0 : ns - last_ns;

        put(line, "%6" PRIu64 ".%06" PRIu64 " ", passed / 1000000000,
            passed / 1000 % 1000000);
        last_ns = ns;
    }
}

static void end_line(struct line *line)
{
    if (options.lines) {
        fwrite(line->text, 1, line->length, options.out);
        putc('\n', options.out);
    }
    if (options.keeps && strncmp(line->text, "+++", 3) != 0 &&
        strncmp(line->text, "---", 3) != 0) {
        free(kept[nkept % STRACE_KEPT]);
        kept[nkept++ % STRACE_KEPT] = line->text;
    } else {
        free(line->text);
    }
}

void strace_last(FILE *out)
{
    unsigned n = nkept < STRACE_KEPT ? nkept : STRACE_KEPT;

    if (n > 0)
        fprintf(out, "  last system calls:\n");
    for (unsigned i = nkept - n; i < nkept; i++)
        fprintf(out, "    %s\n", kept[i % STRACE_KEPT]);
}

static void chunks_of_entry(const struct tracee *t, struct chunks *chunks)
{
    if (t->bytes != NULL)
        chunks_add(chunks, t->bytes, t->bytes + t->nbytes);
}

static void put_padded(struct line *line, size_t start)
{
    size_t length = line->length - start;

    put(line,
        "%*s= ", length < RESULT_COLUMN ? (int)(RESULT_COLUMN - length) : 0,
        "");
}

/* Cut the line of a call that is under way, since another thread goes on. */
static void cut_line(const struct tracee *other)
{
    struct tracee *t = open_line;
    struct chunks chunks = {0};
    struct line line = {0};

    if (t == NULL || t == other)
        return;
    open_line = NULL;
    if (!t->entered || !is_wanted(t->call.number))
        return;
    chunks_of_entry(t, &chunks);
    begin_line(&line, t->tid, t->since);
    decode_call(&line, &t->call, &chunks, decoding(), false);
    put(&line, " <unfinished ...>");
    end_line(&line);
    free(chunks.chunks);
    t->is_cut = true;
}

static void take_entry(struct tracee *t, const struct cairn_record *head,
                       const unsigned char *body, const unsigned char *end)
{
    memcpy(&t->call, body, sizeof(t->call));
    body += sizeof(t->call);
    free(t->bytes);
    t->nbytes = (size_t)(end - body);
    t->bytes = must_alloc(t->nbytes + 1);
    memcpy(t->bytes, body, t->nbytes);
    t->entered = true;
    t->is_cut = false;
    t->since = head->ns;
    open_line = t;
}

static void count(const struct tracee *t, const struct cairn_trace_call *call,
                  uint64_t ns)
{
    struct total *total = NULL;

    for (size_t i = 0; i < ntotals; i++)
        if (totals[i].number == call->number)
            total = &totals[i];
    if (total == NULL) {
        totals = realloc(totals, (ntotals + 1) * sizeof(*totals));
        if (totals == NULL)
            die(STATUS_FAILED, "out of memory");
        total = &totals[ntotals++];
        *total = (struct total){.number = call->number};
    }
    total->ncalls++;
    total->nerrors += call->result < 0 && call->result > -4096;
    total->ns += ns - t->since;
}

static void put_call(struct line *line, struct tracee *t,
                     const struct cairn_trace_call *call,
                     const struct chunks *chunks, size_t start)
{
    if (t->is_cut) {
        put(line, "<... %s resumed>",
            decode_name(call->number) != NULL ? decode_name(call->number)
                                              : "syscall");
        decode_rest(line, call, chunks, decoding());
    } else {
        decode_call(line, call, chunks, decoding(), true);
    }
    put(line, ") ");
    put_padded(line, start);
}

static bool take_exit(struct tracee *t, const struct cairn_record *head,
                      const unsigned char *body, const unsigned char *end)
{
    struct cairn_trace_call call;
    struct chunks chunks = {0};
    struct line line = {0};
    bool good;

    memcpy(&call, body, sizeof(call));
    if (!t->entered)
        t->since = head->ns;
    chunks_of_entry(t, &chunks);
    good = chunks_add(&chunks, body + sizeof(call), end);
    if (is_wanted(call.number)) {
        size_t start;

        count(t, &call, head->ns);
        begin_line(&line, t->tid, t->is_cut ? head->ns : t->since);
        start = line.length;
        put_call(&line, t, &call, &chunks, start);
        decode_result(&line, &call, &chunks, decoding());
        if (options.times)
            put(&line, " <%" PRIu64 ".%06" PRIu64 ">",
                (head->ns - t->since) / 1000000000,
                (head->ns - t->since) / 1000 % 1000000);
        end_line(&line);
    }
    free(chunks.chunks);
    t->entered = t->is_cut = false;
    open_line = NULL;
    return good;
}

static void take_signal(struct tracee *t, const struct cairn_record *head,
                        const unsigned char *body)
{
    struct cairn_trace_signal signal;
    struct line line = {0};

    memcpy(&signal, body, sizeof(signal));
    if (signal.info[0] == 9)
        return;
    begin_line(&line, t->tid, head->ns);
    put(&line, "--- ");
    decode_signal(&line, signal.info);
    put(&line, " ---");
    end_line(&line);
}

/* A call that does not return, since its process ends. */
static void end_call(struct tracee *t, uint64_t ns)
{
    struct chunks chunks = {0};
    struct line line = {0};
    size_t start;

    if (!t->entered || !is_wanted(t->call.number))
        return;
    chunks_of_entry(t, &chunks);
    t->call.result = 0;
    count(t, &t->call, ns);
    begin_line(&line, t->tid, t->since);
    start = line.length;
    put_call(&line, t, &t->call, &chunks, start);
    put(&line, "?");
    end_line(&line);
    free(chunks.chunks);
}

/* exit ends the thread alone, all else the whole process. */
static void end_threads(const struct tracee *t)
{
    bool alone = t->entered && t->call.number == decode_number("exit", 4);
    int pid = t->pid, tid = t->tid;

    for (size_t i = 0; i < ntracees; i++) {
        struct tracee *other = &tracees[i];

        if (!other->alive || other->pid != pid || (alone && other->tid != tid))
            continue;
        other->alive = other->entered = false;
        nalive--;
    }
}

static void take_end(struct tracee *t, const struct cairn_record *head,
                     const unsigned char *body)
{
    struct cairn_trace_end end;
    struct line line = {0};

    memcpy(&end, body, sizeof(end));
    end_call(t, head->ns);
    begin_line(&line, t->tid, head->ns);
    if (end.status & 0x7F)
        put(&line, "+++ killed by %s +++",
            decode_signal_name(end.status & 0x7F));
    else
        put(&line, "+++ exited with %d +++", end.status >> 8 & 0xFF);
    end_line(&line);
    end_threads(t);
    open_line = NULL;
}

static void take_fault(struct tracee *t, const struct cairn_record *head,
                       const unsigned char *body)
{
    static const char *const access[] = {"read", "write", "fetch"};
    struct cairn_trace_fault fault;
    struct line line = {0};

    memcpy(&fault, body, sizeof(fault));
    begin_line(&line, t->tid, head->ns);
    put(&line, "~~~ page fault at %#" PRIx32 " (%s) in %#" PRIx32 "%s ~~~",
        fault.address, fault.access < 3 ? access[fault.access] : "?", fault.eip,
        fault.result >= 0 ? "" : ": refused");
    end_line(&line);
}

/* ---- the interface ---- */

void strace_begin(const struct strace_options *given)
{
    options = *given;
}

void strace_start(char *const *argv, unsigned nenv)
{
    uint32_t number = decode_number("execve", 6);
    struct line line = {0};

    if (!is_wanted(number))
        return;
    if (options.relative)
        put(&line, "     0.000000 ");
    put(&line, "execve(");
    decode_string(&line, (const unsigned char *)argv[0], strlen(argv[0]));
    for (int i = 0; argv[i] != NULL; i++) {
        size_t n = strlen(argv[i]);

        put(&line, i == 0 ? ", [" : ", ");
        decode_string(&line, (const unsigned char *)argv[i],
                      n < options.strings ? n : options.strings);
        put(&line, n > options.strings ? "..." : "");
    }
    put(&line, "], [/* %u vars */]) = 0", nenv);
    end_line(&line);
}

/* Bytes that a type has at least. */
static size_t least(unsigned type)
{
    switch (type) {
    case CAIRN_RECORD_ENTRY:
    case CAIRN_RECORD_EXIT:
        return sizeof(struct cairn_trace_call);
    case CAIRN_RECORD_SIGNAL:
        return sizeof(struct cairn_trace_signal);
    case CAIRN_RECORD_END:
        return sizeof(struct cairn_trace_end);
    case CAIRN_RECORD_FAULT:
        return sizeof(struct cairn_trace_fault);
    default:
        return 0;
    }
}

bool strace_record(const struct cairn_record *head, const unsigned char *body,
                   const unsigned char *end)
{
    struct tracee *t;

    if (least(head->type) == 0)
        return true;
    if ((size_t)(end - body) < least(head->type))
        return false;
    t = tracee_of(head);
    cut_line(t);
    switch (head->type) {
    case CAIRN_RECORD_ENTRY:
        take_entry(t, head, body, end);
        return true;
    case CAIRN_RECORD_EXIT:
        return take_exit(t, head, body, end);
    case CAIRN_RECORD_SIGNAL:
        take_signal(t, head, body);
        return true;
    case CAIRN_RECORD_END:
        take_end(t, head, body);
        return true;
    default:
        if (options.faults)
            take_fault(t, head, body);
        return true;
    }
}

static int by_time(const void *a, const void *b)
{
    const struct total *x = a, *y = b;

    if (x->ns != y->ns)
        return x->ns < y->ns ? 1 : -1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void print_total(const char *name, const struct total *t, uint64_t all)
{
    char errors[24] = "";

    if (t->nerrors > 0)
        snprintf(errors, sizeof(errors), "%" PRIu64, t->nerrors);
    fprintf(options.out, "%6.2f %11.6f ",
            all > 0 ? 100.0 * (double)t->ns / (double)all : 0.0,
            (double)t->ns / 1e9);
    if (options.counts_instructions)
        fprintf(options.out, "%12" PRIu64 " ", t->ns);
    fprintf(options.out, "%11" PRIu64 " %9" PRIu64 " %9s %s\n",
            t->ncalls > 0 ? t->ns / 1000 / t->ncalls : 0, t->ncalls, errors,
            name);
}

static void print_rule(void)
{
    fprintf(options.out,
            "------ ----------- %s----------- --------- "
            "--------- ----------------\n",
            options.counts_instructions ? "------------ " : "");
}

static void print_summary(void)
{
    struct total all = {0};

    qsort(totals, ntotals, sizeof(*totals), by_time);
    for (size_t i = 0; i < ntotals; i++) {
        all.ns += totals[i].ns;
        all.ncalls += totals[i].ncalls;
        all.nerrors += totals[i].nerrors;
    }
    fprintf(options.out,
            "%% time     seconds %susecs/call     calls    "
            "errors syscall\n",
            options.counts_instructions ? "instructions  " : " ");
    print_rule();
    for (size_t i = 0; i < ntotals; i++)
        print_total(decode_name(totals[i].number) != NULL
                        ? decode_name(totals[i].number)
                        : "?",
                    &totals[i], all.ns);
    print_rule();
    print_total("total", &all, all.ns);
}

void strace_end(void)
{
    for (size_t i = 0; i < ntracees; i++)
        if (tracees[i].alive && tracees[i].entered && !tracees[i].is_cut) {
            open_line = &tracees[i];
            cut_line(NULL);
        }
    if (options.summary)
        print_summary();
    fflush(options.out);
}
