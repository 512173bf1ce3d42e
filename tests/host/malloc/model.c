/*
 * Random operations against a model, with every block's content known.
 *
 *     model [OPERATIONS [MIX [FAIL_EVERY [WALK_EVERY]]]]
 *
 * MIX: 0 small blocks, 1 up to a few pages, 2 up to 3 MiB. With FAIL_EVERY,
 * every so many calls to the system fail, beginning when a heap is there.
 * Others' sbrk() calls come between. The heap is walked every WALK_EVERY
 * operations. Without arguments: all mixes, with and without failures, a short
 * run that walks the heap after each step, and all mixes when sbrk() has no
 * more to give; with TEST_LONG in the environment 10,000,000 operations of each
 * mix. TEST_SEED gives another run.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../guest/malloc_model.h"
#include "host/os_host.h"
#include "malloc_cairn.h"
#include "tap.h"

static uint64_t seed;
static unsigned long step;

static _Noreturn void model_fail(const char *what)
{
    fprintf(stderr, "# step %lu of mix %d, failing every %lu: %s (errno %d)\n",
            step, mix, os_host_fail_every, what, errno);
    printf("not ok - the model; again with TEST_SEED=%llu\n",
           (unsigned long long)seed);
    exit(1);
}

static void *model_sbrk(size_t nbytes)
{
    return os_host_sbrk((intptr_t)nbytes);
}

static void walk(void)
{
    const char *wrong = malloc_check();

    if (wrong != NULL)
        model_fail(wrong);
}

/* ---- runs ----------------------------------------------------------------*/

static void run(unsigned long count, unsigned long every, unsigned long walks)
{
    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    os_host_fail_every = every;
    for (step = 1; step <= count; step++) {
        model_step();
        if (step % walks == 0)
            walk();
    }
    give_all();
    os_host_fail_every = 0;
    walk();
    malloc_trim(0);
    walk();
    if (mallinfo2().uordblks != 0)
        model_fail("freed all, and something is in use");
    tap_begin();
    tap_end("%lu operations, mix %d, failing every %lu, walked every %lu",
            count, mix, every, walks);
}

/* Somebody has all that sbrk() can give: there is only mmap(). */
static void run_without_sbrk(unsigned long count)
{
    void *p = malloc(1); /* the first call makes the arena */

    free(p);
    for (intptr_t n = INTPTR_MAX / 2 + 1; n > 0; n /= 2)
        while (os_host_sbrk(n) != NULL)
            continue;
    p = malloc(1 << 16);
    if (p == NULL)
        model_fail("without sbrk() there is no memory");
    free(p);
    for (mix = 0; mix < 3; mix++) {
        run(count / 2, 0, 50000);
        run(count / 10, 3, 50000);
    }
}

/* In a process of its own, whose lines of TAP are not ours. */
static void test_without_sbrk(unsigned long count)
{
    int status = -1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL)
            exit(2);
        run_without_sbrk(count);
        exit(0);
    }
    tap_begin();
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK_EQ(status, 0);
    tap_end("all mixes when sbrk() has nothing to give");
}

int main(int argc, char **argv)
{
    unsigned long count = getenv("TEST_LONG") != NULL ? 10000000 : 100000;

    seed = tap_seed(1);
    if (argc > 1) {
        mix = argc > 2 ? atoi(argv[2]) : 0;
        run(strtoul(argv[1], NULL, 0), argc > 3 ? strtoul(argv[3], NULL, 0) : 0,
            argc > 4 ? strtoul(argv[4], NULL, 0) : 10000);
        return tap_done();
    }
    test_without_sbrk(count);
    for (mix = 0; mix < 3; mix++) {
        run(count, 0, 50000);
        run(count, 7, 50000);
        run(count / 20, 2, 50000);
        run(count > 1000000 ? 10000 : 1000, 3, 1);
    }
    return tap_done();
}
