/*
 * tools/cairn-run/sweep.c - a program's calls made fail one after the other
 *
 * Run number N makes the N-th call of the set fail, counted over all calls and
 * processes; the first run in which nothing failed is the last. Run 0 is the
 * good one that the others are compared with. Each run is a process of its own
 * that starts a machine; what it found comes back through files in memory.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "decode.h"
#include "program.h"
#include "strace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_RUNS    100000
#define MAX_JOBS    256
#define MAX_FRAMES  32
#define RUN_SECONDS 30

/* What a run's process tells, at the start of the file `report`. */
struct report {
    int outcome, status;
    bool injected;
    uint32_t number; /* of the call, or 0x10000 + enum cairn_malloc_op */
    uint32_t frames[MAX_FRAMES], nframes;
    uint32_t dead[MAX_FRAMES], ndead; /* where it died */
    char what[160], reason[160];
};

struct run {
    unsigned n;
    pid_t pid; /* 0: free */
    int out, err, report;
};

enum verdict { WELL, SAID_SO, SILENT, CRASHED, HUNG, LIED, LEAKED, NVERDICTS };

static const char *const words[NVERDICTS] = {
    [WELL] = "ended well",
    [SAID_SO] = "said so",
    [SILENT] = "ended with an error status and said nothing",
    [CRASHED] = "crashed",
    [HUNG] = "hung",
    [LIED] = "gave wrong output",
    [LEAKED] = "leaked memory of the kernel",
};

static const struct options *base;
static struct report *mine; /* in a run's process */
static struct program program;
static int input;          /* stdin, read whole */
static struct report good; /* of run 0 */
static char *good_out;
static size_t ngood, ngood_err;
static unsigned counts[NVERDICTS];

/* ---- in a run's process ---- */

/* Callers of a library without frame pointers: what looks like one. */
static void scan_stack(const unsigned char *body, const unsigned char *end)
{
    struct cairn_chunk chunk;

    if (program.bytes == NULL || (size_t)(end - body) < sizeof(chunk))
        return;
    memcpy(&chunk, body, sizeof(chunk));
    body += sizeof(chunk);
    for (uint32_t i = 0; i + 4 <= chunk.nbytes && body + i + 4 <= end &&
                         mine->nframes < MAX_FRAMES;
         i += 4) {
        uint32_t word;

        memcpy(&word, body + i, sizeof(word));
        if (program_after_call(&program, word))
            mine->frames[mine->nframes++] = word;
    }
}

static bool listen_to(const struct cairn_record *head,
                      const unsigned char *body, const unsigned char *end)
{
    struct cairn_trace_place place;

    if (head->type != CAIRN_RECORD_INJECTED || mine->injected)
        return true;
    if ((size_t)(end - body) < sizeof(place))
        return false;
    memcpy(&place, body, sizeof(place));
    mine->injected = true;
    mine->number = place.number;
    if (place.number >= 0x10000) {
        mine->frames[mine->nframes++] = place.top;
        for (uint32_t i = 1; i < place.nframes && i < CAIRN_TRACE_FRAMES; i++)
            mine->frames[mine->nframes++] = place.frames[i];
    } else {
        scan_stack(body + sizeof(place), end);
    }
    return true;
}

static char *default_error(const char *set)
{
    if (strcmp(set, "file") == 0)
        return format("EIO");
    return format(strcmp(set, "process") == 0 ? "EAGAIN" : "ENOMEM");
}

