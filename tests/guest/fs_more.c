/*
 * What Linux has beyond POSIX, and corners: nameless files, exchange, holes
 * sought, fallocate, sendfile, O_PATH, statx, getdents64, set-id bits.
 *
 * test: linux
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <signal.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/dirent.h>
#include <cairn/syscall.h>

/* A system call as it is: the result or -errno. */
static long call(long number, long a, long b, long c, long d, long e)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

/* The same for calls of six words, the last of them zero. */
static long call6(long number, long a, long b, long c, long d, long e)
{
    long result;

    __asm__ volatile("pushl %%ebp\n\t"
                     "xorl %%ebp, %%ebp\n\t"
                     "int $0x80\n\t"
                     "popl %%ebp"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

#define CWD (-100)

static int put(const char *path, const char *text)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        perror(path);
    return fd;
}

static ino_t number(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static void test_exchange(void)
{
    ino_t f, d;

    close(put("f", "1"));
    mkdir("d", 0755), mkdir("d/sub", 0755);
    f = number("f"), d = number("d");
    EQUAL(call(__NR_renameat2, CWD, (long)"f", CWD, (long)"d", 2), 0);
    CHECK(number("d") == f && number("f") == d);
    EQUAL(call(__NR_renameat2, CWD, (long)"f", CWD, (long)"none", 2), -ENOENT);
    EQUAL(call(__NR_renameat2, CWD, (long)"f", CWD, (long)"f/sub", 2), -EINVAL);
    EQUAL(call(__NR_renameat2, CWD, (long)"f", CWD, (long)"d", 1), -EEXIST);
    EQUAL(call(__NR_renameat2, CWD, (long)"f", CWD, (long)"g", 1), 0);
    EQUAL(call(__NR_renameat2, CWD, (long)"g", CWD, (long)"f", 3), -EINVAL);
    unlink("d"), rmdir("g/sub"), rmdir("g");
}

static void test_nameless(void)
{
    char buf[4] = "";
    struct stat st;
    int fd;

    fd = (int)call(__NR_open, (long)".", 020200000 | O_RDWR, 0600, 0, 0);
    CHECK(fd >= 0);
    EQUAL(write(fd, "abc", 3), 3);
    EQUAL(pread(fd, buf, 3, 0), 3);
    CHECK(memcmp(buf, "abc", 3) == 0);
    EQUAL(fstat(fd, &st), 0);
    EQUAL(st.st_nlink, 0);
    EQUAL(call(__NR_linkat, fd, (long)"", CWD, (long)"named", 0x1000), 0);
    EQUAL(fstat(fd, &st), 0);
    EQUAL(st.st_nlink, 1);
    CHECK(number("named") == st.st_ino);
    close(fd);
    unlink("named");
    EQUAL(call(__NR_open, (long)".", 020200000, 0600, 0, 0), -EINVAL);
}

static void test_holes(void)
{
    int fd = open("holes", O_RDWR | O_CREAT, 0644);
    struct stat st;
    char buf[8];
    int ends[2];

    pwrite(fd, "x", 1, 100000);
    EQUAL(lseek(fd, 0, 3), 98304); /* SEEK_DATA */
    EQUAL(lseek(fd, 0, 4), 0);     /* SEEK_HOLE */
    EQUAL(lseek(fd, 99000, 4), 100001);
    FAILS(lseek(fd, 100001, 3), ENXIO);
    EQUAL(call(__NR_fallocate, fd, 0, 0, 0, 50000), -EINVAL); /* no length */
    EQUAL(posix_fallocate(fd, 0, 50000), 0);
    EQUAL(lseek(fd, 60000, 3), 98304);
    EQUAL(posix_fallocate(fd, 200000, 1), 0);
    fstat(fd, &st);
    EQUAL(st.st_size, 200001);
    pwrite(fd, "abcdefgh", 8, 4092);
    /* PUNCH_HOLE | KEEP_SIZE over 4094 to 4098 and over whole pages */
    EQUAL(fallocate(fd, 3, 4094, 4), 0);
    EQUAL(pread(fd, buf, 8, 4092), 8);
    CHECK(memcmp(buf, "ab\0\0\0\0gh", 8) == 0);
    EQUAL(fallocate(fd, 3, 8192, 300000), 0);
    EQUAL(lseek(fd, 8192, 3) == -1 && errno == ENXIO, 1);
    fstat(fd, &st);
    EQUAL(st.st_size, 200001);
    EQUAL(st.st_blocks, 16);
    FAILS(fallocate(fd, 2, 0, 1), EOPNOTSUPP);
    FAILS(fallocate(fd, 0, 0, 0), EINVAL);
    FAILS(fallocate(-1, 0, 0, 1), EBADF);
    for (int advice = POSIX_FADV_NORMAL; advice <= POSIX_FADV_NOREUSE; advice++)
        EQUAL(posix_fadvise(fd, 0, 100, advice), 0);
    EQUAL(posix_fadvise(fd, 0, 0, POSIX_FADV_NOREUSE + 1), EINVAL);
    EQUAL(posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL), EINVAL);
    EQUAL(posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL), EBADF);
    EQUAL(pipe(ends), 0);
    EQUAL(posix_fadvise(ends[0], 0, 0, POSIX_FADV_NORMAL), ESPIPE);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    unlink("holes");
}

