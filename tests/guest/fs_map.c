/*
 * Mapped files: shared and private, coherence with read and write, the end of
 * the file, protection, and files that shrink or go while they are mapped.
 *
 * test: linux
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define PAGE 4096

static char *map(int fd, size_t size, int prot, int flags, off_t offset)
{
    return mmap(NULL, size, prot, flags, fd, offset);
}

static int make(const char *name, size_t size, char first)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

    for (size_t i = 0; i < size; i++) {
        char c = (char)(first + (char)(i / PAGE));

        if (i % PAGE == 0 && size - i >= PAGE) {
            char page[PAGE];

            memset(page, c, PAGE);
            write(fd, page, PAGE);
            i += PAGE - 1;
        } else {
            write(fd, &c, 1);
        }
    }
    return fd;
}

static void test_shared(void)
{
    int fd = make("s", 2 * PAGE + 100, 'a');
    char *p = map(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    char *q = map(fd, PAGE, PROT_READ, MAP_SHARED, PAGE);
    char c;

    CHECK(p != MAP_FAILED && q != MAP_FAILED);
    EQUAL(p[0], 'a');
    EQUAL(p[PAGE], 'b');
    EQUAL(p[2 * PAGE + 99], 'c');
    EQUAL(p[2 * PAGE + 100], 0); /* past the end, in the last page */
    p[PAGE + 5] = 'X';
    EQUAL(q[5], 'X');
    EQUAL(pread(fd, &c, 1, PAGE + 5), 1);
    EQUAL(c, 'X');
    EQUAL(pwrite(fd, "Y", 1, PAGE + 6), 1);
    EQUAL(q[6], 'Y');
    EQUAL(msync(p, 3 * PAGE, MS_SYNC), 0);
    EQUAL(close(fd), 0);
    EQUAL(unlink("s"), 0);
    p[0] = 'Z'; /* the mapping holds the file */
    EQUAL(p[0], 'Z');
    EQUAL(munmap(p, 3 * PAGE), 0);
    EQUAL(q[5], 'X');
    EQUAL(munmap(q, PAGE), 0);
}

static void test_private(void)
{
    int fd = make("p", PAGE, 'a');
    char *p = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
    char c;

    p[0] = 'X';
    EQUAL(pread(fd, &c, 1, 0), 1);
    EQUAL(c, 'a');
    EQUAL(pwrite(fd, "Q", 1, 1), 1);
    EQUAL(p[0], 'X');
    EQUAL(munmap(p, PAGE), 0);
    close(fd);
    unlink("p");
}

