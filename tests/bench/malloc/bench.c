/* Cairn allocator bench: single-threaded, deterministic, 32-bit.
 * usage: bench WORKLOAD ROUNDS [mem]
 * The allocator under test is bound at link time as bm_malloc/bm_free/bm_realloc/bm_calloc/bm_memalign.
 * All harness functions live in this file (built with -g), so callgrind arcs from
 * this file to the bm_* entry points are exactly the allocator's cost. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
extern void *bm_malloc(size_t), *bm_calloc(size_t, size_t),
    *bm_realloc(void *, size_t);
extern void bm_free(void *);
extern void bm_init(void) __attribute__((weak));
typedef uint32_t u32;
static u32 seed = 12345;
static inline u32 rnd(void)
{
    u32 x = seed;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return seed = x;
}
static inline u32 rrange(u32 lo, u32 hi)
{
    return lo + (u32)(((uint64_t)rnd() * (hi - lo + 1)) >> 32);
}
/* log-uniform-ish in [8,1024]: 8 << (0..6) then uniform within the octave */
static inline u32 rlog(void)
{
    u32 k = rnd() % 7;
    u32 b = 8u << k;
    return b + (rnd() & (b - 1));
}
/* small, program-like mix: mostly 8..64 */
static inline u32 rsmall(void)
{
    u32 r = rnd() & 15;
    if (r < 12)
        return 8 + (rnd() % 57);
    return 8 + (rnd() % 249);
}
#define MAXS 400000
static void *P[MAXS];
static u32 S[MAXS];
static int memmode;
static long peak_rss, base_rss, peak_live, rss_at_live, base_vm, end_rss;
static unsigned long nops;
static char pbuf[8192] = {1};
static long rd_rss(void)
{
    int fd = open("/proc/self/smaps_rollup", O_RDONLY);
    long r = -1;
    if (fd < 0)
        return -1;
    int n = read(fd, pbuf, sizeof pbuf - 1);
    close(fd);
    if (n <= 0)
        return -1;
    pbuf[n] = 0;
    char *q = strstr(pbuf, "Anonymous:");
    if (q) {
        q += 10;
        while (*q == ' ')
            q++;
        r = 0;
        while (*q >= '0' && *q <= '9')
            r = r * 10 + (*q++ - '0');
    }
    return r;
}
static long rd_status(const char *k)
{
    int fd = open("/proc/self/status", O_RDONLY);
    long r = -1;
    int n = read(fd, pbuf, sizeof pbuf - 1);
    close(fd);
    if (n <= 0)
        return -1;
    pbuf[n] = 0;
    char *q = strstr(pbuf, k);
    if (q) {
        q += strlen(k);
        while (*q == ' ' || *q == '\t')
            q++;
        r = 0;
        while (*q >= '0' && *q <= '9')
            r = r * 10 + (*q++ - '0');
    }
    return r;
}
static void mark(u32 nslots)
{ /* sample exact RSS and the live requested bytes */
    if (!memmode)
        return;
    long live = 0;
    for (u32 i = 0; i < nslots; i++)
        if (P[i])
            live += S[i];
    long r = rd_rss();
    if (r > peak_rss)
        peak_rss = r;
    if (live > peak_live) {
        peak_live = live;
    }
}
static inline void touch(void *p, u32 n)
{
    *(volatile unsigned char *)p = 1;
    ((volatile unsigned char *)p)[n - 1] = 2;
}
static inline void touchpages(void *p, u32 n)
{
    volatile unsigned char *c = p;
    for (u32 i = 0; i < n; i += 4096)
        c[i] = 1;
    c[n - 1] = 2;
}
#define W __attribute__((noinline)) static void
#define OOM()                 \
    do {                      \
        write(2, "OOM\n", 4); \
        _exit(3);             \
    } while (0)
static inline void *M(u32 n)
{
    void *p = bm_malloc(n);
    if (!p)
        OOM();
    nops++;
    return p;
}
static inline void F(void *p)
{
    bm_free(p);
    nops++;
}

