/*
 * sbrk in all its cases: what it returns, what it leaves, and what memory
 * looks like afterwards.
 *
 * test: linux
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mm_test.h"

#define PAGE 4096

static int zero_fd;
static char *base;

/* Whether a byte can be read: the kernel tries it for us. */
static bool readable(const void *p)
{
    return access(p, F_OK) == 0 || errno != EFAULT;
}

/* Whether a byte can be written; it becomes 0. */
static bool writable(void *p)
{
    return read(zero_fd, p, 1) == 1;
}

static bool all_bytes(const char *p, size_t n, char value)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value)
            return false;
    return true;
}

static char *page_up(char *p)
{
    return (char *)(((uintptr_t)p + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
}

static void test_zero(void)
{
    CHECK(sbrk(0) == base);
    CHECK(sbrk(0) == base);
    tap_end("sbrk(0) returns the break and moves nothing");
}

static void test_positive(void)
{
    char *p = sbrk(3 * PAGE);

    CHECK(p == base);
    CHECK(sbrk(0) == base + 3 * PAGE);
    CHECK(all_bytes(p, 3 * PAGE, 0));
    memset(p, 0x5A, 3 * PAGE);
    CHECK(sbrk(1) == base + 3 * PAGE);
    CHECK(sbrk(0) == base + 3 * PAGE + 1);
    CHECK(base[3 * PAGE] == 0);
    CHECK(all_bytes(p, 3 * PAGE, 0x5A));
    tap_end("sbrk(n) returns the old break; fresh pages are zero");
}

static void test_negative(void)
{
    char *old = sbrk(0);

    CHECK(sbrk(-1 - PAGE) == old);
    CHECK(sbrk(0) == base + 2 * PAGE);
    CHECK(all_bytes(base, 2 * PAGE, 0x5A));
    CHECK(!readable(page_up(base + 2 * PAGE)));
    CHECK(!writable(page_up(base + 2 * PAGE)));
    CHECK(writable(base));
    tap_end("sbrk(-n) gives pages back: they are gone");
}

static void test_back_to_the_start(void)
{
    CHECK(sbrk(-2 * PAGE) == base + 2 * PAGE);
    CHECK(sbrk(0) == base);
    CHECK(!readable(page_up(base)));
    CHECK(sbrk(PAGE) == base);
    CHECK(all_bytes(page_up(base), (size_t)(base + PAGE - page_up(base)), 0));
    CHECK(sbrk(-PAGE) == base + PAGE);
    tap_end("back to the start, and pages that come again are zero");
}

/* The heap starts behind the program's data, where the linker's `end` is. */
extern char end[];

/* The increment that would bring the break to an address. */
static intptr_t to(uintptr_t address)
{
    return (intptr_t)(address - (uintptr_t)base);
}

static void test_below_the_start(void)
{
    CHECK_ERR(sbrk(to((uintptr_t)end - 1)), ENOMEM);
    CHECK_ERR(sbrk(to((uintptr_t)end - PAGE)), ENOMEM);
    CHECK_ERR(sbrk(to(PAGE)), ENOMEM);
    CHECK_ERR(sbrk(to(0)), ENOMEM);
    CHECK(sbrk(0) == base);
    CHECK(sbrk(PAGE) == base);
    CHECK(all_bytes(base, PAGE, 0));
    CHECK(sbrk(-PAGE) == base + PAGE);
    tap_end("below the start: ENOMEM");
}

static void test_wrapping(void)
{
    CHECK(sbrk(2 * PAGE) == base);
    memset(base, 1, 2 * PAGE);
    /* 2 GiB may be granted where there is as much. */
    if (sbrk(INTPTR_MAX) == (void *)-1)
        CHECK_EQ(errno, ENOMEM);
    else
        CHECK(sbrk(-INTPTR_MAX) == base + 2 * PAGE + INTPTR_MAX);
    CHECK_ERR(sbrk(INTPTR_MIN), ENOMEM);
    CHECK_ERR(sbrk(INTPTR_MIN + 1), ENOMEM);
    CHECK_ERR(sbrk(to(0)), ENOMEM);
    CHECK_ERR(sbrk(to(0xFFFFF000u)), ENOMEM);
    CHECK_ERR(sbrk(to(0xC0000001u)), ENOMEM);
    CHECK(sbrk(0) == base + 2 * PAGE);
    CHECK(all_bytes(base, 2 * PAGE, 1));
    CHECK(sbrk(-2 * PAGE) == base + 2 * PAGE);
    tap_end("wrapping, up and down: ENOMEM");
}

static void test_across_a_mapping(void)
{
    char *start = page_up(base);
    char *wall = mmap(start + 8 * PAGE, PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    CHECK(wall == start + 8 * PAGE);
    wall[0] = 77;
    CHECK_ERR(sbrk(wall + 5 * PAGE - base), ENOMEM);
    CHECK_ERR(sbrk(wall + 1 - base), ENOMEM);
    CHECK_ERR(sbrk(wall - base), ENOMEM); /* a guard page is kept */
    CHECK(sbrk(0) == base);
    CHECK(sbrk(wall - PAGE - base) == base);
    CHECK_ERR(sbrk(1), ENOMEM);
    CHECK(all_bytes(base, (size_t)(wall - PAGE - base), 0));
    CHECK(wall[0] == 77);
    CHECK_EQ(munmap(wall, PAGE), 0);
    CHECK(sbrk(PAGE) == wall - PAGE);
    CHECK(sbrk(base - wall) == wall);
    tap_end("across another mapping: ENOMEM, and nothing overwritten");
}

static void test_limit(void)
{
    struct rlimit old, limit;
    int grown = 0;

    CHECK_EQ(getrlimit(RLIMIT_DATA, &old), 0);
    limit = old;
    limit.rlim_cur = 4 << 20;
    CHECK_EQ(setrlimit(RLIMIT_DATA, &limit), 0);
    while (grown < 2000 && sbrk(PAGE) != (void *)-1)
        grown++;
    CHECK_EQ(errno, ENOMEM);
    CHECK(grown > 512 && grown <= 1024);
    CHECK(sbrk(0) == base + grown * PAGE);
    memset(base, 3, (size_t)grown * PAGE);
    CHECK_ERR(sbrk(PAGE), ENOMEM);
    CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
               -1, 0) == MAP_FAILED);
    CHECK_EQ(errno, ENOMEM);
    CHECK(sbrk(-grown * PAGE) == base + grown * PAGE);
    CHECK(sbrk(100 * PAGE) == base);
    CHECK(sbrk(-100 * PAGE) == base + 100 * PAGE);
    CHECK_EQ(setrlimit(RLIMIT_DATA, &old), 0);
    CHECK(sbrk(5 << 20) == base);
    CHECK(sbrk(-(5 << 20)) == base + (5 << 20));
    tap_end("RLIMIT_DATA: ENOMEM beyond it, and life goes on");
}

static void test_holes(void)
{
    char *start = page_up(base);

    CHECK(sbrk(start + 8 * PAGE - base) == base);
    memset(start, 9, 8 * PAGE);
    CHECK_EQ(munmap(start + 2 * PAGE, PAGE), 0);
    CHECK_EQ(mprotect(start + 4 * PAGE, PAGE, PROT_READ), 0);
    CHECK(sbrk(4 * PAGE) == start + 8 * PAGE);
    CHECK(!readable(start + 2 * PAGE));
    CHECK(!writable(start + 4 * PAGE));
    CHECK(all_bytes(start + 5 * PAGE, 3 * PAGE, 9));
    CHECK(all_bytes(start + 8 * PAGE, 4 * PAGE, 0));
    CHECK(sbrk(base - start - 12 * PAGE) == start + 12 * PAGE);
    CHECK(!readable(start));
    CHECK(sbrk(start + 8 * PAGE - base) == base);
    CHECK(all_bytes(start, 8 * PAGE, 0));
    CHECK(sbrk(base - start - 8 * PAGE) == start + 8 * PAGE);
    tap_end("a heap with holes grows and shrinks");
}

int main(void)
{
    static char buffer[8192];

    /* stdio must not call malloc, which would move the break. */
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    zero_fd = open("/dev/zero", O_RDONLY);
    CHECK(zero_fd >= 0);
    base = sbrk(0);
    CHECK(base != (void *)-1);
    /* Start from a page boundary, as the cases below count in pages. */
    sbrk(page_up(base) - base);
    base = sbrk(0);
    test_zero();
    test_positive();
    test_negative();
    test_back_to_the_start();
    test_below_the_start();
    test_wrapping();
    test_across_a_mapping();
    test_limit();
    test_holes();
    return tap_done();
}
