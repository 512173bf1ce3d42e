/*
 * Pipes and FIFOs within one process: capacity, atomic writes, end of file,
 * broken pipes; poll and select on them and on files.
 *
 * test: linux
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

/* The compiler must not see what is wrong with these. */
static void *volatile bad = (void *)16;
static volatile unsigned too_many = 0x7fffffff;

static char big[70000], back[70000];

static short poll_one(int fd, short events, int timeout)
{
    struct pollfd p = {.fd = fd, .events = events};

    return poll(&p, 1, timeout) < 0 ? -1 : p.revents;
}

static void test_basics(void)
{
    struct stat st;
    char buf[8] = "";
    int p[2];

    EQUAL(pipe(p), 0);
    EQUAL(write(p[1], "abc", 3), 3);
    EQUAL(write(p[1], "def", 3), 3);
    EQUAL(read(p[0], buf, 4), 4);
    CHECK(memcmp(buf, "abcd", 4) == 0);
    EQUAL(read(p[0], buf, 8), 2);
    CHECK(memcmp(buf, "ef", 2) == 0);
    EQUAL(read(p[0], buf, 0), 0);
    EQUAL(write(p[1], buf, 0), 0);
    FAILS(write(p[0], "x", 1), EBADF);
    FAILS(read(p[1], buf, 1), EBADF);
    FAILS(lseek(p[0], 0, SEEK_CUR), ESPIPE);
    FAILS(pread(p[0], buf, 1, 0), ESPIPE);
    FAILS(pwrite(p[1], buf, 1, 0), ESPIPE);
    EQUAL(fstat(p[0], &st), 0);
    CHECK(S_ISFIFO(st.st_mode));
    EQUAL(write(p[1], "tail", 4), 4);
    EQUAL(close(p[1]), 0);
    EQUAL(read(p[0], buf, 8), 4);
    EQUAL(read(p[0], buf, 8), 0);
    EQUAL(read(p[0], buf, 8), 0);
    close(p[0]);
    FAILS(pipe2(p, 0x40000000), EINVAL);
}

static void test_full(void)
{
    ssize_t n, total = 0;
    int p[2], waiting = 0;

    EQUAL(pipe2(p, O_NONBLOCK | O_CLOEXEC), 0);
    EQUAL(fcntl(p[0], F_GETFD), FD_CLOEXEC);
    CHECK(fcntl(p[1], F_GETFL) & O_NONBLOCK);
    FAILS(read(p[0], back, 1), EAGAIN);
    for (size_t i = 0; i < sizeof(big); i++)
        big[i] = (char)(i * 7 + i / 251);
    EQUAL(write(p[1], big, sizeof(big)), 65536);
    FAILS(write(p[1], big, 1), EAGAIN);
    EQUAL(ioctl(p[0], FIONREAD, &waiting), 0);
    EQUAL(waiting, 65536);
    CHECK(!(poll_one(p[1], POLLOUT, 0) & POLLOUT));
    while (total < 65536 && (n = read(p[0], back + total, 5000)) > 0)
        total += n;
    EQUAL(total, 65536);
    CHECK(memcmp(big, back, 65536) == 0);
    FAILS(read(p[0], back, 1), EAGAIN);
    /* A small write is taken whole or not at all. */
    EQUAL(write(p[1], big, 65536 - 100), 65536 - 100);
    FAILS(write(p[1], big, 4096), EAGAIN);
    EQUAL(read(p[0], back, 4096), 4096);
    EQUAL(write(p[1], big, 4096), 4096);
    close(p[0]), close(p[1]);
}

static void test_broken(void)
{
    char buf[4];
    int p[2];

    signal(SIGPIPE, SIG_IGN);
    EQUAL(pipe(p), 0);
    EQUAL(write(p[1], "x", 1), 1);
    close(p[0]);
    FAILS(write(p[1], "y", 1), EPIPE);
    CHECK(poll_one(p[1], POLLOUT, 0) & POLLERR);
    close(p[1]);
    signal(SIGPIPE, SIG_DFL);
    EQUAL(pipe(p), 0);
    FAILS(write(p[1], bad, 4), EFAULT);
    EQUAL(write(p[1], "abcd", 4), 4);
    FAILS(read(p[0], bad, 2), EFAULT);
    EQUAL(read(p[0], buf, 4), 4);
    CHECK(memcmp(buf, "abcd", 4) == 0);
    close(p[0]), close(p[1]);
}

static void test_vectors(void)
{
    struct iovec v[3] = {{(void *)"ab", 2},
                         {(void *)"", 0},
                         {(void *)"cde", 3}};
    char x[2], y[8];
    struct iovec r[2] = {{x, 2}, {y, 8}};
    int p[2];

    EQUAL(pipe(p), 0);
    EQUAL(writev(p[1], v, 3), 5);
    EQUAL(readv(p[0], r, 2), 5);
    CHECK(memcmp(x, "ab", 2) == 0 && memcmp(y, "cde", 3) == 0);
    close(p[0]), close(p[1]);
}

