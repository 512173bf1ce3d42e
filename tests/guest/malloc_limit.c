/*
 * malloc under limits: it gives at least nine tenths of what sbrk() alone would
 * give, small and large blocks alike, and returns NULL with ENOMEM at the end.
 * Nothing is reserved: a limit that is set late leaves what was not yet used.
 *
 * test: linux
 * test: run="--limit as=16M" name=16M
 */
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/malloc.h>

#include "tap.h"

static size_t block;

/* What sbrk() gives, page by page. */
static size_t take_by_sbrk(void)
{
    size_t taken = 0;

    while (sbrk(4096) != (void *)-1)
        taken += 4096;
    return taken;
}

/* What malloc gives in blocks of `block` bytes; 0 if anything is wrong. */
static size_t take_blocks(void)
{
    void **last = NULL, **p;
    size_t taken = 0;

    errno = 0;
    while ((p = malloc(block)) != NULL) {
        memset(p, 1, block);
        *p = last;
        last = p;
        taken += block;
    }
    if (errno != ENOMEM || malloc_check() != NULL)
        return 0;
    while (last) {
        p = *last;
        free(last);
        last = p;
    }
    return malloc_check() == NULL ? taken : 0;
}

/* The same under a limit, in a child. */
static size_t under(int which, rlim_t limit, size_t (*take)(void))
{
    const struct rlimit r = {limit, limit};
    size_t taken = 0;
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0)
        return 0;
    pid = fork();
    if (pid == 0) {
        setrlimit(which, &r);
        taken = take();
        _exit(write(ends[1], &taken, sizeof taken) != sizeof taken);
    }
    close(ends[1]);
    if (read(ends[0], &taken, sizeof taken) != sizeof taken)
        taken = 0;
    close(ends[0]);
    waitpid(pid, NULL, 0);
    return taken;
}

static void test_limit(int which, rlim_t limit)
{
    static const size_t blocks[] = {100, 1000, 5000, 70000};
    size_t all = under(which, limit, take_by_sbrk), taken;

    for (unsigned k = 0; k < sizeof blocks / sizeof *blocks; k++) {
        block = blocks[k];
        taken = under(which, limit, take_blocks);
        /* newlib's allocator spends 4 bytes a block, and rounds to 8. */
        CHECK(taken >= all / 10 * 9 / (block + 8) * block);
        if (taken < all / 10 * 9 / (block + 8) * block)
            printf("# limit %lu KiB: %zu of %zu KiB in blocks of %zu\n",
                   (unsigned long)limit / 1024, taken / 1024, all / 1024,
                   block);
    }
}

/* After the first call, 64 MiB of addresses are enough for what is asked. */
static void test_late_limit(void)
{
    const struct rlimit r = {64u << 20, 64u << 20};
    char *p;

    free(malloc(1));
    EQUAL(setrlimit(RLIMIT_AS, &r), 0);
    p = malloc(100000);
    CHECK(p != NULL);
    free(p);
    p = malloc(40u << 20);
    CHECK(p != NULL);
    free(p);
    CHECK(malloc(70u << 20) == NULL);
}

int main(void)
{
    struct rlimit r;

    getrlimit(RLIMIT_AS, &r);
    if (r.rlim_cur < 20u << 20) {
        block = 1000;
        CHECK(take_blocks() > 13u << 20);
        block = 2u << 20;
        CHECK(take_blocks() >= 10u << 20);
        block = 5000;
        CHECK(take_blocks() > 13u << 20);
        CHECK(malloc(20u << 20) == NULL);
        return tap_done();
    }
    test_limit(RLIMIT_AS, 4000u << 10);
    test_limit(RLIMIT_AS, 8000u << 10);
    test_limit(RLIMIT_AS, 40000u << 10);
    test_limit(RLIMIT_DATA, 4000u << 10);
    test_limit(RLIMIT_DATA, 40000u << 10);
    test_late_limit();
    return tap_done();
}
