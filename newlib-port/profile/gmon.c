/*
 * gmon.c - the profile of a program that is compiled with -pg: gmon.out.
 *
 * mcount counts calls, by caller and function. A timer of the process's own
 * time counts samples: RATE times a second, the instruction that is interrupted
 * falls into one of the histogram's bins. exit() writes both to gmon.out, or to
 * $GMON_OUT_PREFIX.PID, for gprof; a program that dies writes nothing.
 * The file, in the order of bytes of the machine (gmon_out.h of binutils):
 *
 *     "gmon"  u32 1  12 zeros
 *     u8 0    u32 low, high, nbins, rate  "seconds" in 15 bytes, 's'  u16 bins
 *     u8 1    u32 caller, function, count            one for each pair
 *
 * Calls of threads that collide may lose a count. What a program does with
 * SIGPROF itself replaces the samples.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define RATE      100
#define NARCS     16384 /* a power of two */
#define BIN_SHIFT 2     /* bytes of code that share a bin, as a power */

extern const char __executable_start[], etext[];

static struct {
    uint32_t caller, function, count;
} arcs[NARCS];
static size_t narcs;
static uint16_t *bins;
static uint32_t nbins, nlost;
static volatile sig_atomic_t is_running;

void __profile_arc(uint32_t, uint32_t);

/* The arc's place: its own or a free one. */
static size_t find_arc(uint32_t caller, uint32_t function)
{
    size_t i = (caller * 31 + function) * 2654435761u >> 16 & (NARCS - 1);

    while (arcs[i].count != 0 &&
           (arcs[i].caller != caller || arcs[i].function != function))
        i = (i + 1) & (NARCS - 1);
    return i;
}

/* Called by mcount, without any of the program's frames of its own. */
void __profile_arc(uint32_t caller, uint32_t function)
{
    size_t i;

    if (!is_running)
        return;
    i = find_arc(caller, function);
    if (arcs[i].count == 0) {
        if (narcs >= NARCS / 2) {
            nlost++;
            return;
        }
        narcs++;
        arcs[i].caller = caller;
        arcs[i].function = function;
    }
    arcs[i].count++;
}

static void sample(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *at = context;
    uint32_t bin = ((uint32_t)at->uc_mcontext.gregs[REG_EIP] -
                    (uint32_t)__executable_start) >>
                   BIN_SHIFT;

    (void)signal;
    (void)info;
    if (bin < nbins && bins[bin] != UINT16_MAX)
        bins[bin]++;
}

static void put(FILE *out, const void *bytes, size_t nbytes)
{
    fwrite(bytes, 1, nbytes, out);
}

static void put_word(FILE *out, uint32_t word)
{
    put(out, &word, sizeof(word));
}

static void write_profile(FILE *out)
{
    static const char zeros[12], dimension[15] = "seconds";

    put(out, "gmon", 4);
    put_word(out, 1);
    put(out, zeros, sizeof(zeros));
    fputc(0, out);
    put_word(out, (uint32_t)__executable_start);
    put_word(out, (uint32_t)__executable_start + (nbins << BIN_SHIFT));
    put_word(out, nbins);
    put_word(out, RATE);
    put(out, dimension, sizeof(dimension));
    fputc('s', out);
    put(out, bins, nbins * sizeof(*bins));
    for (size_t i = 0; i < NARCS; i++) {
        if (arcs[i].count == 0)
            continue;
        fputc(1, out);
        put_word(out, arcs[i].caller);
        put_word(out, arcs[i].function);
        put_word(out, arcs[i].count);
    }
}

static void end_profile(void)
{
    const struct itimerval off = {0};
    const char *prefix = getenv("GMON_OUT_PREFIX");
    char name[1024] = "gmon.out";
    FILE *out;

    setitimer(ITIMER_PROF, &off, NULL);
    is_running = 0;
    if (prefix != NULL)
        snprintf(name, sizeof(name), "%s.%d", prefix, (int)getpid());
    out = fopen(name, "wb");
    if (out == NULL) {
        perror(name);
        return;
    }
    write_profile(out);
    if (fclose(out) != 0)
        perror(name);
    if (nlost > 0)
        fprintf(stderr, "gmon: %u calls of rare pairs were not counted\n",
                (unsigned)nlost);
}

__attribute__((constructor(101))) static void start_profile(void)
{
    const struct itimerval rate = {{0, 1000000 / RATE}, {0, 1000000 / RATE}};
    struct sigaction action = {.sa_sigaction = sample,
                               .sa_flags = SA_SIGINFO | SA_RESTART};

    nbins = ((uint32_t)etext - (uint32_t)__executable_start) >> BIN_SHIFT;
    bins = calloc(nbins, sizeof(*bins));
    if (bins == NULL || atexit(end_profile) != 0) {
        perror("gmon");
        return;
    }
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &rate, NULL);
    is_running = 1;
}
