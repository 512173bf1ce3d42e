/*
 * A file system that is full, descriptors and names that run out: each many
 * times over, with the right error, what was there untouched, and everything
 * back in the end. Only on Cairn: it would fill a host's disk.
 *
 * test: run="-m 16M"
 * test: long name=64M
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static char block[65536];

static unsigned long long free_pages(void)
{
    struct statvfs v;

    return statvfs("/", &v) == 0 ? v.f_bfree : 0;
}

/* Write until nothing fits: the number of bytes. */
static long long fill(int fd)
{
    long long total = 0;
    ssize_t n;

    for (;;) {
        for (size_t i = 0; i < sizeof(block); i += 512)
            memcpy(block + i, &total, sizeof(total));
        n = write(fd, block, sizeof(block));
        if (n <= 0)
            return total;
        total += n;
        if (n < (ssize_t)sizeof(block))
            return total;
    }
}

static void test_fill(void)
{
    unsigned long long before = free_pages();
    long long total, mark;
    int fd, keep, bad = 0;

    keep = open("keep", O_RDWR | O_CREAT, 0644);
    EQUAL(write(keep, "stays", 5), 5);
    fd = open("full", O_RDWR | O_CREAT, 0644);
    total = fill(fd);
    CHECK(total > (1 << 20));
    FAILS(write(fd, block, 4096), ENOSPC);
    FAILS(pwrite(keep, block, 8192, 8192), ENOSPC);
    EQUAL(pwrite(keep, "still", 5, 0), 5); /* a page that is there */
    FAILS(ftruncate(fd, -1), EINVAL);
    for (long long at = 0; at + (long long)sizeof(block) <= total;
         at += sizeof(block)) {
        bad += pread(fd, &mark, sizeof(mark), at) != sizeof(mark);
        bad += mark != at;
    }
    EQUAL(bad, 0);
    for (int i = 0; i < 1000; i++)
        bad += write(fd, block, sizeof(block)) != -1 || errno != ENOSPC;
    EQUAL(bad, 0);
    EQUAL(ftruncate(fd, total - (1 << 20)), 0);
    EQUAL(lseek(fd, 0, SEEK_END), total - (1 << 20));
    CHECK(fill(fd) >= (1 << 20) - 65536);
    close(fd);
    EQUAL(unlink("full"), 0);
    close(keep);
    EQUAL(unlink("keep"), 0);
    CHECK(free_pages() + 8 >= before);
}

/* Files without data until there is no room for a name. */
static void test_many_names(void)
{
    unsigned long long before = free_pages();
    char name[32];
    int made = 0, refused = 0, removed = 0, bad = 0, fd;

    mkdir("many", 0755);
    while (made < 1000000 && refused < 1000) {
        snprintf(name, sizeof(name), "many/%d", made);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        bad += fd < 0 && errno != ENOSPC && errno != ENOMEM;
        refused += fd < 0;
        made += fd >= 0;
        close(fd);
    }
    EQUAL(bad, 0);
    EQUAL(refused, 1000);
    CHECK(made > 1000);
    FAILS(mkdir("other", 0755), ENOSPC);
    FAILS(symlink("a", "b"), ENOSPC);
    for (int i = 0; i < made; i++) {
        snprintf(name, sizeof(name), "many/%d", i);
        removed += unlink(name) == 0;
    }
    EQUAL(removed, made);
    EQUAL(rmdir("many"), 0);
    CHECK(free_pages() + 16 >= before);
}

/* Mapping a file with holes promises its pages, or is refused. */
static void test_mapped_holes(void)
{
    long long pages = (long long)free_pages();
    int fd = open("sparse", O_RDWR | O_CREAT, 0644);
    size_t size = 1 << 20;
    char *p;

    EQUAL(ftruncate(fd, (pages + 100) * 4096), 0);
    p = mmap(NULL, (size_t)(pages + 100) * 4096, PROT_READ | PROT_WRITE,
             MAP_SHARED, fd, 0);
    CHECK(p == MAP_FAILED && errno == ENOMEM);
    p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    int filler = open("filler", O_RDWR | O_CREAT, 0644);
    fill(filler);
    for (size_t i = 0; i < size; i += 4096)
        p[i] = (char)(i >> 12); /* all of it is there */
    EQUAL(munmap(p, size), 0);
    close(filler), close(fd);
    EQUAL(unlink("filler"), 0);
    EQUAL(unlink("sparse"), 0);
}

/* Each refusal a thousand times: the same error, and nothing is used up. */
static void test_thousand(void)
{
    static char long_name[300];
    unsigned long long before;
    int bad = 0, fds[64], last = 0, p[2];
    struct stat st;

    memset(long_name, 'n', 256);
    symlink("loop", "loop");
    while (last < 64 && (fds[last] = open(".", O_RDONLY)) >= 0)
        last++;
    before = free_pages();
    for (int i = 0; i < 1000; i++) {
        bad += open(long_name, O_RDWR | O_CREAT, 0644) != -1 ||
               errno != ENAMETOOLONG;
        bad += mkdir(long_name, 0755) != -1 || errno != ENAMETOOLONG;
        bad += stat("loop", &st) != -1 || errno != ELOOP;
        bad += open("loop/x", O_RDWR | O_CREAT, 0644) != -1 || errno != ELOOP;
        bad += symlink("x", "loop") != -1 || errno != EEXIST;
        bad += rename("loop", "none/x") != -1 || errno != ENOENT;
    }
    EQUAL(bad, 0);
    CHECK(free_pages() + 2 >= before);
    while (last > 0)
        close(fds[--last]);
    /* All descriptors in use. */
    for (last = 3; open("/", O_RDONLY) >= 0;)
        last++;
    EQUAL(errno, EMFILE);
    before = free_pages();
    for (int i = 0; i < 1000; i++) {
        bad += open("made", O_RDWR | O_CREAT, 0644) != -1 || errno != EMFILE;
        bad += pipe(p) != -1 || errno != EMFILE;
        bad += dup(0) != -1 || errno != EMFILE;
    }
    EQUAL(bad, 0);
    CHECK(free_pages() + 2 >= before);
    FAILS(stat("made", &st), ENOENT);
    while (last > 3)
        close(--last);
    EQUAL(unlink("loop"), 0);
}

int main(void)
{
    static char out[1024];

    /* Pages are counted: none of them must go to stdio meanwhile. */
    setvbuf(stdout, out, _IOLBF, sizeof(out));
    if (!is_cairn()) {
        tap_skip("a full file system", "would fill the host's disk");
        return tap_done();
    }
    scratch_enter("fs_full");
    test_fill();
    test_many_names();
    test_mapped_holes();
    test_thousand();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
