/*
 * Descriptors: dup and its kin, close-on-exec, status flags, the limit, and
 * locks.
 *
 * test: linux
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static void test_dup(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644), a, b;

    a = dup(fd);
    EQUAL(a, fd + 1);
    EQUAL(write(fd, "abc", 3), 3);
    EQUAL(lseek(a, 0, SEEK_CUR), 3); /* one offset for both */
    EQUAL(dup2(fd, 50), 50);
    EQUAL(dup2(fd, fd), fd);
    FAILS(dup2(fd, -1), EBADF);
    FAILS(dup2(-1, 51), EBADF);
    FAILS(dup2(49, 49), EBADF);
    FAILS(dup(-1), EBADF);
    FAILS(dup2(fd, 0x7fffffff), EBADF);
    EQUAL(dup3(fd, 50, O_CLOEXEC), 50);
    EQUAL(fcntl(50, F_GETFD), FD_CLOEXEC);
    EQUAL(fcntl(fd, F_GETFD), 0);
    FAILS(dup3(fd, fd, 0), EINVAL);
    FAILS(dup3(fd, 51, 0x40000000), EINVAL);
    b = fcntl(fd, F_DUPFD, 60);
    EQUAL(b, 60);
    EQUAL(fcntl(fd, F_DUPFD, 60), 61);
    EQUAL(fcntl(fd, F_DUPFD_CLOEXEC, 60), 62);
    EQUAL(fcntl(62, F_GETFD), FD_CLOEXEC);
    FAILS(fcntl(fd, F_DUPFD, -1), EINVAL);
    close(60);
    EQUAL(fcntl(fd, F_DUPFD, 3), a + 1 < 50 ? a + 1 : 60);
    close(a + 1);
    close(a);
    EQUAL(dup(fd), a); /* the lowest free one */
    for (int i = 50; i <= 62; i++)
        close(i);
    close(a), close(fd);
    unlink("f");
}

static void test_flags(void)
{
    int fd = open("f", O_RDWR | O_CREAT | O_APPEND, 0644);

    EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
    EQUAL(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK),
          O_RDWR | O_NONBLOCK);
    EQUAL(fcntl(fd, F_SETFL, O_WRONLY | O_TRUNC), 0);
    EQUAL(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDWR);
    EQUAL(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    FAILS(fcntl(-1, F_GETFL), EBADF);
    FAILS(fcntl(fd, 9999), EINVAL);
    close(fd);
    fd = open("f", O_RDONLY | O_CLOEXEC);
    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    close(fd);
    unlink("f");
}

static void test_limit(void)
{
    struct rlimit old, few = {20, 20};
    int last = -1, fd, opened = 0, p[2];

    getrlimit(RLIMIT_NOFILE, &old);
    few.rlim_max = old.rlim_max;
    EQUAL(setrlimit(RLIMIT_NOFILE, &few), 0);
    while ((fd = open("/", O_RDONLY)) >= 0) {
        last = fd;
        opened++;
    }
    EQUAL(errno, EMFILE);
    EQUAL(last, 19);
    FAILS(dup(0), EMFILE);
    FAILS(pipe(p), EMFILE);
    FAILS(fcntl(0, F_DUPFD, 20), EINVAL);
    FAILS(dup2(0, 20), EBADF);
    close(19);
    FAILS(pipe(p), EMFILE); /* one of two is not enough, and stays free */
    EQUAL(dup(0), 19);
    for (int i = 0; i < opened; i++)
        close(last - i);
    setrlimit(RLIMIT_NOFILE, &old);
    /* Many at once: the table grows. */
    for (fd = 0; fd < 900 && (last = open("/", O_RDONLY)) >= 0;)
        fd = last;
    CHECK(last >= 900);
    for (fd = 3; fd <= last; fd++)
        close(fd);
    EQUAL(open("/", O_RDONLY), 3);
    close(3);
}

