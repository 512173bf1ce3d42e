/*
 * The smallest machines: a program with stdio and malloc runs in 4 MiB, and in
 * 2 MiB, of which the system leaves some 50 KiB.
 *
 * test: run="-m 4M" name=in-4M
 * test: run="-m 2M" name=in-2M
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
