/*
 * aio: reading and writing at offsets and in streams, what is told when, lists,
 * waiting, cancelling, and bad arguments.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static char buf[64];

static struct aiocb request(int fd, void *at, size_t nbytes, off_t offset)
{
    struct aiocb r;

    memset(&r, 0, sizeof(r));
    r.aio_fildes = fd;
    r.aio_buf = at;
    r.aio_nbytes = nbytes;
    r.aio_offset = offset;
    r.aio_sigevent.sigev_notify = SIGEV_NONE;
    return r;
}

/* Wait for a request: its result, with errno if it has failed. */
static ssize_t finish(struct aiocb *r)
{
    const struct aiocb *list[] = {r};

    while (aio_error(r) == EINPROGRESS)
        aio_suspend(list, 1, NULL);
    errno = aio_error(r);
    return aio_return(r);
}

static void test_files(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    struct aiocb r = request(fd, "hello world", 11, 5);

    EQUAL(aio_write(&r), 0);
    EQUAL(finish(&r), 11);
    EQUAL(lseek(fd, 0, SEEK_END), 16);
    r = request(fd, buf, 5, 11);
    EQUAL(aio_read(&r), 0);
    EQUAL(finish(&r), 5);
    EQUAL(memcmp(buf, "world", 5), 0);
    r = request(fd, buf, sizeof(buf), 14);
    EQUAL(aio_read(&r), 0);
    EQUAL(finish(&r), 2);
    r = request(fd, buf, sizeof(buf), 1000);
    EQUAL(aio_read(&r), 0);
    EQUAL(finish(&r), 0);
    r = request(fd, (void *)8, 5, 0);
    EQUAL(aio_read(&r), 0);
    FAILS(finish(&r), EFAULT);
    r = request(fd, NULL, 0, 0);
    EQUAL(aio_fsync(O_SYNC, &r), 0);
    EQUAL(finish(&r), 0);
    EQUAL(aio_fsync(O_DSYNC, &r), 0);
    EQUAL(finish(&r), 0);
    close(fd);
    fd = open("f", O_WRONLY | O_APPEND);
    r = request(fd, "end", 3, 0);
    EQUAL(aio_write(&r), 0);
    EQUAL(finish(&r), 3);
    EQUAL(lseek(fd, 0, SEEK_END), 19);
    close(fd);
    unlink("f");
}

static void test_pipe(void)
{
    int p[2];
    struct aiocb w, r;

    EQUAL(pipe(p), 0);
    w = request(p[1], "abc", 3, 0);
    r = request(p[0], buf, 64, 0);
    EQUAL(aio_write(&w), 0);
    EQUAL(finish(&w), 3);
    EQUAL(aio_read(&r), 0);
    EQUAL(finish(&r), 3);
    EQUAL(aio_cancel(p[0], NULL), AIO_ALLDONE);
    close(p[0]);
    close(p[1]);
    FAILS(aio_cancel(p[0], NULL), EBADF);
}

/* A request that waits holds nobody up; those after it can be taken back. */
static void test_waiting(void)
{
    int p[2], q[2];
    char late[4] = "";
    struct aiocb r, second, other, w;
    const struct aiocb *list[] = {&r, NULL};
    struct timespec soon = {0, 20000000};

    EQUAL(pipe(p) | pipe(q), 0);
    r = request(p[0], buf, 3, 0);
    second = request(p[0], late, 3, 0);
    EQUAL(aio_read(&r), 0);
    EQUAL(aio_read(&second), 0);
    EQUAL(aio_error(&r), EINPROGRESS);
    FAILS(aio_suspend(list, 2, &soon), EAGAIN);
    other = request(q[1], "x", 1, 0);
    EQUAL(aio_write(&other), 0);
    EQUAL(finish(&other), 1);
    EQUAL(aio_cancel(p[0], &second), AIO_CANCELED);
    EQUAL(aio_error(&second), ECANCELED);
    EQUAL(aio_return(&second), -1);
    EQUAL(aio_cancel(p[0], NULL), AIO_NOTCANCELED);
    w = request(p[1], "abc", 3, 0);
    EQUAL(aio_write(&w), 0);
    EQUAL(finish(&w), 3);
    EQUAL(aio_suspend(list, 2, NULL), 0);
    EQUAL(finish(&r), 3);
    EQUAL(memcmp(buf, "abc", 3), 0);
    EQUAL(aio_cancel(p[0], &r), AIO_ALLDONE);
    for (int i = 0; i < 2; i++)
        close(p[i]), close(q[i]);
}

/* A request that has ended is never taken for one that is running. */
static void test_cancel_ended(void)
{
    int running = 0, p[2];
    char c;

    EQUAL(pipe(p), 0);
    for (int i = 0; i < 2000; i++) {
        struct aiocb w = request(p[1], "x", 1, 0);

        if (aio_write(&w) != 0 || read(p[0], &c, 1) != 1)
            break;
        while (aio_error(&w) == EINPROGRESS)
            sched_yield();
        running += aio_cancel(p[1], &w) != AIO_ALLDONE;
        aio_return(&w);
    }
    EQUAL(running, 0);
    close(p[0]), close(p[1]);
}

