/*
 * Small machines: a program with stdio and malloc, its debugging information
 * beside it in the archive, runs in 4 MiB and in 3. (Stripped, 2 are enough.)
 *
 * test: run="-m 4M" name=in-4M
 * test: run="-m 3M" name=in-3M
 */
#include "tap.h"

int main(void)
{
    char *p = malloc(10000);

    CHECK(p != NULL);
    if (p)
        memset(p, 1, 10000);
    free(p);
    errno = 0;
    CHECK(malloc(8 << 20) == NULL);
    EQUAL(errno, ENOMEM);
    return tap_done();
}