W hw_pair(u32 R)
{
    static const u32 sz[8] = {16, 24, 32, 40, 48, 56, 64, 20};
    for (u32 i = 0; i < R * 50000u; i++) {
        u32 n = sz[i & 7];
        void *p = M(n);
        touch(p, n);
        F(p);
    }
    P[0] = 0;
}
/* pairl: the same pairs while 100 blocks of each size stay live, so no page/superblock empties: the true fast path */
W hw_pairl(u32 R)
{
    static const u32 sz[8] = {16, 24, 32, 40, 48, 56, 64, 20};
    for (u32 i = 0; i < 800; i++) {
        S[i] = sz[i & 7];
        P[i] = M(S[i]);
    }
    for (u32 i = 0; i < 800; i += 3) {
        F(P[i]);
        P[i] = M(S[i]);
    }
    for (u32 i = 0; i < R * 50000u; i++) {
        u32 n = sz[i & 7];
        void *p = M(n);
        touch(p, n);
        F(p);
    }
    mark(800);
    for (u32 i = 0; i < 800; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
W hw_lifo(u32 R)
{
    for (u32 r = 0; r < R; r++) {
        for (int i = 0; i < 10000; i++) {
            S[i] = rsmall();
            P[i] = M(S[i]);
            touch(P[i], S[i]);
        }
        mark(10000);
        for (int i = 9999; i >= 0; i--) {
            F(P[i]);
            P[i] = 0;
        }
    }
}
W hw_fifo(u32 R)
{
    for (u32 r = 0; r < R; r++) {
        for (int i = 0; i < 10000; i++) {
            S[i] = rsmall();
            P[i] = M(S[i]);
            touch(P[i], S[i]);
        }
        mark(10000);
        for (int i = 0; i < 10000; i++) {
            F(P[i]);
            P[i] = 0;
        }
    }
}
W hw_randu(u32 R)
{
    u32 N = 50000;
    for (u32 i = 0; i < N; i++) {
        S[i] = rrange(8, 1024);
        P[i] = M(S[i]);
        touch(P[i], S[i]);
    }
    mark(N);
    for (u32 r = 0; r < R; r++) {
        for (u32 k = 0; k < 50000; k++) {
            u32 i = rrange(0, N - 1);
            F(P[i]);
            S[i] = rrange(8, 1024);
            P[i] = M(S[i]);
            touch(P[i], S[i]);
        }
        if ((r & 7) == 7 || r == R - 1)
            mark(N);
    }
    for (u32 i = 0; i < N; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
W hw_randl(u32 R)
{
    u32 N = 50000;
    for (u32 i = 0; i < N; i++) {
        S[i] = rlog();
        P[i] = M(S[i]);
        touch(P[i], S[i]);
    }
    mark(N);
    for (u32 r = 0; r < R; r++) {
        for (u32 k = 0; k < 50000; k++) {
            u32 i = rrange(0, N - 1);
            F(P[i]);
            S[i] = rlog();
            P[i] = M(S[i]);
            touch(P[i], S[i]);
        }
        if ((r & 7) == 7 || r == R - 1)
            mark(N);
    }
    for (u32 i = 0; i < N; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
W hw_larson(u32 R)
{
    u32 N = 5000;
    for (u32 i = 0; i < N; i++) {
        S[i] = rrange(8, 1000);
        P[i] = M(S[i]);
        touch(P[i], S[i]);
    }
    for (u32 r = 0; r < R; r++) {
        for (u32 k = 0; k < 50000; k++) {
            u32 i = rrange(0, N - 1);
            F(P[i]);
            S[i] = rrange(8, 1000);
            P[i] = M(S[i]);
            touch(P[i], S[i]);
        }
        for (u32 i = N - 1; i > 0; i--) {
            u32 j = rrange(0, i);
            void *t = P[i];
            P[i] = P[j];
            P[j] = t;
            u32 s = S[i];
            S[i] = S[j];
            S[j] = s;
        }
        if (r == R - 1 || (r & 7) == 7)
            mark(N);
    }
    for (u32 i = 0; i < N; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
W hw_grow1(u32 R)
{
    for (u32 r = 0; r < R; r++) {
        u32 n = 16;
        P[0] = M(n);
        touch(P[0], n);
        while (n < 4u << 20) {
            u32 m = n + n / 2;
            if (m > 4u << 20)
                m = 4u << 20;
            P[0] = bm_realloc(P[0], m);
            nops++;
            if (!P[0])
                OOM();
            ((volatile char *)P[0])[0]++;
            for (u32 k = n; k < m; k += 4096)
                ((volatile char *)P[0])[k] = 1;
            ((volatile char *)P[0])[m - 1] = 1;
            n = m;
        }
        S[0] = n;
        mark(1);
        F(P[0]);
        P[0] = 0;
    }
}
W hw_growN(u32 R)
{
    static u32 len[2000], cap[2000];
    u32 N = 2000;
    for (u32 r = 0; r < R; r++) {
        for (u32 i = 0; i < N; i++) {
            P[i] = 0;
            len[i] = 0;
            cap[i] = 0;
            S[i] = 0;
        }
        for (u32 k = 0; k < 60000; k++) {
            u32 i = rrange(0, N - 1);
            u32 add = rrange(16, 512);
            len[i] += add;
            if (len[i] > cap[i]) {
                u32 c = cap[i] + cap[i] / 2;
                if (c < 16)
                    c = 16;
                while (c < len[i])
                    c += c / 2;
                P[i] = bm_realloc(P[i], c);
                nops++;
                if (!P[i])
                    OOM();
                cap[i] = c;
                S[i] = c;
                touchpages(P[i], c);
            }
        }
        mark(N);
        for (u32 i = 0; i < N; i++) {
            if (P[i])
                F(P[i]);
            P[i] = 0;
        }
    }
}
W hw_calloc(u32 R)
{
    u32 N = 2000;
    for (u32 i = 0; i < N; i++)
        P[i] = 0;
    for (u32 r = 0; r < R; r++) {
        for (u32 k = 0; k < 10000; k++) {
            u32 i = rrange(0, N - 1);
            if (P[i])
                F(P[i]);
            u32 t = rnd() & 255;
            u32 n = t < 200   ? rrange(16, 256)
                    : t < 252 ? rrange(256, 4096)
                              : rrange(16384, 262144);
            S[i] = n;
            P[i] = bm_calloc(1, n);
            nops++;
            if (!P[i])
                OOM();
            if (*(volatile char *)P[i] | ((volatile char *)P[i])[n - 1]) {
                write(2, "NZ\n", 3);
                _exit(4);
            }
            touchpages(P[i], n);
        }
        mark(N);
    }
    for (u32 i = 0; i < N; i++) {
        if (P[i])
            F(P[i]);
        P[i] = 0;
    }
}
W hw_big(u32 R)
{
    u32 N = 64;
    for (u32 i = 0; i < N; i++) {
        S[i] = rrange(65536, 1048576);
        P[i] = M(S[i]);
        touchpages(P[i], S[i]);
    }
    mark(N);
    for (u32 r = 0; r < R; r++) {
        for (u32 k = 0; k < 1000; k++) {
            u32 i = rrange(0, N - 1);
            F(P[i]);
            S[i] = rrange(65536, 1048576);
            P[i] = M(S[i]);
            touchpages(P[i], S[i]);
        }
        mark(N);
    }
    for (u32 i = 0; i < N; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
W hw_frag(u32 R)
{
    (void)R;
    u32 N = 100000;
    for (u32 i = 0; i < N; i++) {
        S[i] = 64;
        P[i] = M(64);
        touch(P[i], 64);
    }
    mark(N);
    for (u32 i = 0; i < N; i += 2) {
        F(P[i]);
        P[i] = 0;
    }
    for (u32 i = 0; i < N; i += 4) {
        S[i] = 128;
        P[i] = M(128);
        touch(P[i], 128);
    }
    mark(N);
    for (u32 i = 0; i < N; i++)
        if (P[i]) {
            F(P[i]);
            P[i] = 0;
        }
}
/* phases: sizes change, 5% of each phase survive: page-stranding test */
W hw_phase(u32 R)
{
    (void)R;
    static const u32 sz[12] = {24, 40,  72,  136, 264, 520,
                               56, 104, 200, 392, 776, 32};
    u32 base = 0;
    for (u32 ph = 0; ph < 12; ph++) {
        u32 n = sz[ph], cnt = (4u << 20) / n, c0 = base;
        if (c0 + cnt > MAXS)
            cnt = MAXS - c0;
        for (u32 i = 0; i < cnt; i++) {
            P[c0 + i] = M(n);
            S[c0 + i] = n;
            touch(P[c0 + i], n);
        }
        mark(c0 + cnt);
        for (u32 i = 0; i < cnt; i++)
            if (rnd() % 20) {
                F(P[c0 + i]);
                P[c0 + i] = 0;
            }
        u32 w = c0;
        for (u32 i = 0; i < cnt; i++)
            if (P[c0 + i]) {
                P[w] = P[c0 + i];
                S[w] = S[c0 + i];
                w++;
            }
        for (u32 i = w; i < c0 + cnt; i++)
            P[i] = 0;
        base = w;
    }
    mark(base);
    for (u32 i = 0; i < base; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
/* tiny process: what a shell tool does: a few stdio buffers and ~200 small blocks */
W hw_tiny(u32 R)
{
    (void)R;
    S[0] = 1024;
    P[0] = M(1024);
    touch(P[0], 1024);
    S[1] = 4096;
    P[1] = M(4096);
    touchpages(P[1], 4096);
    for (u32 i = 2; i < 202; i++) {
        S[i] = rsmall();
        P[i] = M(S[i]);
        touch(P[i], S[i]);
    }
    mark(202);
    for (u32 i = 0; i < 202; i++)
        if (i & 1) {
            F(P[i]);
            P[i] = 0;
        }
    for (u32 i = 0; i < 202; i++)
        if (P[i]) {
            F(P[i]);
            P[i] = 0;
        }
}
/* first: one malloc(16), what a process with a single allocation pays */
W hw_first(u32 R)
{
    (void)R;
    S[0] = 16;
    P[0] = M(16);
    touch(P[0], 16);
    mark(1);
    F(P[0]);
    P[0] = 0;
}
/* sh6bench-like: mixed small sizes, LIFO + reverse frees, one fifth saved per pass */
W hw_sh6(u32 R)
{
    u32 N = 10000;
    void **mp = P, **e = P + N, **sv0 = e, **sv1 = e;
    for (u32 i = 0; i < N; i++)
        P[i] = 0;
    for (u32 r = 0; r < R; r++)
        for (u32 sb = 1; sb < 1000; sb = sb * 3 / 2 + 1)
            for (u32 sz = sb; sz; sz /= 2) {
                int it = sz < 100 ? 250 : sz < 1000 ? 50 : 10;
                while (it--) {
                    S[mp - P] = sz;
                    *mp = M(sz);
                    touch(*mp, sz);
                    mp++;
                    if (mp == sv0)
                        mp = sv1;
                    if (mp >= e) {
                        mark(N);
                        mp = P;
                        u32 k = rnd() % 4;
                        sv0 = P + N / 5 * k;
                        sv1 = sv0 + N / 5;
                        while (mp < sv0) {
                            F(*mp);
                            *mp++ = 0;
                        }
                        mp = e;
                        while (mp > sv1) {
                            --mp;
                            F(*mp);
                            *mp = 0;
                        }
                        for (void **q = sv0; q < sv1; q++)
                            if (!*q) {
                                S[q - P] = 16;
                                *q = M(16);
                            }
                        mp = P;
                        if (mp == sv0) {
                            mp = sv1;
                        }
                    }
                }
            }
    mark(N);
    for (u32 i = 0; i < N; i++)
        if (P[i]) {
            F(P[i]);
            P[i] = 0;
        }
}
/* lat: single-step latency probe: 1500 slots; 88% 8..1024 log, 10% 1..16 KiB, 2% 32..256 KiB */
static inline u32 rlat(void)
{
    u32 t = rnd() % 100;
    return t < 88   ? rlog()
           : t < 98 ? rrange(1024, 16384)
                    : rrange(32768, 262144);
}
W hw_lat(u32 R)
{
    u32 N = 1500;
    for (u32 i = 0; i < N; i++) {
        S[i] = rlat();
        P[i] = M(S[i]);
    }
    for (u32 k = 0; k < R * 1000; k++) {
        u32 i = rrange(0, N - 1);
        F(P[i]);
        S[i] = rlat();
        P[i] = M(S[i]);
    }
    for (u32 i = 0; i < N; i++) {
        F(P[i]);
        P[i] = 0;
    }
}
/* above: one buffer grows to 4 MiB while another block lies above it */
W hw_above(u32 R)
{
    for (u32 r = 0; r < R; r++) {
        u32 n = 16;
        P[0] = M(n);
        P[1] = M(4096);
        while (n < 4u << 20) {
            n += n / 2;
            P[0] = bm_realloc(P[0], n);
            nops++;
            if (!P[0])
                OOM();
            touch(P[0], n);
        }
        F(P[0]);
        F(P[1]);
        P[0] = P[1] = 0;
    }
}
static const struct {
    const char *n;
    void (*f)(u32);
} T[] = {{"above", hw_above}, {"pair", hw_pair},     {"pairl", hw_pairl},
         {"lifo", hw_lifo},   {"fifo", hw_fifo},     {"randu", hw_randu},
         {"randl", hw_randl}, {"larson", hw_larson}, {"grow1", hw_grow1},
         {"growN", hw_growN}, {"calloc", hw_calloc}, {"big", hw_big},
         {"frag", hw_frag},   {"phase", hw_phase},   {"sh6", hw_sh6},
         {"lat", hw_lat},     {"tiny", hw_tiny},     {"first", hw_first}};
int main(int ac, char **av)
{
    if (ac < 3)
        return 1;
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    u32 R = 0;
    for (char *c = av[2]; *c; c++)
        R = R * 10 + (*c - '0');
    memmode = ac > 3 && av[3][0] == 'm';
    memset(P, 1, sizeof P);
    memset(P, 0, sizeof P);
    memset(S, 1, sizeof S);
    volatile char stk[65536];
    for (int i = 0; i < 65536; i += 4096)
        stk[i] = 1;
    for (unsigned k = 0; k < sizeof T / sizeof *T; k++)
        if (!strcmp(T[k].n, av[1])) {
            struct timespec a, b;
            long hwm0 = 0, hwm = 0;
            char out[300];
            snprintf(out, sizeof out, "%d %ld", 1, 2L);
            if (memmode) {
                rd_rss();
                base_vm = rd_status("VmPeak:");
                hwm0 = rd_status("VmRSS:");
                base_rss = rd_rss();
            }
            clock_gettime(CLOCK_MONOTONIC, &a);
            if (bm_init)
                bm_init();
            T[k].f(R);
            clock_gettime(CLOCK_MONOTONIC, &b);
            double ns = (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec);
            if (memmode) {
                end_rss = rd_rss();
                hwm = rd_status("VmHWM:");
                long vm = rd_status("VmPeak:");
                int n = snprintf(out, sizeof out,
                                 "%s ops=%lu live=%ld rssKB=%ld hwmKB=%ld "
                                 "vmKB=%ld endKB=%ld baseKB=%ld\n",
                                 av[1], nops, peak_live, peak_rss - base_rss,
                                 hwm - hwm0, vm - base_vm, end_rss - base_rss,
                                 base_rss);
                write(1, out, n);
            } else {
                int n = snprintf(out, sizeof out, "%s ops=%lu ms=%ld.%03ld\n",
                                 av[1], nops, (long)(ns / 1e6),
                                 (long)(ns / 1e3) % 1000);
                write(1, out, n);
            }
            return 0;
        }
    return 2;
}
