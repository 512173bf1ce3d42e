/*
 * The fuzzer's two ways:
 *
 *      fuzz make SEED SECONDS FILE...   try changes of what the files have, and
 *                                       keep those that reach new code
 *      fuzz replay TIMES FILE...        run what the files have
 *
 * Each deed is written to stdout before it runs, so that whoever reads it knows
 * the last one when the machine stops. "# new N" after a deed says that it has
 * reached N places first; "# stat" lines count.
 */
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_CORPUS 4000

static char *corpus[MAX_CORPUS]; /* as text */
static unsigned ncorpus;
static uint8_t seen[MAP_BYTES];
static unsigned nseen, ndeeds;

static char text[TEXT_BYTES];

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Places of the last run that no run before has reached. */
static unsigned count_new(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < MAP_BYTES; i++) {
        uint8_t fresh = run_map[i] & (uint8_t)~seen[i];

        if (fresh) {
            n += (unsigned)__builtin_popcount(fresh);
            seen[i] |= fresh;
        }
    }
    nseen += n;
    return n;
}

static void keep(const struct deed *deed)
{
    size_t n = deed_write(deed, text);
    unsigned at = ncorpus < MAX_CORPUS ? ncorpus++ : random_below(MAX_CORPUS);

    text[n] = '\0';
    free(corpus[at]);
    corpus[at] = strdup(text);
    if (corpus[at] == NULL)
        exit(3);
}

/* Run a deed; returns how much new it has reached. */
static unsigned try_deed(const struct deed *deed)
{
    unsigned fresh;
    int n;

    run_say(text, deed_write(deed, text));
    run_deed(deed, true);
    ndeeds++;
    fresh = run_covers ? count_new() : 0;
    if (fresh > 0) {
        n = sprintf(text, "# new %u\n", fresh);
        run_say(text, (size_t)n);
    }
    return fresh;
}

static void say_state(void)
{
    int n = sprintf(text, "# stat deeds %u calls %u places %u corpus %u\n",
                    ndeeds, (unsigned)run_ncalls(), nseen, ncorpus);

    run_say(text, (size_t)n);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t size = 0, n;
    char *bytes = NULL;

    if (file == NULL) {
        perror(path);
        exit(2);
    }
    do {
        bytes = realloc(bytes, size + 65536 + 1);
        if (bytes == NULL)
            exit(3);
        n = fread(bytes + size, 1, 65536, file);
        size += n;
    } while (n > 0);
    fclose(file);
    bytes[size] = '\0';
    return bytes;
}

/* Call `act` for each deed of the files. */
static void each_deed(char **files, void (*act)(const struct deed *deed))
{
    static struct deed deed;

    for (; *files != NULL; files++) {
        char *bytes = read_file(*files);
        const char *at = bytes;

        while (deed_read(&at, &deed))
            act(&deed);
        free(bytes);
    }
}

static void start_with(const struct deed *deed)
{
    if (try_deed(deed) > 0 || !run_covers)
        keep(deed);
}

static void pick(struct deed *deed)
{
    unsigned n = ncorpus > 64 && one_in(3) ? ncorpus - 1 - random_below(64)
                                           : random_below(ncorpus);
    const char *at = corpus[n];

    if (!deed_read(&at, deed))
        deed_make(deed);
}

static void make_one(struct deed *deed)
{
    static struct deed other;

    if (ncorpus == 0 || one_in(8)) {
        deed_make(deed);
        return;
    }
    pick(deed);
    pick(&other);
    deed_mutate(deed, &other);
}

static void fuzz(double limit)
{
    static struct deed deed;
    double start = seconds(), said = start;

    while (seconds() - start < limit) {
        make_one(&deed);
        if (try_deed(&deed) > 0)
            keep(&deed);
        if (seconds() - said > 5) {
            said = seconds();
            say_state();
        }
    }
}

static void replay(const struct deed *deed)
{
    (void)try_deed(deed);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    if (strcmp(argv[1], "make") == 0) {
        run_init();
        random_state = strtoull(argv[2], NULL, 0);
        each_deed(argv + 4, start_with);
        fuzz(strtod(argv[3], NULL));
    } else if (strcmp(argv[1], "replay") == 0) {
        run_init();
        for (int times = atoi(argv[2]); times > 0; times--)
            each_deed(argv + 3, replay);
    } else {
        return 2;
    }
    say_state();
    return 0;
}
