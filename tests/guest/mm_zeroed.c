/*
 * Frames zeroed while the machine has nothing to do: they are used first,
 * never show what an old owner left, and are free memory like any other.
 *
 * test: linux
 * test: name=small run="-m 8M"
 * test: name=high run="-m 1200M"
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc_read.h"
#include "tap.h"

#define PAGE  4096u
#define PAGES 300u

static long long zeroed(void)
{
    const char *text;

    if (!is_cairn())
        return 0;
    text = proc_read("/proc/frames");
    return proc_value_in(text, "low zeroed") +
           proc_value_in(text, "high zeroed");
}

static long long free_frames(void)
{
    return is_cairn() ? proc_value("/proc/frames", "free") : 0;
}

/* Nothing to do, long enough for all that are wanted. */
static void be_idle(void)
{
    usleep(150000);
}

static unsigned char *map(unsigned pages)
{
    unsigned char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? NULL : p;
}

/* Pages of `p` with a byte that is not 0; each is then filled. */
static unsigned dirty_pages(unsigned char *p, unsigned pages)
{
    unsigned dirty = 0;

    for (unsigned i = 0; i < pages; i++) {
        const uint32_t *words = (const uint32_t *)(p + i * PAGE);
        uint32_t any = 0;

        /* A write first, so that the page is one of our own. */
        p[i * PAGE + PAGE - 1] = 0;
        for (unsigned w = 0; w < PAGE / 4; w++)
            any |= words[w];
        dirty += any != 0;
        memset(p + i * PAGE, 0xA5 + (int)i, PAGE);
    }
    return dirty;
}

/* Another process fills memory and ends. */
static void soil_memory(unsigned pages)
{
    pid_t pid = fork();

    if (pid == 0) {
        unsigned char *p = map(pages);

        _exit(p && dirty_pages(p, pages) == 0 ? 0 : 1);
    }
    if (pid > 0) {
        int status;

        waitpid(pid, &status, 0);
        CHECK(status == 0);
    }
}

/* Zeroed frames appear by themselves, and are free all the while. */
static void test_appear(void)
{
    long long before;

    for (int i = 0; i < 8; i++)
        (void)(zeroed() + free_frames()); /* their buffers are there now */
    printf("# %lld frames are free\n", free_frames());
    before = free_frames();
    be_idle();
    if (is_cairn()) {
        CHECK(zeroed() > 0);
        CHECK(zeroed() <= free_frames());
        CHECK(free_frames() >= before - 8);
    }
}

/* They are the first to be handed out. */
static void test_first(void)
{
    unsigned char *p;
    long long before, after;
    unsigned pages = 100;

    be_idle();
    p = map(pages);
    p[0] = 1; /* its page table */
    before = zeroed();
    for (unsigned i = 1; i < pages; i++)
        p[i * PAGE] = 1;
    after = zeroed();
    if (is_cairn())
        CHECK(before >= pages && before - after >= pages - 1);
    munmap(p, pages * PAGE);
}

static void test_contents(void)
{
    for (int round = 0; round < 4; round++) {
        unsigned char *p;

        soil_memory(PAGES);
        if (round % 2 == 0)
            be_idle();
        p = map(PAGES);
        EQUAL(dirty_pages(p, PAGES), 0);
        munmap(p, PAGES * PAGE);
    }
}

/* Pages of a file's hole, and of shared memory. */
static void test_other_pages(void)
{
    unsigned char *p;
    FILE *file;

    soil_memory(PAGES);
    be_idle();
    p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EQUAL(dirty_pages(p, PAGES), 0);
    munmap(p, PAGES * PAGE);
    be_idle();
    file = tmpfile();
    CHECK(file != NULL && ftruncate(fileno(file), PAGES * PAGE) == 0);
    p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
             fileno(file), 0);
    EQUAL(dirty_pages(p, PAGES), 0);
    munmap(p, PAGES * PAGE);
    fclose(file);
}

/* As many pages as can be had, which is given back. */
static unsigned exhaust(void)
{
    unsigned char *blocks[4096];
    unsigned n = 0, got;

    while (n < 4096 && (blocks[n] = map(16)) != NULL)
        n++;
    got = n;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < 16; k++)
            blocks[i][k * PAGE] = 1;
    while (n-- > 0)
        munmap(blocks[n], 16 * PAGE);
    return got * 16;
}

/* Memory that is zeroed can be had to the last frame. */
static void test_exhaust(void)
{
    unsigned first, second;

    if (!is_cairn() || free_frames() > 4096)
        return;
    first = exhaust();
    be_idle();
    second = exhaust();
    CHECK(first > 0);
    EQUAL(second, first);
    be_idle();
    EQUAL(exhaust(), first);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_appear();
    test_first();
    test_contents();
    test_other_pages();
    test_exhaust();
    return tap_done();
}
