/*
 * eventfd, timerfd and signalfd: values, blocking and O_NONBLOCK, poll, fork,
 * and bad arguments.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nanoseconds.h"
#include "tap.h"

#include <cairn/syscall.h>

#define MS 1000000ll

static int events_of(int fd)
{
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};

    poll(&p, 1, 0);
    return p.revents;
}

static int wait_readable(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};

    return poll(&p, 1, 10000);
}

/* ---- eventfd ---- */

static void test_eventfd(void)
{
    uint64_t value = 0;
    int fd = eventfd(3, EFD_NONBLOCK);

    CHECK(fd >= 0);
    EQUAL(events_of(fd), POLLIN | POLLOUT);
    EQUAL(read(fd, &value, 8), 8);
    EQUAL(value, 3);
    EQUAL(events_of(fd), POLLOUT);
    FAILS(read(fd, &value, 8), EAGAIN);
    value = 5;
    EQUAL(write(fd, &value, 8), 8);
    EQUAL(write(fd, &value, 8), 8);
    EQUAL(eventfd_read(fd, &value), 0);
    EQUAL(value, 10);
    EQUAL(eventfd_write(fd, UINT64_MAX - 1), 0);
    EQUAL(events_of(fd), POLLIN);
    value = 1;
    FAILS(write(fd, &value, 8), EAGAIN);
    value = 0;
    EQUAL(write(fd, &value, 8), 8);
    value = UINT64_MAX;
    FAILS(write(fd, &value, 8), EINVAL);
    FAILS(read(fd, &value, 7), EINVAL);
    FAILS(write(fd, &value, 7), EINVAL);
    FAILS(read(fd, (void *)8, 8), EFAULT);
    FAILS(write(fd, (void *)8, 8), EFAULT);
    FAILS(pread(fd, &value, 8, 0), ESPIPE);
    FAILS(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0,
          ENODEV);
    FAILS(ftruncate(fd, 0), EINVAL);
    close(fd);
}

static void test_semaphore(void)
{
    int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
    uint64_t value = 0;

    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    EQUAL(read(fd, &value, 8), 8);
    EQUAL(value, 1);
    EQUAL(read(fd, &value, 8), 8);
    EQUAL(value, 1);
    FAILS(read(fd, &value, 8), EAGAIN);
    close(fd);
    FAILS(eventfd(0, 0x10), EINVAL);
}

/* Readers and writers that sleep, in other processes. */
static void test_eventfd_sleep(void)
{
    int fd = eventfd(0, EFD_SEMAPHORE), status, n = 0;
    uint64_t value = 5;

    for (int i = 0; i < 5; i++)
        if (fork() == 0)
            _exit(read(fd, &value, 8) == 8 ? (int)value : 9);
    usleep(20000);
    EQUAL(write(fd, &value, 8), 8);
    while (wait(&status) > 0)
        n += WEXITSTATUS(status);
    EQUAL(n, 5);
    eventfd_write(fd, UINT64_MAX - 1);
    value = 1;
    if (fork() == 0)
        _exit(write(fd, &value, 8) == 8 ? 3 : 9);
    usleep(20000);
    EQUAL(read(fd, &value, 8), 8);
    wait(&status);
    EQUAL(WEXITSTATUS(status), 3);
    close(fd);
}

/* ---- timerfd ---- */

static void test_timerfd(clockid_t clock)
{
    struct itimerspec s = spec(5 * MS, 0), old;
    long long begin = now(clock);
    uint64_t ticks = 0;
    int fd = timerfd_create(clock, TFD_NONBLOCK);

    CHECK(fd >= 0);
    FAILS(read(fd, &ticks, 8), EAGAIN);
    EQUAL(events_of(fd), 0);
    EQUAL(timerfd_settime(fd, 0, &s, NULL), 0);
    EQUAL(wait_readable(fd), 1);
    CHECK(now(clock) - begin >= 5 * MS);
    EQUAL(read(fd, &ticks, 8), 8);
    EQUAL(ticks, 1);
    FAILS(read(fd, &ticks, 8), EAGAIN);
    s = spec(now(clock) + 5 * MS, 0);
    EQUAL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL), 0);
    EQUAL(wait_readable(fd), 1);
    EQUAL(read(fd, &ticks, 8), 8);
    s = spec(MS, MS);
    begin = now(clock);
    EQUAL(timerfd_settime(fd, 0, &s, &old), 0);
    EQUAL(ns_of(old.it_value), 0);
    usleep(20000);
    EQUAL(read(fd, &ticks, 8), 8);
    CHECK(ticks >= 19 && (long long)ticks <= (now(clock) - begin) / MS);
    EQUAL(timerfd_gettime(fd, &old), 0);
    EQUAL(ns_of(old.it_interval), MS);
    CHECK(ns_of(old.it_value) > 0 && ns_of(old.it_value) <= MS);
    EQUAL(wait_readable(fd), 1);
    s = spec(0, 0);
    EQUAL(timerfd_settime(fd, 0, &s, &old), 0);
    EQUAL(ns_of(old.it_interval), MS);
    EQUAL(events_of(fd), 0);
    FAILS(read(fd, &ticks, 8), EAGAIN);
    close(fd);
}

static void test_timerfd_blocks(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec s = spec(10 * MS, 0);
    long long begin = now(CLOCK_MONOTONIC);
    uint64_t ticks = 0;

    EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
    timerfd_settime(fd, 0, &s, NULL);
    EQUAL(read(fd, &ticks, 8), 8);
    EQUAL(ticks, 1);
    CHECK(now(CLOCK_MONOTONIC) - begin >= 10 * MS);
    close(fd);
}

