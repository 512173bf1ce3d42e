/*
 * perobj SIZE: bytes of anonymous memory that each of many live blocks of SIZE
 * bytes takes, and the alignment that all of them have.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

void *bm_malloc(size_t nbytes);

static long anonymous_kib(void)
{
    static char text[8192] = {1};
    int fd = open("/proc/self/smaps_rollup", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    const char *at;

    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    at = strstr(text, "Anonymous:");
    return at == NULL ? 0 : atol(at + 10);
}

/* As many as take 8 MB, but not more or less than is sensible. */
static size_t how_many(size_t nbytes)
{
    size_t n = 8000000 / nbytes;

    return n > 200000 ? 200000 : n < 500 ? 500 : n;
}

static void fill(volatile char *p, size_t nbytes)
{
    for (size_t k = 0; k < nbytes; k += 64)
        p[k] = 1;
    p[nbytes - 1] = 1;
}

int main(int argc, char **argv)
{
    size_t nbytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 16;
    size_t count = how_many(nbytes);
    uintptr_t all = 0;
    double each;
    long before;

    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    anonymous_kib();
    before = anonymous_kib();
    for (size_t i = 0; i < count; i++) {
        void *p = bm_malloc(nbytes);

        if (p == NULL)
            return 1;
        all |= (uintptr_t)p;
        fill(p, nbytes);
    }
    each = (anonymous_kib() - before) * 1024.0 / count;
    printf("%zu align=%u bytes/obj=%.2f overhead%%=%.1f\n", nbytes,
           (unsigned)(all & -all), each, (each / nbytes - 1) * 100);
    return 0;
}