/* Appended in the order in which they were asked for. */
static void test_order(void)
{
    static struct aiocb r[100];
    static char letters[100], got[101];
    int fd = open("f", O_RDWR | O_CREAT | O_APPEND, 0600), sum = 0;

    for (int i = 0; i < 100; i++) {
        letters[i] = (char)(' ' + i % 90);
        r[i] = request(fd, &letters[i], 1, 0);
        sum += aio_write(&r[i]);
    }
    EQUAL(sum, 0);
    for (int i = 0; i < 100; i++)
        sum += (int)finish(&r[i]);
    EQUAL(sum, 100);
    EQUAL(pread(fd, got, 101, 0), 100);
    EQUAL(memcmp(got, letters, 100), 0);
    close(fd);
    unlink("f");
}

static volatile int called;

static void on_end(union sigval value)
{
    called = value.sival_int;
}

static void test_thread(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    struct aiocb r = request(fd, "x", 1, 0);

    r.aio_sigevent.sigev_notify = SIGEV_THREAD;
    r.aio_sigevent.sigev_notify_function = on_end;
    r.aio_sigevent.sigev_value.sival_int = 77;
    EQUAL(aio_write(&r), 0);
    EQUAL(finish(&r), 1);
    for (int i = 0; i < 10000 && called == 0; i++)
        usleep(1000);
    EQUAL(called, 77);
    close(fd);
    unlink("f");
}

/* A signal tells of the end, with the value. */
static void test_signal(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    struct aiocb r = request(fd, "x", 1, 0);
    struct timespec limit = {10, 0};
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    r.aio_sigevent.sigev_notify = SIGEV_SIGNAL;
    r.aio_sigevent.sigev_signo = SIGRTMIN;
    r.aio_sigevent.sigev_value.sival_ptr = &r;
    EQUAL(aio_write(&r), 0);
    EQUAL(sigtimedwait(&set, &info, &limit), SIGRTMIN);
    EQUAL(info.si_code, SI_ASYNCIO);
    CHECK(info.si_value.sival_ptr == &r);
    EQUAL(finish(&r), 1);
    close(fd);
    unlink("f");
}

static void test_list(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    struct aiocb a = request(fd, "one", 3, 0), b = request(fd, "two", 3, 3),
                 none = request(-1, NULL, 0, 0),
                 bad = request(-1, "three", 5, 6);
    struct aiocb *list[] = {&a, NULL, &none, &b};
    struct timespec limit = {10, 0};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGRTMIN};
    sigset_t set;

    a.aio_lio_opcode = b.aio_lio_opcode = bad.aio_lio_opcode = LIO_WRITE;
    none.aio_lio_opcode = LIO_NOP;
    EQUAL(lio_listio(LIO_WAIT, list, 4, NULL), 0);
    EQUAL(finish(&a), 3);
    EQUAL(finish(&b), 3);
    EQUAL(pread(fd, buf, 64, 0), 6);
    EQUAL(memcmp(buf, "onetwo", 6), 0);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    a.aio_lio_opcode = LIO_READ;
    a.aio_buf = buf;
    EQUAL(lio_listio(LIO_NOWAIT, list, 1, &event), 0);
    EQUAL(sigtimedwait(&set, NULL, &limit), SIGRTMIN);
    EQUAL(finish(&a), 3);
    list[1] = &bad;
    FAILS(lio_listio(LIO_WAIT, list, 2, NULL), EIO);
    EQUAL(finish(&a), 3);
    FAILS(finish(&bad), EBADF);
    FAILS(lio_listio(77, list, 1, NULL), EINVAL);
    FAILS(lio_listio(LIO_WAIT, list, -1, NULL), EINVAL);
    FAILS(lio_listio(LIO_WAIT, list, 100000, NULL), EINVAL);
    close(fd);
    unlink("f");
}

static void test_bad(void)
{
    int fd = open("f", O_RDONLY | O_CREAT, 0600);
    struct aiocb r = request(fd, buf, 4, 0);
    const struct aiocb *nothing[] = {NULL};
    struct timespec soon = {0, 1000000};

    EQUAL(aio_write(&r), 0);
    FAILS(finish(&r), EBADF);
    r.aio_fildes = -1;
    EQUAL(aio_read(&r), 0);
    FAILS(finish(&r), EBADF);
    FAILS(aio_fsync(O_SYNC, &r), EBADF);
    r = request(fd, buf, 4, -1);
    FAILS(aio_read(&r), EINVAL);
    r = request(fd, buf, 4, 0);
    r.aio_reqprio = -1;
    FAILS(aio_read(&r), EINVAL);
    r = request(fd, buf, (size_t)-1, 0);
    FAILS(aio_read(&r), EINVAL);
    FAILS(aio_fsync(99, &r), EINVAL);
    FAILS(aio_suspend(nothing, -1, NULL), EINVAL);
    FAILS(aio_suspend(nothing, 1, &soon), EAGAIN);
    close(fd);
    unlink("f");
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    scratch_enter("aio");
    test_files();
    test_pipe();
    test_waiting();
    test_cancel_ended();
    test_order();
    test_thread();
    test_signal();
    test_list();
    test_bad();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