/* The kernel's rule for the n-th call of the set. */
static char *rule_for(unsigned n)
{
    char *set = format("%s", base->lab.sweep), *colon = strchr(set, ':');
    char *error = colon != NULL ? colon + 1 : NULL, *numbers;
    const char *wrong;
    int length, value;

    if (colon != NULL)
        *colon = '\0';
    if (error != NULL && strncmp(error, "error=", 6) != 0)
        die(STATUS_FAILED, "--sweep: SET or SET:error=E is wanted");
    error = error != NULL ? error + 6 : default_error(set);
    value = decode_errno_number(error);
    if (value == 0)
        die(STATUS_FAILED, "--sweep: no such error: %s", error);
    if (!strace_check_set(set, &wrong, &length))
        die(STATUS_FAILED, "--sweep: no such call or set: %.*s", length, wrong);
    if (strcmp(set, "memory") == 0)
        numbers = inject_numbers("sbrk,brk,mmap,mmap2,mremap");
    else if (strcmp(set, "process") == 0)
        numbers = inject_numbers("fork,vfork,clone");
    else
        numbers = inject_numbers(set);
    return format("%s:e%d:%u:%u:0:g", numbers, value, n, n);
}

static bool is_malloc(void)
{
    return strcmp(base->lab.sweep, "malloc") == 0;
}

static void set_up(struct options *options, unsigned n)
{
    static char *rules[1];

    *options = *base;
    options->norandom = true;
    options->append = options->append == NULL
                          ? "leakcheck"
                          : format("%s leakcheck", options->append);
    if (options->timeout <= 0)
        options->timeout = RUN_SECONDS;
    options->lab.listener = listen_to;
    if (n == 0)
        return;
    if (is_malloc()) {
        options->lab.malloc_fail = n;
    } else {
        rules[0] = rule_for(n);
        options->lab.injects = rules;
        options->lab.ninjects = 1;
    }
}

static _Noreturn void run_one(const struct run *run)
{
    struct options options;
    struct machine machine;
    struct result result;
    char *in = format("/proc/self/fd/%d", input);
    int fd = open(in, O_RDONLY);

    dup2(fd, 0);
    dup2(run->out, 1);
    dup2(run->err, 2);
    set_up(&options, run->n);
    terminal_find(TERMINAL_NEVER);
    lab_begin(&options);
    run_machine(&options, &machine, &result);
    mine->outcome = result.outcome;
    mine->status = result.status;
    if (result.outcome == OUTCOME_EXITED && WIFSIGNALED(result.status))
        mine->ndead =
            (uint32_t)crash_frames(&options, &result, mine->what,
                                   sizeof(mine->what), mine->dead, MAX_FRAMES);
    if (result.reason != NULL)
        snprintf(mine->reason, sizeof(mine->reason), "%s", result.reason);
    _exit(0);
}

/* ---- starting and ending them ---- */

static int memory_file(const char *name)
{
    int fd = memfd_create(name, MFD_CLOEXEC);

    if (fd < 0)
        die(STATUS_FAILED, "no memory for a file: %s", strerror(errno));
    return fd;
}

static void start(struct run *run, unsigned n)
{
    run->n = n;
    run->out = memory_file("stdout");
    run->err = memory_file("stderr");
    run->report = memory_file("report");
    if (ftruncate(run->report, sizeof(struct report)) != 0)
        die(STATUS_FAILED, "no memory for a report");
    mine = mmap(NULL, sizeof(*mine), PROT_READ | PROT_WRITE, MAP_SHARED,
                run->report, 0);
    if (mine == MAP_FAILED)
        die(STATUS_FAILED, "no memory for a report");
    mine->outcome = OUTCOME_FAILED;
    run->pid = fork();
    if (run->pid == 0)
        run_one(run);
    if (run->pid < 0)
        die(STATUS_FAILED, "no process: %s", strerror(errno));
    munmap(mine, sizeof(*mine));
}

static char *contents(int fd, size_t *nbytes)
{
    struct stat st;
    char *text;
    ssize_t n;

    if (fstat(fd, &st) != 0)
        st.st_size = 0;
    text = must_alloc((size_t)st.st_size + 1);
    n = pread(fd, text, (size_t)st.st_size, 0);
    *nbytes = n > 0 ? (size_t)n : 0;
    text[*nbytes] = '\0';
    return text;
}

