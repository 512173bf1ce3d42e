/*
 * Regular files: open's flags and errors, reading, writing, offsets, holes,
 * truncation, vectors, bad pointers.
 *
 * test: linux
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

/* The compiler must not see what is wrong with these. */
static void *volatile bad = (void *)0xfffff000;
static void *volatile null = NULL;
static volatile int minus_one = -1;

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        perror(path);
    close(fd);
}

/* The whole file as a string, in a static buffer. */
static const char *get(const char *path)
{
    static char buf[256];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buf, sizeof(buf) - 1);

    close(fd);
    buf[n < 0 ? 0 : n] = '\0';
    return buf;
}

static void test_open(void)
{
    int fd, fd2;

    FAILS(open("", O_RDONLY), ENOENT);
    FAILS(open("none", O_RDONLY), ENOENT);
    FAILS(open("none/x", O_RDONLY | O_CREAT, 0644), ENOENT);
    FAILS(open(bad, O_RDONLY), EFAULT);
    fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0640);
    CHECK(fd >= 0);
    fd2 = open("a", O_RDONLY);
    EQUAL(fd2, fd + 1);
    close(fd2);
    FAILS(open("a", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
    FAILS(open("a/", O_RDONLY), ENOTDIR);
    FAILS(open("a/b", O_RDONLY), ENOTDIR);
    FAILS(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
    FAILS(open("new/", O_RDWR | O_CREAT, 0644), EISDIR);
    FAILS(open(".", O_RDWR), EISDIR);
    FAILS(open(".", O_RDONLY | O_CREAT, 0644), EISDIR);
    FAILS(open("/", O_WRONLY), EISDIR);
    fd2 = open("/", O_RDONLY | O_DIRECTORY);
    CHECK(fd2 >= 0);
    FAILS(read(fd2, &fd, 1), EISDIR);
    close(fd2);
    close(fd);
    FAILS(close(fd), EBADF);
    FAILS(close(-1), EBADF);
    FAILS(read(fd, &fd, 1), EBADF);
    FAILS(write(fd, &fd, 1), EBADF);
    unlink("a");
}

static void test_modes(void)
{
    struct stat st;
    char c = 'x';
    int fd;

    umask(027);
    fd = open("m", O_WRONLY | O_CREAT, 0666);
    umask(0);
    EQUAL(fstat(fd, &st), 0);
    EQUAL(st.st_mode, S_IFREG | 0640);
    EQUAL(st.st_nlink, 1);
    EQUAL(st.st_size, 0);
    FAILS(read(fd, &c, 1), EBADF);
    close(fd);
    fd = open("m", O_RDONLY);
    FAILS(write(fd, &c, 1), EBADF);
    FAILS(ftruncate(fd, 0), EINVAL);
    close(fd);
    unlink("m");
}

static void test_read_write(void)
{
    char buf[16] = "";
    int fd = open("rw", O_RDWR | O_CREAT, 0644);

    EQUAL(write(fd, "hello world", 11), 11);
    EQUAL(read(fd, buf, 4), 0);
    EQUAL(lseek(fd, 6, SEEK_SET), 6);
    EQUAL(read(fd, buf, sizeof(buf)), 5);
    CHECK(memcmp(buf, "world", 5) == 0);
    EQUAL(lseek(fd, -5, SEEK_END), 6);
    EQUAL(lseek(fd, -1, SEEK_CUR), 5);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    FAILS(lseek(fd, 0, 9), EINVAL);
    EQUAL(lseek(fd, 0, SEEK_CUR), 5);
    EQUAL(pwrite(fd, "-", 1, 5), 1);
    EQUAL(pread(fd, buf, 11, 0), 11);
    CHECK(memcmp(buf, "hello-world", 11) == 0);
    EQUAL(lseek(fd, 0, SEEK_CUR), 5);
    FAILS(pread(fd, buf, 1, -1), EINVAL);
    FAILS(pwrite(fd, buf, 1, -1), EINVAL);
    EQUAL(read(fd, buf, 0), 0);
    EQUAL(write(fd, buf, 0), 0);
    FAILS(read(fd, bad, 4), EFAULT);
    FAILS(write(fd, bad, 4), EFAULT);
    FAILS(write(fd, null, 4), EFAULT);
    EQUAL(lseek(fd, 0, SEEK_CUR), 5);
    close(fd);
    unlink("rw");
}

static void test_append(void)
{
    int fd, fd2;

    put("ap", "one");
    fd = open("ap", O_WRONLY | O_APPEND);
    fd2 = open("ap", O_WRONLY | O_APPEND);
    EQUAL(write(fd, "two", 3), 3);
    EQUAL(write(fd2, "three", 5), 5);
    EQUAL(lseek(fd, 0, SEEK_SET), 0);
    EQUAL(write(fd, "4", 1), 1);
    EQUAL(lseek(fd, 0, SEEK_CUR), 12);
    CHECK(strcmp(get("ap"), "onetwothree4") == 0);
    close(fd);
    close(fd2);
    fd = open("ap", O_WRONLY | O_TRUNC);
    CHECK(strcmp(get("ap"), "") == 0);
    close(fd);
    unlink("ap");
}

static void test_holes(void)
{
    static char page[4096];
    struct stat st;
    char buf[8];
    int fd = open("holes", O_RDWR | O_CREAT, 0644);

    EQUAL(lseek(fd, 1 << 20, SEEK_SET), 1 << 20);
    EQUAL(write(fd, "end", 3), 3);
    fstat(fd, &st);
    EQUAL(st.st_size, (1 << 20) + 3);
    CHECK(st.st_blocks <= 16);
    memset(page, 1, sizeof(page));
    EQUAL(pread(fd, page, sizeof(page), 4096), 4096);
    CHECK(page[0] == 0 && page[4095] == 0 && page[2000] == 0);
    EQUAL(pread(fd, buf, 8, (1 << 20) - 2), 5);
    CHECK(memcmp(buf, "\0\0end", 5) == 0);
    EQUAL(pread(fd, buf, 8, (1 << 20) + 3), 0);
    EQUAL(pread(fd, buf, 8, 1LL << 40), 0);
    EQUAL(ftruncate(fd, 5000000000LL), 0);
    fstat(fd, &st);
    CHECK(st.st_size == 5000000000LL);
    EQUAL(pwrite(fd, "far", 3, 4999999999LL), 3);
    fstat(fd, &st);
    CHECK(st.st_size == 5000000002LL);
    CHECK(lseek(fd, 0, SEEK_END) == 5000000002LL);
    EQUAL(ftruncate(fd, 2), 0);
    fstat(fd, &st);
    EQUAL(st.st_blocks, 0);
    close(fd);
    unlink("holes");
}

/* A path that is longer than most is kept elsewhere meanwhile. */
static void test_truncate_long(const char *name)
{
    char path[600];
    size_t n = 0;

    for (; n < 512; n += 2)
        memcpy(path + n, "./", 2);
    strcpy(path + n, name);
    EQUAL(truncate(path, 5), 0);
    strcpy(path + n, "none");
    FAILS(truncate(path, 5), ENOENT);
}

static void test_truncate(void)
{
    static char buf[8192];
    struct stat st;
    int fd;

    put("tr", "0123456789");
    EQUAL(truncate("tr", 4), 0);
    CHECK(strcmp(get("tr"), "0123") == 0);
    EQUAL(truncate("tr", 8), 0);
    fd = open("tr", O_RDWR);
    memset(buf, 1, sizeof(buf));
    EQUAL(read(fd, buf, 20), 8);
    CHECK(memcmp(buf, "0123\0\0\0\0", 8) == 0);
    FAILS(truncate("tr", -1), EINVAL);
    FAILS(ftruncate(fd, -1), EINVAL);
    FAILS(truncate("none", 0), ENOENT);
    test_truncate_long("tr");
    FAILS(truncate(".", 0), EISDIR);
    FAILS(ftruncate(-1, 0), EBADF);
    memset(buf, 7, sizeof(buf));
    EQUAL(pwrite(fd, buf, sizeof(buf), 0), (int)sizeof(buf));
    EQUAL(ftruncate(fd, 4097), 0);
    EQUAL(ftruncate(fd, 8192), 0);
    EQUAL(pread(fd, buf, sizeof(buf), 0), (int)sizeof(buf));
    CHECK(buf[4096] == 7 && buf[4097] == 0 && buf[8191] == 0);
    EQUAL(unlink("tr"), 0);
    EQUAL(fstat(fd, &st), 0);
    EQUAL(st.st_nlink, 0);
    EQUAL(pread(fd, buf, 1, 4096), 1);
    CHECK(buf[0] == 7);
    close(fd);
    FAILS(stat("tr", &st), ENOENT);
}

static void test_vectors(void)
{
    char a[4] = "", b[4] = "", buf[16] = "";
    struct iovec v[3] = {{(void *)"abc", 3}, {NULL, 0}, {(void *)"defg", 4}};
    struct iovec r[2] = {{a, 3}, {b, 3}};
    static struct iovec many[1025];
    int fd = open("vec", O_RDWR | O_CREAT, 0644);

    EQUAL(writev(fd, v, 3), 7);
    EQUAL(lseek(fd, 1, SEEK_SET), 1);
    EQUAL(readv(fd, r, 2), 6);
    CHECK(memcmp(a, "bcd", 3) == 0 && memcmp(b, "efg", 3) == 0);
    EQUAL(writev(fd, v, 0), 0);
    FAILS(writev(fd, v, minus_one), EINVAL);
    FAILS(writev(fd, many, 1025), EINVAL);
    FAILS(writev(-1, v, 1), EBADF);
    FAILS(writev(fd, bad, 1), EFAULT);
    v[1].iov_len = (size_t)-1;
    FAILS(writev(fd, v, 3), EINVAL);
    EQUAL(lseek(fd, 0, SEEK_SET), 0);
    /* What was moved before a bad buffer counts. */
    v[1] = (struct iovec){(void *)16, 4};
    EQUAL(writev(fd, v, 3), 3);
    EQUAL(lseek(fd, 0, SEEK_CUR), 3);
    EQUAL(pread(fd, buf, 16, 0), 7);
    CHECK(memcmp(buf, "abcdefg", 7) == 0);
    for (int i = 0; i < 1024; i++)
        many[i] = (struct iovec){(void *)"z", 1};
    EQUAL(pwrite(fd, "", 0, 0), 0);
    EQUAL(writev(fd, many, 1024), 1024);
    close(fd);
    unlink("vec");
}

/* Many pages, written in odd pieces and read in others. */
static void test_large(void)
{
    static unsigned char buf[65536], back[65536];
    unsigned sum = 0, check = 0;
    size_t total = 0;
    ssize_t n;
    int fd = open("large", O_RDWR | O_CREAT, 0644);

    for (size_t i = 0; i < sizeof(buf); i++)
        buf[i] = (unsigned char)(i * 31 + (i >> 8));
    for (size_t part = 1; total + part < 2000000;
         part = (part * 7 + 13) % 60000) {
        if (write(fd, buf, part) != (ssize_t)part)
            break;
        for (size_t i = 0; i < part; i++)
            sum = sum * 33 + buf[i];
        total += part;
    }
    CHECK(total > 1900000);
    lseek(fd, 0, SEEK_SET);
    for (size_t part = 50001; (n = read(fd, back, part)) > 0;
         part = (part * 3 + 17) % 65536 + 1) {
        for (ssize_t i = 0; i < n; i++)
            check = check * 33 + back[i];
        total -= (size_t)n;
    }
    EQUAL(total, 0);
    CHECK(sum == check);
    close(fd);
    unlink("large");
}

int main(void)
{
    scratch_enter("fs_file");
    test_open();
    test_modes();
    test_read_write();
    test_append();
    test_holes();
    test_truncate();
    test_vectors();
    test_large();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
