/*
 * malloc until nothing is left: NULL with ENOMEM, every block that was granted
 * can be written to its last byte and keeps what was written, and after free
 * as much can be had again. On a Linux host a limit on addresses stands in
 * for the machine's memory.
 *
 * test: linux
 * test: run="-m 16M" name=16M
 * test: run="-m 256M" name=256M timeout=200
 */
#include <sys/resource.h>
#include <unistd.h>

#include "mm_test.h"

/* Blocks are chained, so that the test needs no memory of its own. */
struct block {
    struct block *next;
    size_t nbytes;
    unsigned char bytes[];
};

static struct block *blocks;

static bool take(size_t nbytes)
{
    struct block *block;

    errno = 0;
    block = malloc(nbytes);
    if (block == NULL) {
        CHECK_EQ(errno, ENOMEM);
        return false;
    }
    CHECK_EQ((uintptr_t)block % 8, 0);
    memset(block->bytes, (int)(nbytes % 251), nbytes - sizeof *block);
    block->nbytes = nbytes;
    block->next = blocks;
    blocks = block;
    return true;
}

static bool is_intact(const struct block *block)
{
    for (size_t i = 0; i < block->nbytes - sizeof *block; i++)
        if (block->bytes[i] != block->nbytes % 251)
            return false;
    return true;
}

/* Take blocks of one size until there are no more; the bytes taken. */
static size_t take_all(size_t nbytes)
{
    size_t sum = 0;

    while (take(nbytes))
        sum += nbytes;
    return sum;
}

/* Check all blocks and give them back. */
static void free_all(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;

        if (!CHECK(is_intact(blocks)))
            break;
        free(blocks);
        blocks = next;
    }
}

static size_t exhaust(void)
{
    size_t large = take_all(1 << 20);
    size_t middle = take_all(20000);
    size_t small = take_all(64);

    printf("# %zu KiB in large blocks, %zu in middle ones, %zu in small\n",
           large >> 10, middle >> 10, small >> 10);
    return large + middle + small;
}

static void test_exhaustion(void)
{
    static const volatile size_t impossible[] = {0x7FFFFFF0, 0x80000000,
                                                 (size_t)-4096, (size_t)-1};
    size_t first = exhaust(), again;

    CHECK(first > 1 << 20);
    /* Impossible sizes fail as well, and change nothing. */
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++)
        CHECK(malloc(impossible[i]) == NULL);
    free_all();
    tap_end("malloc until NULL; all that was granted is there");

    for (int i = 0; i < 3; i++) {
        again = exhaust();
        CHECK(again >= first - first / 50);
        free_all();
    }
    tap_end("after free, the same again");
}

static void test_realloc(void)
{
    size_t n = 100000;
    unsigned char *p = malloc(n), *q;

    CHECK(p != NULL);
    memset(p, 0x42, n);
    exhaust();
    errno = 0;
    q = realloc(p, 0x70000000);
    if (q != NULL) {
        tap_fail(__FILE__, __LINE__, "nearly 2 GiB were granted");
        free(q);
        return;
    }
    CHECK_EQ(errno, ENOMEM);
    for (size_t i = 0; i < n; i++)
        if (!CHECK_EQ(p[i], 0x42))
            break;
    free_all();
    q = realloc(p, 2 * n);
    CHECK(q != NULL && q[0] == 0x42 && q[n - 1] == 0x42);
    free(q);
    tap_end("a refused realloc leaves the block as it was");
}

static void test_calloc(void)
{
    unsigned char *p;
    bool zero = true;

    exhaust();
    errno = 0;
    p = calloc(1 << 10, 1 << 10);
    CHECK(p == NULL);
    CHECK_EQ(errno, ENOMEM);
    free_all();
    p = calloc(1 << 10, 1 << 10);
    CHECK(p != NULL);
    for (size_t i = 0; i < 1 << 20; i++)
        zero = zero && p[i] == 0;
    CHECK(zero);
    free(p);
    tap_end("calloc: NULL when there is none, zeros when there is");
}

int main(void)
{
    static char buffer[4096];

    /* stdio must not want memory when there is none. */
    setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
    if (!tap_on_cairn()) {
        /* The allocator's map takes 64 MiB of addresses, not of memory. */
        struct rlimit limit = {112 << 20, 112 << 20};

        CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
    }
    test_exhaustion();
    test_realloc();
    test_calloc();
    return tap_done();
}
