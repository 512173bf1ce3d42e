/*
 * tools/heap-replay/replay.c - replay a trace of malloc, one call at a time
 *
 *      replay TRACE OUT [idle]
 *
 * TRACE is what cairn-run --malloc-trace writes: three words for each call. The
 * time stamp counter counts instructions in Cairn with --icount: it is read
 * before and after each call, and OUT gets three words for each: instructions
 * less what the reading takes, the bytes that live then, and the pages that
 * have been taken. With "idle" everything is done but the calls.
 *
 * All memory of this program itself is there before the first call, and one
 * byte of each page of a block is written, as the program would.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FREE, MALLOC, CALLOC, REALLOC };

struct call {
    uint32_t what, slot, nbytes;
};

struct result {
    uint32_t instructions, live, pages;
};

static struct call *calls;
static struct result *results;
static void **blocks;
static uint32_t *sizes;
static size_t ncalls, nslots = 1;
static uint32_t live, overhead;
static int statm;

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Pages of zeros of our own, all of them there. */
static void *pages(size_t nbytes)
{
    void *p = mmap(NULL, nbytes + 1, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        fail("mmap");
    for (size_t i = 0; i < nbytes; i += 4096)
        ((volatile char *)p)[i] = 0;
    return p;
}

static void read_trace(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        fail(path);
    ncalls = (size_t)st.st_size / sizeof(*calls);
    calls = pages(ncalls * sizeof(*calls));
    for (size_t done = 0; done < ncalls * sizeof(*calls);) {
        ssize_t n = read(fd, (char *)calls + done, st.st_size - done);

        if (n <= 0)
            fail(path);
        done += n;
    }
    close(fd);
    for (size_t i = 0; i < ncalls; i++) {
        if (calls[i].what > REALLOC || calls[i].slot > ncalls) {
            fprintf(stderr, "%s: not a trace of malloc\n", path);
            exit(1);
        }
        if (calls[i].slot >= nslots)
            nslots = calls[i].slot + 1;
    }
}

static inline uint32_t now(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return low;
}

/* Anonymous pages of this process: resident less shared. */
static uint32_t pages_taken(void)
{
    char text[128];
    ssize_t n = pread(statm, text, sizeof(text) - 1, 0);
    unsigned long size, resident, shared;

    if (n <= 0)
        return 0;
    text[n] = '\0';
    if (sscanf(text, "%lu %lu %lu", &size, &resident, &shared) != 3)
        return 0;
    return (uint32_t)(resident - shared);
}

static void touch(char *p, uint32_t nbytes)
{
    if (p == NULL)
        return;
    for (uint32_t i = 0; i < nbytes; i += 4096)
        ((volatile char *)p)[i] = 1;
}

/* The call itself, and nothing else, between the two readings. */
static uint32_t make_call(const struct call *c)
{
    void *old = blocks[c->slot], *p = NULL;
    uint32_t before = now();

    switch (c->what) {
    case FREE:
        free(old);
        break;
    case MALLOC:
        p = malloc(c->nbytes);
        break;
    case CALLOC:
        p = calloc(1, c->nbytes);
        break;
    default:
        p = realloc(old, c->nbytes);
    }
    before = now() - before;
    if (p == NULL && c->what != FREE && c->nbytes > 0) {
        fprintf(stderr, "call %zu: no memory\n", (size_t)(c - calls));
        exit(1);
    }
    blocks[c->slot] = p;
    return before;
}

static void replay(size_t i)
{
    const struct call *c = &calls[i];
    struct result *r = &results[i];
    uint32_t took = make_call(c);

    r->instructions = took > overhead ? took - overhead : 0;
    live -= sizes[c->slot];
    sizes[c->slot] = c->what == FREE ? 0 : c->nbytes;
    live += sizes[c->slot];
    r->live = live;
    touch(blocks[c->slot], sizes[c->slot]);
    if (i % 64 == 0 || i + 1 == ncalls || c->nbytes >= 4096)
        r->pages = pages_taken();
    else
        r->pages = results[i - 1].pages;
}

int main(int argc, char **argv)
{
    uint32_t base;
    int out;

    if (argc < 3)
        return 2;
    read_trace(argv[1]);
    results = pages((ncalls + 1) * sizeof(*results));
    blocks = pages(nslots * sizeof(*blocks));
    sizes = pages(nslots * sizeof(*sizes));
    statm = open("/proc/self/statm", O_RDONLY);
    pages_taken();
    overhead = now();
    overhead = now() - overhead;
    base = pages_taken();
    for (size_t i = 0; i < ncalls && argc == 3; i++)
        replay(i);
    for (size_t i = 0; i < ncalls; i++)
        results[i].pages -= base < results[i].pages ? base : results[i].pages;
    out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (size_t done = 0; done < ncalls * sizeof(*results);) {
        ssize_t n = write(out, (char *)results + done,
                          ncalls * sizeof(*results) - done);

        if (n <= 0)
            fail(argv[2]);
        done += n;
    }
    return 0;
}
