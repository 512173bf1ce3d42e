/*
 * What a shared mapping wrote after the end of a file is gone when the file
 * grows, in whatever way it grows.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/syscall.h>

#define PAGE 4096
#define END  100 /* the old end */

static int fd;

static long call6(long number, long a, long b, long c, long d, long e, long f)
{
    const long words[2] = {number, f};
    long result;

    __asm__ volatile("pushl %%ebp\n\t"
                     "movl 4(%%eax), %%ebp\n\t"
                     "movl (%%eax), %%eax\n\t"
                     "int $0x80\n\t"
                     "popl %%ebp"
                     : "=a"(result)
                     : "a"(words), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

static int allocate(int mode, long start, long nbytes)
{
    return (int)call6(__NR_fallocate, fd, mode, start, 0, nbytes, 0);
}

/* ---- ways to grow: each returns 0, and the file has more than a page ---- */

static int by_ftruncate(void)
{
    return ftruncate(fd, 2 * PAGE);
}

static int by_truncate(void)
{
    return truncate("f", 2 * PAGE);
}

static int by_write(void)
{
    return pwrite(fd, "z", 1, 2 * PAGE - 1) - 1;
}

static int by_write_in_page(void)
{
    return pwrite(fd, "z", 1, PAGE - 1) - 1 || ftruncate(fd, 2 * PAGE);
}

static int by_writev(void)
{
    struct iovec two[2] = {{"", 1}, {"", 1}};

    return pwritev(fd, two, 2, 2 * PAGE - 2) - 2;
}

static int by_append(void)
{
    int other = open("f", O_WRONLY | O_APPEND);
    int n = (int)write(other, "", 1);

    close(other);
    return n != 1 || ftruncate(fd, 2 * PAGE);
}

static int by_fallocate(void)
{
    return allocate(0, 0, 2 * PAGE);
}

static int by_fallocate_after_end(void)
{
    return allocate(0, PAGE, PAGE);
}

static int by_fallocate_in_page(void)
{
    return allocate(0, 0, PAGE) || allocate(0, PAGE, PAGE);
}

static int by_fallocate_kept(void)
{
    return allocate(1, 0, 2 * PAGE) || ftruncate(fd, 2 * PAGE);
}

static int by_posix_fallocate(void)
{
    return posix_fallocate(fd, 0, 2 * PAGE);
}

static int by_sendfile(void)
{
    int in = open("zeros", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int bad = ftruncate(in, PAGE) != 0 || lseek(fd, PAGE, SEEK_SET) != PAGE ||
              sendfile(fd, in, NULL, PAGE) != PAGE;

    close(in);
    unlink("zeros");
    return bad;
}

static int by_copy_file_range(void)
{
    int in = open("zeros", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int64_t from = 0, to = PAGE;
    int bad =
        ftruncate(in, PAGE) != 0 || call6(__NR_copy_file_range, in, (long)&from,
                                          fd, (long)&to, PAGE, 0) != PAGE;

    close(in);
    unlink("zeros");
    return bad;
}

static int by_shrinking_first(void)
{
    return ftruncate(fd, END / 2) || ftruncate(fd, 2 * PAGE);
}

static const struct way {
    const char *name;
    int (*grow)(void);
} ways[] = {
    {"ftruncate", by_ftruncate},
    {"truncate", by_truncate},
    {"a write after the end", by_write},
    {"a write after the end, in its page", by_write_in_page},
    {"pwritev", by_writev},
    {"append", by_append},
    {"fallocate", by_fallocate},
    {"fallocate after the end", by_fallocate_after_end},
    {"fallocate within the page", by_fallocate_in_page},
    {"fallocate with KEEP_SIZE", by_fallocate_kept},
    {"posix_fallocate", by_posix_fallocate},
    {"sendfile", by_sendfile},
    {"copy_file_range", by_copy_file_range},
    {"shrinking first", by_shrinking_first},
};

/* The letters beyond the end that are still there. */
static int count_left(void)
{
    char page[PAGE];
    int n = 0;

    if (pread(fd, page, PAGE, 0) != PAGE)
        return -1;
    for (int i = END; i < PAGE; i++)
        n += page[i] == 'S';
    return n;
}

static void test_way(const struct way *way)
{
    char *map;

    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EQUAL(ftruncate(fd, END), 0);
    map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    memset(map, 'S', PAGE);
    printf("# %s\n", way->name);
    EQUAL(way->grow(), 0);
    EQUAL(count_left(), 0);
    munmap(map, PAGE);
    close(fd);
    unlink("f");
}

/* Both ends of a sendfile are one open file. */
static void test_sent_to_itself(void)
{
    char text[8];

    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EQUAL(write(fd, "abcdefgh", 8), 8);
    EQUAL(lseek(fd, 2, SEEK_SET), 2);
    EQUAL(sendfile(fd, fd, NULL, 3), 3);
    EQUAL(lseek(fd, 0, SEEK_CUR), 5);
    EQUAL(pread(fd, text, 8, 0), 8);
    EQUAL(memcmp(text, "abcdefgh", 8), 0);
    close(fd);
    unlink("f");
}

int main(void)
{
    scratch_enter("life_files");
    test_sent_to_itself();
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        test_way(&ways[i]);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
