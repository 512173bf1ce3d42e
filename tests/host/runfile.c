/*
 * kernel/proc/runfile.c: good files, every kind of bad one, and random damage,
 * where what is accepted must still be sound.
 */
#include <stdlib.h>

#include "tap.h"

#include "proc/runfile.h"

#define MAX_STRINGS 64

static struct runfile run;
static char *strings[MAX_STRINGS];

/* Parses a copy of exactly these bytes, so that sanitizers see every slip. */
static const char *parse(const char *bytes, size_t nbytes)
{
    static char *copy;
    size_t nstrings = runfile_count_strings(bytes, nbytes);

    free(copy);
    copy = malloc(nbytes > 0 ? nbytes : 1);
    memcpy(copy, bytes, nbytes);
    if (nstrings > MAX_STRINGS)
        return "too many for this test";
    return runfile_parse(copy, nbytes, strings, nstrings, &run);
}

/* A literal's bytes; its own NUL ends the last record. */
#define PARSE(literal) parse(literal, sizeof(literal))

static void test_whole(void)
{
    const char *wrong = PARSE("env=A=1\0path=/bin/x\0arg=./x\0data=65536\0"
                              "arg=\0env=\0cwd=/home\0arg=a b\xff=\0stack=0\0"
                              "as=4294967296");

    CHECK(wrong == NULL);
    CHECK(strcmp(run.path, "/bin/x") == 0);
    CHECK(strcmp(run.cwd, "/home") == 0);
    CHECK_EQ(run.nargs, 3);
    CHECK(strcmp(run.argv[0], "./x") == 0);
    CHECK(strcmp(run.argv[1], "") == 0);
    CHECK(strcmp(run.argv[2], "a b\xff=") == 0);
    CHECK(run.argv[3] == NULL);
    CHECK_EQ(run.nenv, 2);
    CHECK(strcmp(run.envp[0], "A=1") == 0);
    CHECK(strcmp(run.envp[1], "") == 0);
    CHECK(run.envp[2] == NULL);
    CHECK_EQ(run.data, 65536);
    CHECK_EQ(run.stack, 0);
    CHECK_EQ(run.as, 4294967296);
}

static void test_least(void)
{
    CHECK(PARSE("path=/x\0arg=") == NULL);
    CHECK(run.cwd == NULL);
    CHECK_EQ(run.nargs, 1);
    CHECK_EQ(run.nenv, 0);
    CHECK(run.envp[0] == NULL);
    CHECK_EQ(run.data, RUNFILE_NO_LIMIT);
    CHECK_EQ(run.as, RUNFILE_NO_LIMIT);
    CHECK_EQ(run.stack, RUNFILE_NO_LIMIT);
}

static const struct {
    const char *what;
    const char *bytes;
    size_t nbytes;
} bad[] = {
#define BAD(what, literal)             \
    {                                  \
        what, literal, sizeof(literal) \
    }
    {"nothing", "", 0},
    {"no NUL at the end", "path=/x\0arg=x", 13},
    BAD("no path", "arg=x"),
    BAD("no argument", "path=/x"),
    BAD("two paths", "path=/x\0path=/x\0arg=x"),
    BAD("two directories", "path=/x\0cwd=/\0cwd=/\0arg=x"),
    BAD("a relative path", "path=x\0arg=x"),
    BAD("an empty path", "path=\0arg=x"),
    BAD("a relative directory", "path=/x\0cwd=\0arg=x"),
    BAD("an unknown record", "path=/x\0arg=x\0uid=0"),
    BAD("an empty record", "path=/x\0\0arg=x"),
    BAD("a key without value", "path=/x\0arg=x\0env"),
    BAD("a longer key", "path=/x\0arg=x\0envs=x"),
    BAD("a limit twice", "path=/x\0arg=x\0data=1\0data=1"),
    BAD("an empty limit", "path=/x\0arg=x\0data="),
    BAD("a signed limit", "path=/x\0arg=x\0as=-1"),
    BAD("a limit with a letter", "path=/x\0arg=x\0as=1M"),
    BAD("a limit of 2^64", "path=/x\0arg=x\0as=18446744073709551616"),
    BAD("the limit that means none", "path=/x\0arg=x\0as=18446744073709551615"),
#undef BAD
};

static void test_bad(void)
{
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tap_begin();
        CHECK(parse(bad[i].bytes, bad[i].nbytes) != NULL);
        tap_end("refused: %s", bad[i].what);
    }
}

static void test_no_room(void)
{
    char bytes[] = "path=/x\0arg=x";

    CHECK(runfile_parse(bytes, sizeof(bytes), strings, 3, &run) != NULL);
    CHECK(runfile_parse(bytes, sizeof(bytes), strings, 4, &run) == NULL);
}

/* What was accepted lies in the bytes and has no NULL before its end. */
static void check_sound(void)
{
    CHECK(run.path != NULL && run.path[0] == '/');
    CHECK(run.nargs > 0);
    for (size_t i = 0; i < run.nargs; i++)
        CHECK(run.argv[i] != NULL && strlen(run.argv[i]) < 200);
    CHECK(run.argv[run.nargs] == NULL);
    for (size_t i = 0; i < run.nenv; i++)
        CHECK(run.envp[i] != NULL && strlen(run.envp[i]) < 200);
    CHECK(run.envp[run.nenv] == NULL);
}

static void test_random_damage(void)
{
    static const char good[] = "path=/bin/x\0cwd=/\0arg=./x\0arg=y\0env=A=1\0"
                               "env=B=2\0data=4096\0as=1\0stack=2";
    uint64_t seed = tap_seed(1);
    unsigned long naccepted = 0;

    for (unsigned long n = tap_repeats(20000); n > 0; n--) {
        char bytes[sizeof(good)];
        size_t nbytes = sizeof(good);

        memcpy(bytes, good, sizeof(good));
        for (unsigned k = tap_random(&seed) % 4; k > 0; k--)
            bytes[tap_random(&seed) % nbytes] = (char)tap_random(&seed);
        if (tap_random(&seed) % 4 == 0)
            nbytes = tap_random(&seed) % (nbytes + 1);
        if (parse(bytes, nbytes) == NULL) {
            naccepted++;
            check_sound();
        }
    }
    CHECK(naccepted > 100);
}

int main(void)
{
    tap_run("a whole file", test_whole);
    tap_run("the least file", test_least);
    test_bad();
    tap_run("too few pointers", test_no_room);
    tap_run("random damage", test_random_damage);
    return tap_done();
}
