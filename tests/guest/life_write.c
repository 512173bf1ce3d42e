/*
 * A write whose source is a mapping of a hole of the same file, with every
 * amount of memory left and with every allocation refused: what is written is
 * where it was meant to be, or is not written, and nothing else changes.
 *
 *      source   [ anonymous page: .......100 letters][ hole of the file ]
 *
 * Only on Cairn: it fills the file system and refuses memory.
 *
 * test: run="-m 12M" timeout=200
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/inject.h>

#define PAGE    4096
#define LETTERS 100
#define LENGTH  200 /* 100 letters and 100 bytes of the hole */

static char *source; /* an anonymous page, and room for one of the file */
static int fd, filler;
static off_t filled;

static long inject(unsigned nth, unsigned flags)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(0x1001), "b"(nth), "c"(flags), "d"(0)
                     : "memory");
    return result;
}

/* Fill the file system but for `left` pages. */
static void fill(int left)
{
    static char block[16 * PAGE];
    ssize_t n;

    while ((n = pwrite(filler, block, sizeof(block), filled)) > 0)
        filled += n;
    filled &= ~(off_t)(PAGE - 1);
    if (ftruncate(filler, filled - (off_t)left * PAGE) != 0)
        perror("filler");
}

/* Make some room again, so that the next fill has little to do. */
static void empty(void)
{
    filled -= 400 * PAGE;
    if (ftruncate(filler, filled) != 0)
        perror("filler");
}

/* A file of one mark per page in `marks`, and the hole mapped as the source. */
static void prepare(const int *marks, int hole, int npages)
{
    char *p;

    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    p = mmap(source + PAGE, PAGE, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, fd, (off_t)hole * PAGE);
    if (p != source + PAGE || ftruncate(fd, (off_t)npages * PAGE) != 0)
        perror("f");
    for (; *marks >= 0; marks++)
        if (pwrite(fd, "mark", 4, (off_t)*marks * PAGE) != 4)
            perror("f");
}

/* What must be at offset `at` of a page after `n` bytes were written. */
static char wanted(const int *marks, int page, int target, int at, ssize_t n)
{
    if (page == target && at < n)
        return at < LETTERS ? 'x' : '\0';
    for (; *marks >= 0; marks++)
        if (*marks == page && at < 4)
            return "mark"[at];
    return '\0';
}

/* How many pages of the file are not as they must be. */
static int wrong_pages(const int *marks, int target, int npages, ssize_t n)
{
    static char page[PAGE];
    int wrong = 0;

    for (int i = 0; i < npages; i++) {
        int bad = pread(fd, page, PAGE, (off_t)i * PAGE) != PAGE;

        for (int at = 0; at < PAGE && !bad; at++)
            bad = page[at] != wanted(marks, i, target, at, n);
        wrong += bad;
    }
    return wrong;
}

struct shape {
    const char *name;
    int hole, target, npages;
    int marks[4]; /* pages that are there */
};

static const struct shape shapes[] = {
    {"an empty file, another page", 4, 5, 8, {-1}},
    {"an empty file, the hole itself", 5, 5, 8, {-1}},
    {"one level, another page", 4, 5, 8, {1, -1}},
    {"one level, the hole itself", 5, 5, 8, {1, -1}},
    {"two levels, the same node", 70, 71, 80, {1, -1}},
    {"two levels, the hole itself", 70, 70, 80, {1, -1}},
    {"two levels, other nodes", 70, 140, 200, {1, -1}},
    {"two levels, a node that is there", 70, 2, 80, {1, -1}},
    {"page 0 is the target", 70, 0, 80, {-1}},
    {"page 0 is the hole", 0, 70, 80, {-1}},
    {"page 0 is both", 0, 0, 8, {-1}},
};

/* One write: 0 if the result fits one of the three that are right. */
static int try(const struct shape *shape, int left, int nth)
{
    ssize_t n;
    int wrong;

    prepare(shape->marks, shape->hole, shape->npages);
    if (left >= 0)
        fill(left);
    if (nth > 0)
        inject((unsigned)nth, 0);
    n = pwrite(fd, source + PAGE - LETTERS, LENGTH,
               (off_t)shape->target * PAGE);
    wrong = n != LETTERS && n != LENGTH && !(n == -1 && errno == ENOSPC);
    if (nth > 0 && inject(0, INJECT_OFF) < 0)
        nth = -1;
    if (left >= 0)
        empty();
    wrong += wrong_pages(shape->marks, shape->target, shape->npages, n);
    close(fd);
    return wrong;
}

static void test_shape(const struct shape *shape)
{
    int wrong = 0;

    for (int left = 0; left < 8; left++)
        wrong += try(shape, left, 0) != 0;
    for (int nth = 1; nth < 10; nth++)
        wrong += try(shape, -1, nth) != 0;
    for (int left = 0; left < 4; left++)
        for (int nth = 1; nth < 6; nth++)
            wrong += try(shape, left, nth) != 0;
    wrong += try(shape, -1, 0) != 0;
    printf("# %s\n", shape->name);
    EQUAL(wrong, 0);
}

/* A vector whose parts are letters, hole, letters: as far as it goes. */
static void test_vector(void)
{
    struct iovec vector[3] = {{source, LETTERS},
                              {source + PAGE, LETTERS},
                              {source, LETTERS}};
    static char page[PAGE];
    static const int none[] = {-1};

    for (int left = 0; left < 4; left++) {
        int bad = 0;
        ssize_t n;

        prepare(none, 3, 8);
        fill(left);
        if (lseek(fd, 6 * PAGE, SEEK_SET) < 0)
            perror("lseek");
        n = writev(fd, vector, 3);
        empty();
        if (pread(fd, page, PAGE, 6 * PAGE) != PAGE)
            perror("pread");
        CHECK((n == -1 && errno == ENOSPC) || n == LETTERS || n == 3 * LETTERS);
        for (int i = 0; i < PAGE; i++)
            bad += page[i] != (i < n && i / LETTERS != 1 ? 'x' : '\0');
        EQUAL(bad, 0);
        close(fd);
    }
}

int main(void)
{
    scratch_enter("life_write");
    source = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(source, 'x', PAGE);
    filler = open("filler", O_RDWR | O_CREAT, 0600);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        test_shape(&shapes[i]);
    test_vector();
    munmap(source, 2 * PAGE);
    close(filler);
    unlink("filler");
    unlink("f");
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
