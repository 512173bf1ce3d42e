/*
 * Runs a fuzz target without libFuzzer: sound inputs and damaged ones, always
 * the same for the same seed.
 *
 *      NAME [-runs=N] [-seed=N]    as a test, with TAP; fuzz_runs by default,
 *                                  20 times that with TEST_LONG
 *      NAME -seeds=DIR             writes the sound inputs to files in DIR
 *      NAME FILE ...               tries the files
 *
 * The test runs in a child. If that dies, it is repeated, and now each input is
 * written to a file before it is tried; so the one that failed remains there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

unsigned long fuzz_runs __attribute__((weak)) = 100000;

#define INPUT_MAX 8192
#define SEEDS_MAX 64

static uint8_t seeds[SEEDS_MAX][INPUT_MAX];
static size_t seed_sizes[SEEDS_MAX];
static unsigned nseeds;

static uint64_t state;

static uint64_t next_random(void)
{
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void load_seeds(void)
{
    while (nseeds < SEEDS_MAX) {
        seed_sizes[nseeds] = fuzz_seed(nseeds, seeds[nseeds], INPUT_MAX);
        if (seed_sizes[nseeds] == 0)
            return;
        nseeds++;
    }
}

/* Puts a number that is often trouble at `at`, in 1 to 8 bytes. */
static void put_word(uint8_t *at, size_t room)
{
    static const uint64_t words[] = {
        0,
        1,
        2,
        7,
        8,
        0x7F,
        0x80,
        0xFF,
        0x1000,
        0xFFF,
        0x10000,
        0xFFFF,
        0x8000,
        0x7FFF,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFF000,
        0xFFFFFFFF,
        0x20,
        0x30,
        UINT64_MAX,
        INT64_MAX,
        UINT64_C(1) << 63,
    };
    uint64_t word = words[next_random() % (sizeof(words) / 8)];
    size_t size = (size_t)1 << next_random() % 4;

    if (next_random() % 4 == 0)
        word += next_random() % 9 - 4;
    memcpy(at, &word, size < room ? size : room);
}

/* Damages the input in one way. */
static size_t mutate(uint8_t *data, size_t size)
{
    size_t at;
    size_t n;

    if (size == 0)
        return 0;
    at = next_random() % size;
    n = next_random() % (size - at) + 1;
    switch (next_random() % 8) {
    case 0:
        data[at] ^= (uint8_t)(1u << next_random() % 8);
        return size;
    case 1:
        data[at] = (uint8_t)next_random();
        return size;
    case 2:
    case 3:
        put_word(data + at, size - at);
        return size;
    case 4: /* copies a piece over another place */
        memmove(data + next_random() % (size - n + 1), data + at, n);
        return size;
    case 5: /* takes a piece out */
        n = n > 64 && next_random() % 2 ? 64 : n;
        memmove(data + at, data + at + n, size - at - n);
        return size - n;
    case 6: /* doubles a piece */
        n = n > INPUT_MAX - size ? INPUT_MAX - size : n;
        memmove(data + at + n, data + at, size - at);
        return size + n;
    default:
        return next_random() % 8 == 0 ? at : size;
    }
}

/* Makes an input: a seed, sometimes two in a row, damaged a few times. */
static size_t make_input(uint8_t *data)
{
    unsigned n = (unsigned)(next_random() % nseeds);
    unsigned other = (unsigned)(next_random() % nseeds);
    size_t size = seed_sizes[n];
    size_t room = INPUT_MAX - size;

    memcpy(data, seeds[n], size);
    if (next_random() % 8 == 0) {
        room = room < seed_sizes[other] ? room : seed_sizes[other];
        memcpy(data + size, seeds[other], room);
        size += room;
    }
    for (uint64_t times = next_random() % 6; times > 0; times--)
        size = mutate(data, size);
    return size;
}

/* Tries an input in a block of exactly its size. */
static void try_input(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + (size == 0));

    if (copy == NULL)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, size, file) != size)
        exit(2);
    fclose(file);
}

/* Tries all inputs; with a path, each is written there before. */
static void try_all(unsigned long nruns, uint64_t seed, const char *path)
{
    static uint8_t data[INPUT_MAX];
    size_t size;

    state = seed;
    for (unsigned n = 0; n < nseeds; n++)
        try_input(seeds[n], seed_sizes[n]);
    for (unsigned long run = 0; run < nruns; run++) {
        size = make_input(data);
        if (path != NULL)
            write_file(path, data, size);
        try_input(data, size);
    }
}

/* Does the same in a child; says whether it lived. */
static bool survives(unsigned long nruns, uint64_t seed, const char *path)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        try_all(nruns, seed, path);
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    return status == 0;
}

static int run_test(const char *name, unsigned long nruns, uint64_t seed)
{
    char path[256];

    snprintf(path, sizeof(path), "/tmp/cairn-fuzz-%s", name);
    printf("1..1\n");
    if (survives(nruns, seed, NULL)) {
        printf("ok 1 - fuzz %s: %lu inputs\n", name, nruns);
        return 0;
    }
    survives(nruns, seed, path);
    printf("# the input is in %s\n", path);
    printf("not ok 1 - fuzz %s: seed %llu\n", name, (unsigned long long)seed);
    return 1;
}

static void write_seeds(const char *dir)
{
    char path[512];

    for (unsigned n = 0; n < nseeds; n++) {
        snprintf(path, sizeof(path), "%s/seed-%02u", dir, n);
        write_file(path, seeds[n], seed_sizes[n]);
    }
}

static int try_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        return 2;
    }
    size = fread(data, 1, sizeof(data), file);
    fclose(file);
    try_input(data, size);
    return 0;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    unsigned long nruns = fuzz_runs * (getenv("TEST_LONG") != NULL ? 20 : 1);
    uint64_t seed = 1;
    int status = 0;

    if (getenv("TEST_SEED") != NULL)
        seed = strtoull(getenv("TEST_SEED"), NULL, 0);
    load_seeds();
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0) {
            nruns = strtoul(argv[i] + 6, NULL, 0);
        } else if (strncmp(argv[i], "-seed=", 6) == 0) {
            seed = strtoull(argv[i] + 6, NULL, 0);
        } else if (strncmp(argv[i], "-seeds=", 7) == 0) {
            write_seeds(argv[i] + 7);
            return 0;
        } else {
            status |= try_file(argv[i]);
            nruns = 0;
        }
    }
    return nruns > 0 ? run_test(name, nruns, seed) : status;
}