static void finish(struct run *run, struct report *report, char **out,
                   size_t *nout, char **err, size_t *nerr)
{
    if (pread(run->report, report, sizeof(*report), 0) != sizeof(*report))
        memset(report, 0, sizeof(*report));
    report->what[sizeof(report->what) - 1] = '\0';
    report->reason[sizeof(report->reason) - 1] = '\0';
    *out = contents(run->out, nout);
    *err = contents(run->err, nerr);
    close(run->out);
    close(run->err);
    close(run->report);
    run->pid = 0;
}

/* ---- the table ---- */

/* The innermost frame that is the program's own, to be freed. */
static char *own_place(const uint32_t *frames, size_t n, bool first_is_exact)
{
    char *path = base->has_image ? NULL : image_find_program(base->argv[0]);
    uint32_t addresses[MAX_FRAMES];
    struct place *places;

    if (path == NULL || n == 0)
        return format("?");
    for (size_t i = 0; i < n; i++)
        addresses[i] = frames[i] - (i > 0 || !first_is_exact);
    places = program_places(path, addresses, n);
    for (size_t i = 0; i < n; i++)
        if (places[i].function != NULL && !places[i].in_library &&
            strcmp(places[i].function, "??") != 0)
            return place_text(&places[i]);
    return place_text(&places[0]);
}

static enum verdict judge(const struct report *r, const char *out, size_t nout,
                          size_t nerr)
{
    if (r->outcome == OUTCOME_TIMEOUT)
        return HUNG;
    if (r->outcome == OUTCOME_REFUSED && r->status != 0)
        return SAID_SO; /* not even started, and cairn-run says why */
    if (r->outcome != OUTCOME_EXITED)
        return strstr(r->reason, "memory") != NULL ? LEAKED : CRASHED;
    if (WIFSIGNALED(r->status) && r->status != good.status)
        return CRASHED;
    if (r->status != good.status)
        return nerr > 0 || nout > 0 ? SAID_SO : SILENT;
    if (nout == ngood && memcmp(out, good_out, nout) == 0)
        return WELL;
    return nerr > ngood_err ? SAID_SO : LIED;
}

