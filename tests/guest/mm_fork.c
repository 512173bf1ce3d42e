/*
 * Memory across fork: what is private becomes two, what is shared stays one,
 * and whatever either side does to its mappings is its own affair.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm_test.h"

#define PAGE   4096u
#define NPAGES 3000u /* several page tables */
#define RW     (PROT_READ | PROT_WRITE)
#define ANON   (MAP_PRIVATE | MAP_ANONYMOUS)

static char *pages;

/* Each page holds its number, times a factor, in its first and last word. */
static void fill(uint32_t first, uint32_t n, uint32_t factor)
{
    for (uint32_t i = first; i < first + n; i++) {
        uint32_t *words = (uint32_t *)(pages + i * PAGE);

        words[0] = words[PAGE / 4 - 1] = i * factor;
    }
}

static bool holds(uint32_t first, uint32_t n, uint32_t factor)
{
    for (uint32_t i = first; i < first + n; i++) {
        const uint32_t *words = (const uint32_t *)(pages + i * PAGE);

        if (words[0] != i * factor || words[PAGE / 4 - 1] != i * factor)
            return false;
    }
    return true;
}

static bool readable(const void *p)
{
    return access(p, F_OK) == 0 || errno != EFAULT;
}

/* Run `child` in a fork; it exits 0 if all is well. */
static pid_t start(int (*child)(void))
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        _exit(child());
    CHECK(pid > 0);
    return pid;
}

static void finish(pid_t pid)
{
    int status = -1;

    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

static int check_only(void)
{
    return !holds(0, NPAGES, 3);
}

static int write_half(void)
{
    fill(0, NPAGES / 2, 5);
    return !holds(0, NPAGES / 2, 5) || !holds(NPAGES / 2, NPAGES / 2, 3);
}

static void test_private(void)
{
    fill(0, NPAGES, 3);
    finish(start(check_only));
    finish(start(write_half));
    CHECK(holds(0, NPAGES, 3));
    tap_end("a child's writes are its own");
}

static int ends_up_with_3(void)
{
    usleep(20000);
    return !holds(0, NPAGES, 3);
}

/* The parent writes while children still look at what was. */
static void test_parent_writes(void)
{
    pid_t a = start(ends_up_with_3);
    pid_t b = start(ends_up_with_3);

    fill(0, NPAGES, 7);
    finish(a);
    finish(b);
    CHECK(holds(0, NPAGES, 7));
    fill(0, NPAGES, 3);
    tap_end("a parent's writes are its own");
}

static int grandchild(void)
{
    fill(1000, 1000, 11);
    return !holds(0, 500, 9) || !holds(500, 500, 3) || !holds(1000, 1000, 11) ||
           !holds(2000, 1000, 3);
}

static int middle(void)
{
    int status;
    pid_t pid;

    fill(0, 500, 9);
    pid = fork();
    if (pid == 0)
        _exit(grandchild());
    fill(2000, 1000, 13);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        return 2;
    return !holds(0, 500, 9) || !holds(500, 1500, 3) || !holds(2000, 1000, 13);
}

static void test_three_generations(void)
{
    pid_t pid = start(middle);

    fill(700, 1, 17);
    finish(pid);
    CHECK(holds(0, 700, 3) && holds(700, 1, 17) && holds(701, 2299, 3));
    fill(0, NPAGES, 3);
    tap_end("three generations");
}

/* Every call that changes mappings, on what is shared with the parent. */
static int change_mappings(void)
{
    char *moved;

    if (munmap(pages + 100 * PAGE, 1000 * PAGE) != 0)
        return 1;
    if (mprotect(pages + 1200 * PAGE, 100 * PAGE, PROT_READ) != 0)
        return 2;
    if (madvise(pages + 1300 * PAGE, 600 * PAGE, MADV_DONTNEED) != 0)
        return 3;
    moved = mremap(pages + 1900 * PAGE, 700 * PAGE, 700 * PAGE,
                   MREMAP_MAYMOVE | MREMAP_FIXED, pages + 300 * PAGE);
    if (moved != pages + 300 * PAGE)
        return 4;
    if (mmap(pages + 2700 * PAGE, 200 * PAGE, RW, ANON | MAP_FIXED, -1, 0) !=
        pages + 2700 * PAGE)
        return 5;
    if (readable(pages + 100 * PAGE) || readable(pages + 1000 * PAGE) ||
        readable(pages + 1900 * PAGE))
        return 6;
    if (!holds(0, 100, 3) || !holds(1200, 100, 3) || !holds(2600, 100, 3))
        return 7;
    if (!holds(1300, 600, 0) || !holds(2700, 200, 0) || !holds(2900, 100, 3))
        return 8;
    for (uint32_t i = 0; i < 700; i++)
        if (*(uint32_t *)(moved + i * PAGE) != (1900 + i) * 3)
            return 9;
    fill(1300, 600, 19);
    return !holds(1300, 600, 19);
}

static void test_mappings(void)
{
    finish(start(change_mappings));
    CHECK(holds(0, NPAGES, 3));
    finish(start(change_mappings));
    CHECK(holds(0, NPAGES, 3));
    tap_end("a child's munmap, mprotect, madvise, mremap, mmap are its own");
}

static volatile uint32_t *shared;

static int write_shared(void)
{
    if (shared[0] != 1 || shared[5 * PAGE / 4] != 2)
        return 1;
    shared[PAGE / 4] = 3;
    shared[7 * PAGE / 4] = 4;
    return 0;
}

static void test_shared(void)
{
    shared = mmap(NULL, 8 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    shared[0] = 1;
    shared[5 * PAGE / 4] = 2;
    finish(start(write_shared));
    CHECK_EQ(shared[PAGE / 4], 3);
    CHECK_EQ(shared[7 * PAGE / 4], 4);
    CHECK_EQ(shared[6 * PAGE / 4], 0);
    CHECK_EQ(munmap((void *)shared, 8 * PAGE), 0);
    tap_end("shared memory is shared");
}

static int write_by_kernel(void)
{
    int fd = open("/dev/zero", O_RDONLY);

    if (read(fd, pages, 1500 * PAGE) != (ssize_t)(1500 * PAGE))
        return 1;
    return !holds(0, 1500, 0) || !holds(1500, 1500, 3);
}

static void test_kernel_writes(void)
{
    finish(start(write_by_kernel));
    CHECK(holds(0, NPAGES, 3));
    tap_end("what the kernel writes for a child is the child's");
}

static int grow_heap(void)
{
    char *end = sbrk(64 * PAGE);

    if (end == (void *)-1)
        return 1;
    memset(end, 7, 64 * PAGE);
    return sbrk(-64 * (intptr_t)PAGE) != end + 64 * PAGE;
}

static void test_heap(void)
{
    char *end = sbrk(0);

    finish(start(grow_heap));
    CHECK(sbrk(0) == end);
    tap_end("a child's break is its own");
}

int main(void)
{
    pages = mmap(NULL, NPAGES * PAGE, RW, ANON, -1, 0);
    CHECK(pages != MAP_FAILED);
    test_private();
    test_parent_writes();
    test_three_generations();
    test_mappings();
    test_shared();
    test_kernel_writes();
    test_heap();
    return tap_done();
}