static void test_sendfile(void)
{
    char buf[16] = "";
    int in = put("in", "0123456789"), out = put("out", ""), p[2];
    int32_t pos = 2;

    EQUAL(call(__NR_sendfile, out, in, (long)&pos, 5, 0), 5);
    EQUAL(pos, 7);
    EQUAL(lseek(in, 0, SEEK_SET), 0);
    EQUAL(call(__NR_sendfile, out, in, 0, 100, 0), 10);
    EQUAL(lseek(in, 0, SEEK_CUR), 10);
    EQUAL(pread(out, buf, 16, 0), 15);
    CHECK(memcmp(buf, "234560123456789", 15) == 0);
    pipe(p);
    EQUAL(call(__NR_sendfile, p[1], in, (long)&pos, 100, 0), 3);
    EQUAL(read(p[0], buf, 16), 3);
    EQUAL(call(__NR_sendfile, out, in, 16, 1, 0), -EFAULT);
    EQUAL(call(__NR_sendfile, -1, in, 0, 1, 0), -EBADF);
    close(in), close(out), close(p[0]), close(p[1]);
    unlink("in"), unlink("out");
}

static void test_copy_range(void)
{
    char buf[32] = "";
    int in = put("in", "0123456789"), out = put("out", "abcdefghij");
    int64_t from = 3, to = 2;

    EQUAL(call6(__NR_copy_file_range, in, (long)&from, out, (long)&to, 4), 4);
    CHECK(from == 7 && to == 6);
    EQUAL(pread(out, buf, 32, 0), 10);
    CHECK(memcmp(buf, "ab3456ghij", 10) == 0);
    lseek(in, 8, SEEK_SET), lseek(out, 10, SEEK_SET);
    EQUAL(call6(__NR_copy_file_range, in, 0, out, 0, 100), 2);
    EQUAL(lseek(out, 0, SEEK_CUR), 12);
    EQUAL(call6(__NR_copy_file_range, in, 0, out, 0, 100), 0);
    from = 0, to = 5;
    EQUAL(call6(__NR_copy_file_range, in, (long)&from, in, (long)&to, 6),
          -EINVAL);
    EQUAL(call6(__NR_copy_file_range, in, (long)&from, in, (long)&to, 5), 5);
    EQUAL(call6(__NR_copy_file_range, -1, 0, out, 0, 1), -EBADF);
    EQUAL(call6(__NR_copy_file_range, in, 16, out, 0, 1), -EFAULT);
    close(in), close(out);
    unlink("in"), unlink("out");
}