/* The first line of what it wrote, in quotes. */
static void print_first_line(const char *text)
{
    size_t n = strcspn(text, "\n");

    if (n == 0)
        return;
    printf(": \"");
    for (size_t i = 0; i < n && i < 60; i++)
        putchar(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
    printf("%s\"", n > 60 ? "..." : "");
}

static void print_verdict(const struct report *r, enum verdict verdict,
                          const char *out, const char *err)
{
    switch (verdict) {
    case SAID_SO:
        printf("status %d", r->outcome == OUTCOME_EXITED
                                ? WEXITSTATUS(r->status)
                                : STATUS_NOT_RUN);
        print_first_line(*err != '\0' ? err : out);
        break;
    case SILENT:
        printf("status %d, nothing said", WEXITSTATUS(r->status));
        break;
    case CRASHED:
        if (r->outcome != OUTCOME_EXITED)
            printf("the kernel stopped: %s", r->reason);
        else
            printf("crashed: %s in %s", decode_signal_name(WTERMSIG(r->status)),
                   own_place(r->dead, r->ndead, true));
        break;
    case LEAKED:
        printf("leaked: %s", r->reason);
        break;
    default:
        printf("%s", words[verdict]);
    }
    putchar('\n');
}

static const char *call_name(uint32_t number)
{
    static const char *const names[] = {"?",       "malloc", "calloc",
                                        "realloc", "free",   "memalign"};

    if (number >= 0x10000)
        return number - 0x10000 < 6 ? names[number - 0x10000] : "?";
    return decode_name(number) != NULL ? decode_name(number) : "?";
}

static void print_run(unsigned n, const struct report *r, const char *out,
                      size_t nout, const char *err, size_t nerr)
{
    enum verdict verdict = judge(r, out, nout, nerr);
    char *place = own_place(r->frames, r->nframes, false);

    counts[verdict]++;
    printf("%5u  %-9s %-32s ", n, call_name(r->number), place);
    print_verdict(r, verdict, out, err);
    fflush(stdout);
    free(place);
}

/* Run 0: false if the program does not even end without failures. */
static bool run_good(void)
{
    struct run run = {0};
    char *err;
    size_t nerr;

    start(&run, 0);
    waitpid(run.pid, NULL, 0);
    finish(&run, &good, &good_out, &ngood, &err, &nerr);
    ngood_err = nerr;
    if (good.outcome == OUTCOME_EXITED)
        return true;
    fwrite(err, 1, nerr, stderr);
    complain("%s: does not end well without failures either: %s", base->argv[0],
             good.outcome == OUTCOME_TIMEOUT ? "it hangs" : good.reason);
    return false;
}

/* ---- all of them ---- */

struct done {
    struct report report;
    char *out, *err;
    size_t nout, nerr;
    bool is_done;
};

static struct run *run_of(struct run *runs, unsigned njobs, pid_t pid)
{
    for (unsigned i = 0; i < njobs; i++)
        if (runs[i].pid == pid)
            return &runs[i];
    return NULL;
}

/* Runs in order of their numbers, several at a time. */
static void run_all(unsigned njobs)
{
    static struct run runs[MAX_JOBS];
    static struct done done[MAX_JOBS * 2];
    unsigned next = 1, shown = 0, last = MAX_RUNS, running = 0;

    while (running > 0 || (next <= last && next < MAX_RUNS)) {
        struct run *run;
        struct done *d;
        pid_t pid;

        while (running < njobs && next <= last && next - shown < MAX_JOBS) {
            start(run_of(runs, njobs, 0), next++);
            running++;
        }
        pid = waitpid(-1, NULL, 0);
        run = pid > 0 ? run_of(runs, njobs, pid) : NULL;
        if (run == NULL)
            continue;
        running--;
        d = &done[run->n % (MAX_JOBS * 2)];
        finish(run, &d->report, &d->out, &d->nout, &d->err, &d->nerr);
        d->is_done = true;
        if (!d->report.injected && run->n <= last)
            last = run->n - 1;
        while (shown < last && done[(shown + 1) % (MAX_JOBS * 2)].is_done) {
            d = &done[++shown % (MAX_JOBS * 2)];
            print_run(shown, &d->report, d->out, d->nout, d->err, d->nerr);
            free(d->out);
            free(d->err);
            d->is_done = false;
        }
    }
}

static void read_input(void)
{
    char buf[65536];
    ssize_t n;

    input = memory_file("stdin");
    while (!isatty(0) && (n = read(0, buf, sizeof(buf))) > 0)
        if (write(input, buf, (size_t)n) != n)
            die(STATUS_FAILED, "no memory for stdin");
}

static void print_totals(void)
{
    unsigned n = 0;
    const char *separator = ": ";

    for (int i = 0; i < NVERDICTS; i++)
        n += counts[i];
    printf("%u failures", n);
    for (int i = 0; i < NVERDICTS; i++)
        if (counts[i] > 0) {
            printf("%s%u %s", separator, counts[i], words[i]);
            separator = ", ";
        }
    putchar('\n');
}

int sweep(const struct options *options)
{
    struct options changed = *options;
    char *path;

    base = &changed;
    read_input();
    if (is_malloc())
        probes_find(&changed, true);
    else
        free(rule_for(1));
    if (!options->has_image) {
        path = image_find_program(options->argv[0]);
        if (!program_map(path, &program))
            die(STATUS_NOT_RUN, "%s: not a program", path);
    }
    if (!run_good())
        return STATUS_FAILED;
    printf("%5s  %-9s %-32s outcome\n", "N", "call", "place");
    run_all(options->lab.jobs);
    print_totals();
    return counts[CRASHED] + counts[HUNG] + counts[LIED] + counts[LEAKED] > 0;
}
