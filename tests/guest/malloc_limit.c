/*
 * malloc under a limit of address space: it works within it, small and large
 * blocks alike, and returns NULL at its end.
 *
 * test: run="--limit as=16M"
 */
#include "tap.h"

static size_t take_all(size_t nbytes)
{
    void **last = NULL, **p;
    size_t taken = 0;

    while ((p = malloc(nbytes)) != NULL) {
        memset(p, 1, nbytes);
        *p = last;
        last = p;
        taken += nbytes;
    }
    EQUAL(errno, ENOMEM);
    while (last) {
        p = *last;
        free(last);
        last = p;
    }
    return taken;
}

int main(void)
{
    CHECK(take_all(1000) > (4u << 20));
    CHECK(take_all(2u << 20) >= (4u << 20));
    CHECK(take_all(5000) > (4u << 20));
    CHECK(malloc(20u << 20) == NULL);
    return tap_done();
}
