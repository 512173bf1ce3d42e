/*
 * Blocks that change their length: a program that takes 256 bytes for each
 * line and shrinks the block to what was read does not fill memory with holes,
 * and a string that grows by a few bytes at a time is not moved each time.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cairn/malloc.h>

#include "tap.h"

#define LINES 20000

static char *line[LINES];

static void test_lines(void)
{
    char *before = sbrk(0);
    size_t kept = 0, taken;
    int good = 1;

    for (int i = 0; i < LINES; i++) {
        size_t n = 20 + i % 30;

        line[i] = malloc(256);
        memset(line[i], i, 256);
        line[i] = realloc(line[i], n);
        kept += n;
    }
    taken = (char *)sbrk(0) - before;
    printf("# %zu KiB taken for %zu KiB\n", taken / 1024, kept / 1024);
    CHECK(taken < 2 * kept);
    CHECK(malloc_check() == NULL);
    for (int i = 0; i < LINES; i++) {
        for (int k = 0; k < 20 + i % 30; k++)
            good &= line[i][k] == (char)i;
        free(line[i]);
    }
    CHECK(good && "each line is what it was");
}

static void test_string(void)
{
    char *s = malloc(1);
    int moves = 0, good = 1;

    for (int n = 1; n <= 3000; n++) {
        char *longer = realloc(s, n);

        moves += longer != s;
        s = longer;
        s[n - 1] = (char)n;
    }
    for (int n = 1; n <= 3000; n++)
        good &= s[n - 1] == (char)n;
    CHECK(good && "the string is what was written");
    CHECK(moves < 100);
    CHECK(malloc_check() == NULL);
    free(s);
}

int main(void)
{
    test_lines();
    test_string();
    return tap_done();
}