static void test_memfd(void)
{
    struct stat st;
    char path[64], buf[64] = "";
    int fd = (int)call(__NR_memfd_create, (long)"some memory", 1, 0, 0, 0);
    ssize_t n;

    CHECK(fd >= 0);
    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EQUAL(write(fd, "abc", 3), 3);
    EQUAL(fstat(fd, &st), 0);
    CHECK(S_ISREG(st.st_mode) && st.st_size == 3 && st.st_nlink == 0);
    EQUAL(ftruncate(fd, 100000), 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    n = readlink(path, buf, sizeof(buf) - 1);
    CHECK(n > 0 && strcmp(buf, "/memfd:some memory (deleted)") == 0);
    close(fd);
    EQUAL(call(__NR_memfd_create, (long)"x", 0x4000, 0, 0, 0), -EINVAL);
    EQUAL(call(__NR_memfd_create, 16, 0, 0, 0, 0), -EFAULT);
}

static void test_path_only(void)
{
    struct stat st;
    char c;
    int fd;

    close(put("f", "x"));
    chmod("f", 0);
    fd = open("f", 010000000); /* O_PATH */
    CHECK(fd >= 0);
    FAILS(read(fd, &c, 1), EBADF);
    FAILS(write(fd, &c, 1), EBADF);
    FAILS(lseek(fd, 0, SEEK_SET), EBADF);
    FAILS(fchmod(fd, 0600), EBADF);
    EQUAL(fstat(fd, &st), 0);
    EQUAL(close(dup(fd)), 0);
    close(fd);
    symlink("f", "s");
    fd = open("s", 010000000 | O_NOFOLLOW);
    EQUAL(fstat(fd, &st), 0);
    CHECK(S_ISLNK(st.st_mode));
    close(fd);
    unlink("s"), unlink("f");
}

/* Raw entries: sizes, alignment, going back to a position, small buffers. */
static void test_getdents(void)
{
    static char buf[4096] __attribute__((aligned(8)));
    struct __cairn_dirent64 *entry;
    int64_t second = 0;
    int fd, names = 0, bad = 0;
    long n;

    mkdir("g", 0755);
    close(put("g/one", "")), close(put("g/two", ""));
    fd = open("g", O_RDONLY);
    n = call(__NR_getdents64, fd, (long)buf, sizeof(buf), 0, 0);
    CHECK(n > 0);
    for (long at = 0; at < n; at += entry->d_reclen) {
        entry = (void *)(buf + at);
        bad += entry->d_reclen % 8 != 0 || entry->d_ino == 0;
        bad += entry->d_type != (entry->d_name[0] == '.' ? DT_DIR : DT_REG);
        if (++names == 2)
            second = entry->d_off;
    }
    EQUAL(names, 4);
    EQUAL(bad, 0);
    EQUAL(call(__NR_getdents64, fd, (long)buf, sizeof(buf), 0, 0), 0);
    EQUAL(lseek(fd, second, SEEK_SET), second);
    n = call(__NR_getdents64, fd, (long)buf, sizeof(buf), 0, 0);
    CHECK(n > 0 && n == ((struct __cairn_dirent64 *)buf)->d_reclen * 2);
    lseek(fd, 0, SEEK_SET);
    EQUAL(call(__NR_getdents64, fd, (long)buf, 10, 0, 0), -EINVAL);
    EQUAL(call(__NR_getdents64, fd, 16, 4096, 0, 0), -EFAULT);
    EQUAL(call(__NR_getdents64, 0x7fff, (long)buf, 4096, 0, 0), -EBADF);
    close(fd);
    fd = open("g/one", O_RDONLY);
    EQUAL(call(__NR_getdents64, fd, (long)buf, 4096, 0, 0), -ENOTDIR);
    close(fd);
    unlink("g/one"), unlink("g/two"), rmdir("g");
}

static void test_set_id(void)
{
    struct stat st;
    int fd;

    if (getuid() != 0) {
        tap_skip("set-id bits", "needs root");
        return;
    }
    close(put("suid", "x"));
    chmod("suid", 06777);
    fd = open("suid", O_WRONLY);
    EQUAL(write(fd, "y", 1), 1);
    close(fd);
    stat("suid", &st);
    EQUAL(st.st_mode, S_IFREG | 06777); /* root keeps them */
    EQUAL(seteuid(1000), 0);
    fd = open("suid", O_WRONLY);
    EQUAL(write(fd, "z", 1), 1);
    close(fd);
    EQUAL(seteuid(0), 0);
    stat("suid", &st);
    EQUAL(st.st_mode, S_IFREG | 0777);
    unlink("suid");
    /* A set-group-id directory hands its group and bit down. */
    mkdir("sgid", 0755);
    chown("sgid", 0, 55), chmod("sgid", 02755);
    mkdir("sgid/sub", 0755);
    close(put("sgid/f", ""));
    stat("sgid/sub", &st);
    EQUAL(st.st_gid, 55);
    EQUAL(st.st_mode, S_IFDIR | 02755);
    stat("sgid/f", &st);
    EQUAL(st.st_gid, 55);
    unlink("sgid/f"), rmdir("sgid/sub"), rmdir("sgid");
}

static void test_size_limit(void)
{
    struct rlimit old, limit;
    int fd = put("limited", "");
    char buf[200] = "";

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 150;
    EQUAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EQUAL(write(fd, buf, 200), 150);
    FAILS(write(fd, buf, 1), EFBIG);
    FAILS(ftruncate(fd, 151), EFBIG);
    FAILS(truncate("limited", 151), EFBIG);
    EQUAL(ftruncate(fd, 10), 0);
    EQUAL(setrlimit(RLIMIT_FSIZE, &old), 0);
    close(fd);
    unlink("limited");
}

/* Huge counts are cut, never wrapped. */
static void test_huge(void)
{
    static char buf[100];
    int fd = put("huge", "0123456789"), null = open("/dev/null", O_WRONLY);

    lseek(fd, 0, SEEK_SET);
    EQUAL(call(__NR_read, fd, (long)buf, 0x7fffffff, 0, 0) == 10 || !is_cairn(),
          1);
    EQUAL(call(__NR_write, null, 0x10000, 0x7fffffff, 0, 0), 0x7ffff000);
    EQUAL(call(__NR_pread64, fd, (long)buf, 100, -1, 0x7fffffff) <= 0, 1);
    EQUAL(call(__NR_pread64, fd, (long)buf, 100, 0, 0x80000000), -EINVAL);
    EQUAL(call(__NR_lseek, fd, 0x7fffffff, SEEK_SET, 0, 0), 0x7fffffff);
    if (is_cairn()) /* a 64-bit Linux cuts the result instead */
        EQUAL(call(__NR_lseek, fd, 1, SEEK_CUR, 0, 0), -EOVERFLOW);
    close(fd), close(null);
    unlink("huge");
}

int main(void)
{
    scratch_enter("fs_more");
    test_exchange();
    test_nameless();
    test_holes();
    test_sendfile();
    test_copy_range();
    test_memfd();
    test_path_only();
    test_getdents();
    test_set_id();
    test_size_limit();
    test_huge();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