static void test_timerfd_bad(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    int other = eventfd(0, 0);
    struct itimerspec s = spec(5 * MS, 0);
    char byte;

    FAILS(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
    FAILS(timerfd_create(99, 0), EINVAL);
    FAILS(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
    FAILS(timerfd_settime(fd, 8, &s, NULL), EINVAL);
    FAILS(timerfd_settime(other, 0, &s, NULL), EINVAL);
    FAILS(timerfd_settime(-1, 0, &s, NULL), EBADF);
    FAILS(timerfd_gettime(other, &s), EINVAL);
    FAILS(timerfd_gettime(-1, &s), EBADF);
    FAILS(timerfd_settime(fd, 0, (void *)8, NULL), EFAULT);
    FAILS(timerfd_gettime(fd, (void *)8), EFAULT);
    s.it_value.tv_nsec = 1000000000;
    FAILS(timerfd_settime(fd, 0, &s, NULL), EINVAL);
    FAILS(read(fd, &byte, 1), EINVAL);
    FAILS(write(fd, "12345678", 8), EINVAL);
    close(fd);
    close(other);
}

/* ---- signalfd ---- */

static sigset_t set_of(int a, int b)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, a);
    sigaddset(&set, b);
    return set;
}

static void test_signalfd(void)
{
    sigset_t set = set_of(SIGUSR1, SIGRTMIN);
    struct signalfd_siginfo info[3];
    union sigval value = {.sival_int = 77};
    int fd;

    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_NONBLOCK);
    CHECK(fd >= 0);
    FAILS(read(fd, info, sizeof(info)), EAGAIN);
    FAILS(read(fd, info, 127), EINVAL);
    EQUAL(events_of(fd), 0);
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, value);
    EQUAL(events_of(fd), POLLIN);
    EQUAL(read(fd, info, sizeof(info)), 2 * 128);
    EQUAL(info[0].ssi_signo, SIGUSR1);
    EQUAL(info[0].ssi_code, SI_USER);
    EQUAL(info[0].ssi_pid, getpid());
    EQUAL(info[0].ssi_uid, getuid());
    EQUAL(info[1].ssi_signo, SIGRTMIN);
    EQUAL(info[1].ssi_code, SI_QUEUE);
    EQUAL(info[1].ssi_int, 77);
    EQUAL(info[1].ssi_ptr, 77);
    EQUAL(events_of(fd), 0);
    /* Another mask. */
    set = set_of(SIGUSR2, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    EQUAL(signalfd(fd, &set, 0), fd);
    kill(getpid(), SIGUSR1);
    EQUAL(events_of(fd), 0);
    set = set_of(SIGUSR1, SIGCHLD);
    EQUAL(signalfd(fd, &set, 0), fd);
    EQUAL(read(fd, info, 128), 128);
    FAILS(signalfd(0, &set, 0), EINVAL);
    FAILS(signalfd(99, &set, 0), EBADF);
    FAILS(signalfd(-1, &set, 1), EINVAL);
    FAILS(signalfd(-1, (void *)8, 0), EFAULT);
    FAILS(syscall(__NR_signalfd4, -1, &set, 4, 0), EINVAL);
    kill(getpid(), SIGUSR1);
    FAILS(read(fd, (void *)8, 128), EFAULT);
    close(fd);
}

/* A child's end, told while the reader sleeps. */
static void test_signalfd_sleeps(void)
{
    sigset_t set = set_of(SIGCHLD, SIGALRM);
    struct signalfd_siginfo info;
    int fd, status;
    pid_t pid;

    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, SFD_CLOEXEC);
    pid = fork();
    if (pid == 0) {
        usleep(20000);
        _exit(7);
    }
    EQUAL(read(fd, &info, sizeof(info)), 128);
    EQUAL(info.ssi_signo, SIGCHLD);
    EQUAL(info.ssi_pid, pid);
    EQUAL(info.ssi_status, 7);
    EQUAL(info.ssi_code, CLD_EXITED);
    waitpid(pid, &status, 0);
    alarm(1); /* sent by an interrupt */
    EQUAL(read(fd, &info, sizeof(info)), 128);
    EQUAL(info.ssi_signo, SIGALRM);
    close(fd);
}

/* A timer's signal by signalfd has its overruns. */
static void test_signalfd_timer(void)
{
    sigset_t set = set_of(SIGRTMIN + 1, SIGRTMIN + 1);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGRTMIN + 1,
                             .sigev_value.sival_int = 31};
    struct itimerspec s = spec(MS, MS);
    struct signalfd_siginfo info;
    timer_t timer;
    int fd;

    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, 0);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &s, NULL);
    usleep(20000);
    EQUAL(read(fd, &info, sizeof(info)), 128);
    EQUAL(info.ssi_code, SI_TIMER);
    EQUAL(info.ssi_int, 31);
    EQUAL(info.ssi_tid, (int)timer);
    CHECK(info.ssi_overrun >= 18);
    timer_delete(timer);
    close(fd);
}

/* The inode is no way to a second file. */
static void test_reopen(void)
{
    int fds[] = {eventfd(0, 0), timerfd_create(CLOCK_MONOTONIC, 0)};
    char path[40];
    struct stat st;

    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
        FAILS(open(path, O_RDONLY), ENXIO);
        EQUAL(fstat(fds[i], &st), 0);
        EQUAL(st.st_mode & S_IFMT, 0);
        close(fds[i]);
    }
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_eventfd();
    test_semaphore();
    test_eventfd_sleep();
    test_timerfd(CLOCK_MONOTONIC);
    test_timerfd(CLOCK_REALTIME);
    test_timerfd_blocks();
    test_timerfd_bad();
    test_signalfd();
    test_signalfd_sleeps();
    test_signalfd_timer();
    test_reopen();
    return tap_done();
}
