/* bytes of anonymous memory per live object and observed alignment, by size */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <stdint.h>
extern void *bm_malloc(size_t);
extern void bm_init(void) __attribute__((weak));
static char b[8192] = {1};
static long rd(void)
{
    int fd = open("/proc/self/smaps_rollup", O_RDONLY);
    int n = read(fd, b, sizeof b - 1);
    close(fd);
    b[n] = 0;
    return atol(strstr(b, "Anonymous:") + 10);
}
int main(int ac, char **av)
{
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    size_t n = atoi(av[1]);
    unsigned c = 8000000 / n;
    if (c > 200000)
        c = 200000;
    if (c < 500)
        c = 500;
    uintptr_t al = 0;
    rd();
    long a = rd();
    if (bm_init)
        bm_init();
    for (unsigned i = 0; i < c; i++) {
        char *p = bm_malloc(n);
        if (!p)
            return 1;
        al |= (uintptr_t)p;
        for (size_t k = 0; k < n; k += 64)
            p[k] = 1;
        p[n - 1] = 1;
    }
    long d = rd() - a;
    printf("%zu align=%u bytes/obj=%.2f overhead%%=%.1f\n", n,
           (unsigned)(al & -al), d * 1024.0 / c,
           (d * 1024.0 / c / n - 1) * 100);
    return 0;
}