static void test_errors(void)
{
    int fd = make("e", PAGE, 'a'), r, w, dir = open(".", O_RDONLY);

    r = open("e", O_RDONLY);
    w = open("e", O_WRONLY);
    errno = 0;
    CHECK(map(w, PAGE, PROT_READ, MAP_PRIVATE, 0) == MAP_FAILED);
    EQUAL(errno, EACCES);
    CHECK(map(r, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0) == MAP_FAILED);
    EQUAL(errno, EACCES);
    CHECK(map(r, PAGE, PROT_READ, MAP_SHARED, 100) == MAP_FAILED);
    EQUAL(errno, EINVAL);
    CHECK(map(-1, PAGE, PROT_READ, MAP_SHARED, 0) == MAP_FAILED);
    EQUAL(errno, EBADF);
    CHECK(map(dir, PAGE, PROT_READ, MAP_SHARED, 0) == MAP_FAILED);
    EQUAL(errno, ENODEV);
    char *p = map(r, PAGE, PROT_READ, MAP_SHARED, 0);
    CHECK(p != MAP_FAILED);
    FAILS(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
    munmap(p, PAGE);
    p = map(r, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
    CHECK(p != MAP_FAILED);
    p[1] = 'x';
    munmap(p, PAGE);
    close(fd), close(r), close(w), close(dir);
    unlink("e");
}

static void test_write_from_map(void)
{
    int fd = make("w", 4 * PAGE, 'a'), out;
    char *p = map(fd, 4 * PAGE, PROT_READ, MAP_PRIVATE, 0);
    char buf[2] = "";

    out = open("copy", O_RDWR | O_CREAT, 0644);
    EQUAL(write(out, p, 4 * PAGE), 4 * PAGE);
    EQUAL(pread(out, buf, 1, 3 * PAGE + 7), 1);
    EQUAL(buf[0], 'd');
    /* A file written from its own mapping, hole to hole and page to page. */
    EQUAL(ftruncate(out, 0), 0);
    EQUAL(ftruncate(out, 8 * PAGE), 0);
    EQUAL(pwrite(out, "hello", 5, PAGE - 2), 5);
    char *q = map(out, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    EQUAL(pwrite(out, q, 2 * PAGE, 3 * PAGE), 2 * PAGE);
    CHECK(memcmp(q + 4 * PAGE - 2, "hello", 5) == 0);
    EQUAL(pread(out, q + 6 * PAGE, PAGE, 3 * PAGE + 10), PAGE);
    CHECK(memcmp(q + 7 * PAGE - 12, "hello", 5) == 0);
    munmap(q, 8 * PAGE), munmap(p, 4 * PAGE);
    close(fd), close(out);
    unlink("w"), unlink("copy");
}

static void test_shrink(void)
{
    int fd = make("t", 4 * PAGE, 'a');
    char *p = map(fd, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    char c = 1;

    p[3 * PAGE] = 'x';
    p[PAGE + 200] = 'y';
    EQUAL(ftruncate(fd, PAGE + 100), 0);
    EQUAL(p[PAGE + 99], 'b');
    EQUAL(p[PAGE + 200], 0);
    EQUAL(ftruncate(fd, 4 * PAGE), 0);
    EQUAL(pread(fd, &c, 1, 3 * PAGE), 1);
    EQUAL(c, 0);
    EQUAL(pread(fd, &c, 1, PAGE + 200), 1);
    EQUAL(c, 0);
    munmap(p, 4 * PAGE);
    close(fd);
    unlink("t");
}

static sigjmp_buf back;

static void on_bus(int signo)
{
    siglongjmp(back, signo);
}

/* Reads a byte: the signal that this raises, or 0. */
static int touch(const volatile char *p)
{
    int signo = sigsetjmp(back, 1);

    if (signo == 0)
        (void)*p;
    return signo;
}

/* Past the end is SIGBUS: never there, cut off, and back when it grows. */
static void test_bus(void)
{
    int fd = make("b", 2 * PAGE, 'a');
    char *p = map(fd, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    char *q = map(fd, 2 * PAGE, PROT_READ, MAP_PRIVATE, 0);

    signal(SIGBUS, on_bus);
    EQUAL(touch(p + PAGE), 0);
    EQUAL(touch(q + PAGE), 0);
    EQUAL(touch(p + 2 * PAGE), SIGBUS);
    EQUAL(ftruncate(fd, PAGE), 0);
    EQUAL(touch(p), 0);
    EQUAL(touch(p + PAGE), SIGBUS);
    EQUAL(touch(q + PAGE), SIGBUS);
    EQUAL(ftruncate(fd, 3 * PAGE), 0);
    EQUAL(touch(p + 2 * PAGE), 0);
    EQUAL(p[PAGE], 0);
    EQUAL(q[PAGE], 0);
    signal(SIGBUS, SIG_DFL);
    munmap(p, 4 * PAGE), munmap(q, 2 * PAGE);
    close(fd);
    unlink("b");
}

static void test_zero_device(void)
{
    int fd = open("/dev/zero", O_RDWR);
    char *p = map(fd, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);

    CHECK(p != MAP_FAILED);
    EQUAL(p[100], 0);
    p[100] = 1;
    munmap(p, PAGE);
    close(fd);
    fd = open("/dev/null", O_RDWR);
    CHECK(map(fd, PAGE, PROT_READ, MAP_SHARED, 0) == MAP_FAILED);
    EQUAL(errno, ENODEV);
    close(fd);
}

int main(void)
{
    scratch_enter("fs_map");
    test_shared();
    test_private();
    test_errors();
    test_write_from_map();
    test_shrink();
    test_bus();
    test_zero_device();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
