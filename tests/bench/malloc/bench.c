/*
 * The allocator bench: one workload, and what it took.
 *
 *     bench WORKLOAD [ROUNDS [mem]]
 *     bench
 *
 * WORKLOAD is a name, or NAME.trace, the file of what a real program did.
 * ROUNDS 0, or none, is the workload's own number.  Prints one line; `tsc` is
 * the time stamp counter, which counts instructions in a QEMU with -icount.
 * With "mem" the process's memory is looked at on the way: anonymous memory
 * at its peak and after everything was freed, beside the most bytes that were
 * asked for at once.
 *
 * Without a workload all of them run, and the traces in /traces, each in a
 * child of its own, first to count and then to look at memory: so Cairn runs it
 * as its first program.
 * There a workload that takes more than LIMIT_S seconds is given up; with
 * -icount a second is a thousand million instructions.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#ifdef __linux__
#    include <sys/prctl.h>
#endif

#define LIMIT_S 2

void *slots[SLOTS];
uint32_t sizes[SLOTS];
uint32_t seed = 12345;
unsigned long noperations;

static const struct workload workloads[] = {
    {"pair", work_pair, 2, 0},     {"pairl", work_pairl, 4, 4},
    {"lifo", work_lifo, 12, 4},    {"fifo", work_fifo, 12, 4},
    {"sh6", work_sh6, 10, 20},     {"randu", work_randu, 3, 8},
    {"randl", work_randl, 3, 8},   {"larson", work_larson, 6, 8},
    {"grow1", work_grow1, 4, 2},   {"growN", work_growN, 1, 1},
    {"calloc", work_calloc, 3, 4}, {"big", work_big, 10, 3},
    {"frag", work_frag, 1, 1},     {"phase", work_phase, 1, 1},
    {"tiny", work_tiny, 1, 1},     {"first", work_first, 1, 1},
    {"above", work_above, 4, 0},   {"lat", work_lat, 2, 0},
};
#define NWORKLOADS (sizeof workloads / sizeof *workloads)

_Noreturn void bench_fail(const char *what)
{
    (void)!write(2, what, strlen(what));
    (void)!write(2, "\n", 1);
    _exit(3);
}

/* ---- memory --------------------------------------------------------------*/

static int is_looking;
static long peak_kib, peak_live;

/* The number behind a word in a file of /proc; -1 if there is none. */
static long read_number(const char *path, const char *word)
{
    /* In use before the first look, so that it does not count as new. */
    static char text[8192] = {1};
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    const char *at;

    close(fd);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    at = strstr(text, word);
    return at == NULL ? -1 : strtol(at + strlen(word), NULL, 10);
}

/* KiB of anonymous memory that the process has in use. */
static long anonymous_kib(void)
{
    long n = read_number("/proc/self/smaps_rollup", "Anonymous:");

    return n >= 0 ? n : read_number("/proc/self/status", "RssAnon:");
}

void bench_mark(uint32_t nslots)
{
    long live = 0, now;

    if (!is_looking)
        return;
    for (uint32_t k = 0; k < nslots; k++)
        if (slots[k] != NULL)
            live += sizes[k];
    now = anonymous_kib();
    if (now > peak_kib)
        peak_kib = now;
    if (live > peak_live)
        peak_live = live;
}

/* ---- one workload --------------------------------------------------------*/

static uint64_t rdtsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

/* What the harness itself uses is in use before anything is measured. */
static void prepare(void)
{
    volatile char stack[65536];

#ifdef __linux__
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
#endif
    memset(slots, 1, sizeof slots);
    memset(slots, 0, sizeof slots);
    memset(sizes, 1, sizeof sizes);
    for (unsigned i = 0; i < sizeof stack; i += 4096)
        stack[i] = 1;
}

static void print(const char *text, int nbytes)
{
    if (write(1, text, nbytes) != nbytes)
        _exit(1);
}

static void count(const struct workload *work, uint32_t rounds)
{
    struct timespec begin, end;
    char line[200];
    uint64_t tsc;
    long us;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    tsc = rdtsc();
    work->run(rounds);
    tsc = rdtsc() - tsc;
    clock_gettime(CLOCK_MONOTONIC, &end);
    us = (long)(end.tv_sec - begin.tv_sec) * 1000000 +
         (end.tv_nsec - begin.tv_nsec) / 1000;
    print(line, snprintf(line, sizeof line, "%s ops=%lu tsc=%llu us=%ld\n",
                         work->name, noperations, (unsigned long long)tsc, us));
}

static void look(const struct workload *work, uint32_t rounds)
{
    char line[200];
    long base;

    is_looking = 1;
    anonymous_kib();
    base = anonymous_kib();
    work->run(rounds);
    print(line, snprintf(line, sizeof line,
                         "%s ops=%lu live=%ld rssKB=%ld endKB=%ld\n",
                         work->name, noperations, peak_live, peak_kib - base,
                         anonymous_kib() - base));
}

static void run(const struct workload *work, uint32_t rounds, int is_memory)
{
    prepare();
    if (rounds == 0)
        rounds = is_memory ? work->memory_rounds : work->count_rounds;
    if (is_memory)
        look(work, rounds);
    else
        count(work, rounds);
}

/* ---- all of them ---------------------------------------------------------*/

/* 0, or how the child ended. */
static int run_in_child(const struct workload *work, int is_memory)
{
    char line[200];
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        alarm(LIMIT_S);
        run(work, 0, is_memory);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        bench_fail("no child");
    if (status != 0)
        print(line, snprintf(line, sizeof line, "%s status=%#x\n", work->name,
                             status));
    return status;
}

static void run_both(const struct workload *work)
{
    if (run_in_child(work, 0) == 0 && work->memory_rounds != 0)
        run_in_child(work, 1);
}

/* Makes a workload of a trace; its name is the file's up to the dot. */
static int open_trace(const char *path, struct workload *work)
{
    static char name[64];
    const char *slash = strrchr(path, '/');
    size_t n;

    slash = slash == NULL ? path : slash + 1;
    n = strcspn(slash, ".");
    if (strcmp(slash + n, ".trace") != 0 || n >= sizeof name ||
        replay_open(path) != 0)
        return -1;
    memcpy(name, slash, n);
    name[n] = '\0';
    *work = (struct workload){name, work_replay, 1, 1};
    return 0;
}

static int run_all(void)
{
    static const char *const traces[] = {"awk", "dash", "lua", "sed", "sort"};
    struct workload work;
    char path[100];

    for (unsigned k = 0; k < NWORKLOADS; k++)
        run_both(&workloads[k]);
    for (unsigned k = 0; k < sizeof traces / sizeof *traces; k++) {
        snprintf(path, sizeof path, "/traces/%s.trace", traces[k]);
        if (open_trace(path, &work) == 0)
            run_both(&work);
    }
    print("done\n", 5);
    return 0;
}

static const struct workload *find_workload(const char *name)
{
    static struct workload trace;

    for (unsigned k = 0; k < NWORKLOADS; k++)
        if (strcmp(workloads[k].name, name) == 0)
            return &workloads[k];
    return open_trace(name, &trace) == 0 ? &trace : NULL;
}

int main(int argc, char **argv)
{
    const struct workload *work;

    if (argc < 2)
        return run_all();
    work = find_workload(argv[1]);
    if (work == NULL)
        return 2;
    run(work, argc > 2 ? strtoul(argv[2], NULL, 10) : 0, argc > 3);
    return 0;
}