static void test_flock(void)
{
    int a = open("l", O_RDWR | O_CREAT, 0644), b = open("l", O_RDWR), c;

    EQUAL(flock(a, LOCK_SH), 0);
    EQUAL(flock(b, LOCK_SH | LOCK_NB), 0);
    FAILS(flock(a, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    EQUAL(flock(b, LOCK_UN), 0);
    EQUAL(flock(a, LOCK_EX | LOCK_NB), 0);
    FAILS(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    c = dup(a);
    EQUAL(flock(c, LOCK_EX | LOCK_NB), 0); /* the same open file */
    close(a);
    FAILS(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    close(c);
    EQUAL(flock(b, LOCK_EX | LOCK_NB), 0);
    FAILS(flock(b, 16), EINVAL);
    FAILS(flock(-1, LOCK_SH), EBADF);
    close(b);
    unlink("l");
}

#ifdef F_OFD_SETLK
static int lock(int fd, int command, int type, off_t start, off_t len)
{
    struct flock l = {.l_type = (short)type,
                      .l_whence = SEEK_SET,
                      .l_start = start,
                      .l_len = len};

    return fcntl(fd, command, &l);
}

/* Locks of open files conflict within one process, so both sides are here. */
static void test_ranges(void)
{
    int a = open("l", O_RDWR | O_CREAT, 0644), b = open("l", O_RDWR), r;
    struct flock got = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    EQUAL(lock(a, F_OFD_SETLK, F_WRLCK, 10, 10), 0);
    FAILS(lock(b, F_OFD_SETLK, F_RDLCK, 19, 1), EAGAIN);
    FAILS(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0), EAGAIN);
    EQUAL(lock(b, F_OFD_SETLK, F_WRLCK, 20, 0), 0);
    EQUAL(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10), 0);
    EQUAL(fcntl(b, F_OFD_GETLK, &got), 0);
    EQUAL(got.l_type, F_WRLCK);
    EQUAL(got.l_start, 10);
    EQUAL(got.l_len, 10);
    EQUAL(got.l_pid, -1);
    /* A hole in the middle splits a lock. */
    EQUAL(lock(a, F_OFD_SETLK, F_UNLCK, 13, 2), 0);
    EQUAL(lock(b, F_OFD_SETLK, F_WRLCK, 13, 2), 0);
    FAILS(lock(b, F_OFD_SETLK, F_WRLCK, 12, 1), EAGAIN);
    FAILS(lock(b, F_OFD_SETLK, F_WRLCK, 15, 1), EAGAIN);
    /* Turning a part into a read lock lets readers in there. */
    EQUAL(lock(a, F_OFD_SETLK, F_RDLCK, 15, 2), 0);
    EQUAL(lock(b, F_OFD_SETLK, F_RDLCK, 15, 2), 0);
    FAILS(lock(b, F_OFD_SETLK, F_RDLCK, 17, 1), EAGAIN);
    FAILS(lock(a, F_OFD_SETLK, F_WRLCK, -1, 1), EINVAL);
    FAILS(lock(a, F_OFD_SETLK, 77, 0, 1), EINVAL);
    r = open("l", O_RDONLY);
    FAILS(lock(r, F_OFD_SETLK, F_WRLCK, 100, 1), EBADF);
    close(r);
    close(a);
    EQUAL(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0), 0);
    close(b);
    unlink("l");
}

/* A process's own locks never conflict; closing any descriptor ends them. */
static void test_process_locks(void)
{
    int a = open("l", O_RDWR | O_CREAT, 0644), b = open("l", O_RDWR);
    int other = open("l", O_RDWR);
    struct flock got = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    EQUAL(lock(a, F_SETLK, F_WRLCK, 0, 100), 0);
    EQUAL(lock(b, F_SETLK, F_WRLCK, 50, 100), 0);
    FAILS(lock(other, F_OFD_SETLK, F_WRLCK, 0, 1), EAGAIN);
    EQUAL(fcntl(other, F_OFD_GETLK, &got), 0);
    EQUAL(got.l_pid, getpid());
    close(b);
    EQUAL(lock(other, F_OFD_SETLK, F_WRLCK, 0, 1), 0);
    close(a), close(other);
    unlink("l");
}
#endif

int main(void)
{
    scratch_enter("fs_fd");
    test_dup();
    test_flags();
    test_limit();
    test_flock();
#ifdef F_OFD_SETLK
    test_ranges();
    test_process_locks();
#else
    tap_skip("locks of ranges", "no F_OFD_SETLK in the headers");
#endif
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