static void test_poll(void)
{
    struct pollfd many[3];
    int p[2], file;

    EQUAL(pipe(p), 0);
    EQUAL(poll_one(p[0], POLLIN, 0), 0);
    EQUAL(poll_one(p[0], POLLIN, 20), 0);
    EQUAL(poll_one(p[1], POLLOUT, -1), POLLOUT);
    EQUAL(write(p[1], "x", 1), 1);
    EQUAL(poll_one(p[0], POLLIN, -1), POLLIN);
    EQUAL(poll_one(p[0], POLLIN | POLLRDNORM, 0), POLLIN | POLLRDNORM);
    file = open("file", O_RDWR | O_CREAT, 0644);
    many[0] = (struct pollfd){.fd = p[0], .events = POLLIN};
    many[1] = (struct pollfd){.fd = -1, .events = POLLIN};
    many[2] = (struct pollfd){.fd = file, .events = POLLIN | POLLOUT};
    EQUAL(poll(many, 3, -1), 2);
    EQUAL(many[0].revents, POLLIN);
    EQUAL(many[1].revents, 0);
    EQUAL(many[2].revents, POLLIN | POLLOUT);
    many[1].fd = 999;
    EQUAL(poll(many, 3, 0), 3);
    EQUAL(many[1].revents, POLLNVAL);
    close(p[1]);
    EQUAL(poll_one(p[0], POLLIN, -1), POLLIN | POLLHUP);
    EQUAL(read(p[0], back, 2), 1);
    EQUAL(poll_one(p[0], POLLIN, -1), POLLHUP);
    EQUAL(poll(NULL, 0, 10), 0);
    FAILS(poll(bad, 1, 0), EFAULT);
    FAILS(poll(many, too_many, 0), EINVAL);
    close(p[0]), close(file);
    unlink("file");
}

static void test_select(void)
{
    struct timeval now = {0, 0}, soon = {0, 20000};
    fd_set in, out, except;
    int p[2];

    EQUAL(pipe(p), 0);
    FD_ZERO(&in);
    FD_SET(p[0], &in);
    EQUAL(select(p[0] + 1, &in, NULL, NULL, &soon), 0);
    CHECK(!FD_ISSET(p[0], &in));
    write(p[1], "x", 1);
    FD_ZERO(&out);
    FD_ZERO(&except);
    FD_SET(p[0], &in);
    FD_SET(p[1], &in);
    FD_SET(p[1], &out);
    FD_SET(p[0], &except);
    EQUAL(select(p[1] + 1, &in, &out, &except, NULL), 2);
    CHECK(FD_ISSET(p[0], &in) && !FD_ISSET(p[1], &in));
    CHECK(FD_ISSET(p[1], &out) && !FD_ISSET(p[0], &except));
    /* Bits of the sets' last words that were not asked about are cleared. */
    FD_ZERO(&in);
    FD_SET(p[0], &in);
    FD_SET(p[0] + 1, &in);
    EQUAL(select(p[0] + 1, &in, NULL, NULL, &now), 1);
    CHECK(FD_ISSET(p[0], &in) && !FD_ISSET(p[0] + 1, &in));
    FAILS(select(-1, NULL, NULL, NULL, &now), EINVAL);
    EQUAL(select(0, NULL, NULL, NULL, &now), 0);
    close(p[0]), close(p[1]);
    FD_ZERO(&in);
    FD_SET(p[0], &in);
    FAILS(select(p[0] + 1, &in, NULL, NULL, &now), EBADF);
}

static void test_fifo(void)
{
    char buf[8];
    int r, w, both;

    EQUAL(mkfifo("fifo", 0600), 0);
    FAILS(mkfifo("fifo", 0600), EEXIST);
    FAILS(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    r = open("fifo", O_RDONLY | O_NONBLOCK);
    CHECK(r >= 0);
    EQUAL(read(r, buf, 8), 0);
    EQUAL(poll_one(r, POLLIN, 0), 0);
    w = open("fifo", O_WRONLY | O_NONBLOCK);
    CHECK(w >= 0);
    FAILS(read(r, buf, 8), EAGAIN);
    EQUAL(write(w, "fifo", 4), 4);
    EQUAL(read(r, buf, 8), 4);
    close(w);
    EQUAL(read(r, buf, 8), 0);
    EQUAL(poll_one(r, POLLIN, 0), POLLHUP);
    both = open("fifo", O_RDWR);
    CHECK(both >= 0);
    EQUAL(write(both, "self", 4), 4);
    EQUAL(unlink("fifo"), 0);
    EQUAL(read(r, buf, 8), 4);
    close(both), close(r);
}

static void test_sizes(void)
{
#ifdef F_SETPIPE_SZ
    int p[2];

    EQUAL(pipe2(p, O_NONBLOCK), 0);
    EQUAL(fcntl(p[0], F_GETPIPE_SZ), 65536);
    EQUAL(write(p[1], big, 6000), 6000);
    EQUAL(read(p[0], back, 500), 500);
    FAILS(fcntl(p[1], F_SETPIPE_SZ, 4096), EBUSY);
    EQUAL(fcntl(p[1], F_SETPIPE_SZ, 8000), 8192);
    EQUAL(fcntl(p[1], F_SETPIPE_SZ, 262144), 262144);
    EQUAL(read(p[0], back, 10000), 5500);
    CHECK(memcmp(back, big + 500, 5500) == 0);
    EQUAL(write(p[1], big, sizeof(big)), (int)sizeof(big));
    EQUAL(read(p[0], back, sizeof(back)), (int)sizeof(big));
    CHECK(memcmp(back, big, sizeof(big)) == 0);
    /* An emptied pipe keeps a page, which must not be lost. */
    EQUAL(fcntl(p[1], F_SETPIPE_SZ, 4096), 4096);
    EQUAL(fcntl(p[1], F_SETPIPE_SZ, 65536), 65536);
    FAILS(fcntl(0x7fffffff, F_GETPIPE_SZ), EBADF);
    close(p[0]), close(p[1]);
#else
    tap_skip("pipe sizes", "no F_SETPIPE_SZ in the headers");
#endif
}

int main(void)
{
    scratch_enter("fs_pipe");
    test_basics();
    test_full();
    test_broken();
    test_vectors();
    test_poll();
    test_select();
    test_fifo();
    test_sizes();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
