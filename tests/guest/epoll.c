/*
 * epoll: level and edge triggering, one-shot, sets in sets, circles, files that
 * go while they are watched, waiting in several processes, bad arguments.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#include <cairn/syscall.h>

static int change(int ep, int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)fd};

    return epoll_ctl(ep, operation, fd, &event);
}

static int add(int ep, int fd, uint32_t events)
{
    return change(ep, EPOLL_CTL_ADD, fd, events);
}

/* The events of the only descriptor that has some, or -1, -2 ... */
static int ask(int ep, int fd, int timeout)
{
    struct epoll_event events[4];
    int n = epoll_wait(ep, events, 4, timeout);

    if (n == 0)
        return 0;
    if (n != 1 || events[0].data.u64 != (uint64_t)fd)
        return -n;
    return (int)events[0].events;
}

static void put(int fd)
{
    if (write(fd, "x", 1) != 1)
        perror("write");
}

static void take(int fd)
{
    char byte;

    if (read(fd, &byte, 1) != 1)
        perror("read");
}

/* ---- triggering ---- */

static void test_level(int ep, const int p[2])
{
    EQUAL(add(ep, p[0], EPOLLIN), 0);
    EQUAL(ask(ep, p[0], 0), 0);
    put(p[1]);
    EQUAL(ask(ep, p[0], 0), EPOLLIN);
    EQUAL(ask(ep, p[0], -1), EPOLLIN);
    take(p[0]);
    EQUAL(ask(ep, p[0], 0), 0);
    EQUAL(change(ep, EPOLL_CTL_DEL, p[0], 0), 0);
}

static void test_edge(int ep, const int p[2])
{
    EQUAL(add(ep, p[0], EPOLLIN | EPOLLET), 0);
    EQUAL(ask(ep, p[0], 0), 0);
    put(p[1]);
    EQUAL(ask(ep, p[0], 0), EPOLLIN);
    EQUAL(ask(ep, p[0], 0), 0); /* though it is still there */
    put(p[1]);
    EQUAL(ask(ep, p[0], 0), EPOLLIN);
    EQUAL(ask(ep, p[0], 0), 0);
    take(p[0]);
    EQUAL(ask(ep, p[0], 0), 0);
    /* A change tells again. */
    EQUAL(change(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET), 0);
    EQUAL(ask(ep, p[0], 0), EPOLLIN);
    EQUAL(ask(ep, p[0], 0), 0);
    take(p[0]);
    EQUAL(change(ep, EPOLL_CTL_DEL, p[0], 0), 0);
}

static void test_oneshot(int ep, const int p[2])
{
    EQUAL(add(ep, p[0], EPOLLIN | EPOLLONESHOT), 0);
    put(p[1]);
    EQUAL(ask(ep, p[0], 0), EPOLLIN);
    EQUAL(ask(ep, p[0], 0), 0);
    put(p[1]);
    EQUAL(ask(ep, p[0], 0), 0);
    EQUAL(change(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT), 0);
    EQUAL(ask(ep, p[0], 0), EPOLLIN);
    take(p[0]);
    take(p[0]);
    EQUAL(change(ep, EPOLL_CTL_DEL, p[0], 0), 0);
}

/* Errors and hang-ups are told without being asked for. */
static void test_hangup(void)
{
    int ep = epoll_create1(EPOLL_CLOEXEC), p[2];

    EQUAL(fcntl(ep, F_GETFD), FD_CLOEXEC);
    EQUAL(pipe(p), 0);
    EQUAL(add(ep, p[0], 0), 0);
    EQUAL(ask(ep, p[0], 0), 0);
    put(p[1]);
    EQUAL(ask(ep, p[0], 0), 0);
    close(p[1]);
    EQUAL(ask(ep, p[0], 0), EPOLLHUP);
    close(p[0]);
    EQUAL(pipe(p), 0);
    EQUAL(add(ep, p[1], EPOLLOUT), 0);
    close(p[0]);
    EQUAL(ask(ep, p[1], 0), EPOLLOUT | EPOLLERR);
    close(p[1]);
    close(ep);
}

/* ---- several ---- */

/* Each of many is told in its turn, however few are asked for. */
static void test_fair(void)
{
    int ep = epoll_create1(0), fds[20], seen[20] = {0}, n = 0;
    struct epoll_event events[3];

    for (int i = 0; i < 20; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};

        fds[i] = eventfd(1, 0);
        epoll_ctl(ep, EPOLL_CTL_ADD, fds[i], &event);
    }
    for (int round = 0; round < 7; round++) {
        int found = epoll_wait(ep, events, 3, 0);

        for (int i = 0; i < found; i++)
            seen[events[i].data.u32]++;
        n += found;
    }
    EQUAL(n, 21);
    for (int i = 0; i < 20; i++)
        n -= seen[i] >= 1;
    EQUAL(n, 1);
    for (int i = 0; i < 20; i++)
        close(fds[i]);
    EQUAL(epoll_wait(ep, events, 3, 0), 0);
    close(ep);
}

/* One descriptor and its copy are two; the file goes with the last. */
static void test_copies(void)
{
    int ep = epoll_create1(0), fd = eventfd(1, 0), copy = dup(fd);
    struct epoll_event events[4];

    EQUAL(add(ep, fd, EPOLLIN), 0);
    FAILS(add(ep, fd, EPOLLIN), EEXIST);
    EQUAL(add(ep, copy, EPOLLIN), 0);
    EQUAL(epoll_wait(ep, events, 4, 0), 2);
    close(fd);
    EQUAL(epoll_wait(ep, events, 4, 0), 2); /* the file is still open */
    close(copy);
    EQUAL(epoll_wait(ep, events, 4, 0), 0);
    /* The number again, for another file. */
    fd = eventfd(0, 0);
    EQUAL(add(ep, fd, EPOLLIN), 0);
    close(fd);
    close(ep);
}

/* ---- sets in sets ---- */

static void test_nested(void)
{
    int top = epoll_create1(0), middle = epoll_create1(0), fd = eventfd(0, 0);
    struct pollfd p = {top, POLLIN, 0};

    EQUAL(add(top, middle, EPOLLIN), 0);
    EQUAL(add(middle, fd, EPOLLIN), 0);
    EQUAL(ask(top, middle, 0), 0);
    EQUAL(poll(&p, 1, 0), 0);
    eventfd_write(fd, 1);
    EQUAL(poll(&p, 1, 0), 1);
    EQUAL(ask(top, middle, 0), EPOLLIN);
    EQUAL(ask(middle, fd, 0), EPOLLIN);
    EQUAL(ask(top, middle, 0), EPOLLIN);
    eventfd_read(fd, &(eventfd_t){0});
    EQUAL(ask(top, middle, 0), 0);
    EQUAL(poll(&p, 1, 0), 0);
    close(fd);
    close(middle);
    EQUAL(ask(top, middle, 0), 0);
    close(top);
}

static void test_circles(void)
{
    int a = epoll_create1(0), b = epoll_create1(0), c = epoll_create1(0);
    int chain[8], n = 0;

    FAILS(add(a, a, EPOLLIN), EINVAL);
    EQUAL(add(a, b, EPOLLIN), 0);
    EQUAL(add(b, c, EPOLLIN), 0);
    FAILS(add(c, a, EPOLLIN), ELOOP);
    FAILS(add(b, a, EPOLLIN), ELOOP);
    close(b);
    EQUAL(add(c, a, EPOLLIN), 0);
    close(a);
    close(c);
    for (int i = 0; i < 8; i++)
        chain[i] = epoll_create1(0);
    while (n < 7 && add(chain[n], chain[n + 1], EPOLLIN) == 0)
        n++;
    EQUAL(errno, ELOOP);
    CHECK(n >= 3 && n <= 5);
    for (int i = 0; i < 8; i++)
        close(chain[i]);
}

/* ---- waiting ---- */

static long long now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void test_timeouts(void)
{
    int ep = epoll_create1(0);
    struct timespec span = {0, 5000000}, none = {0, 0};
    struct epoll_event event;
    long long begin = now();
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec s = {.it_value = {0, 5000000}};

    EQUAL(epoll_wait(ep, &event, 1, 5), 0);
    CHECK(now() - begin >= 5000000);
    begin = now();
    EQUAL(epoll_pwait2(ep, &event, 1, &span, NULL), 0);
    CHECK(now() - begin >= 5000000);
    EQUAL(epoll_pwait2(ep, &event, 1, &none, NULL), 0);
    add(ep, fd, EPOLLIN);
    timerfd_settime(fd, 0, &s, NULL);
    EQUAL(ask(ep, fd, -1), EPOLLIN);
    span.tv_nsec = -1;
    FAILS(epoll_pwait2(ep, &event, 1, &span, NULL), EINVAL);
    close(fd);
    close(ep);
}

static void on_alarm(int signo)
{
    (void)signo;
}

/* A signal ends the wait, also one that only the call lets through. */
static void test_signals(void)
{
    int ep = epoll_create1(0);
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval soon = {.it_value = {0, 5000}, .it_interval = {0, 5000}};
    struct epoll_event event;
    sigset_t alarm_only, before;

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    FAILS(epoll_wait(ep, &event, 1, -1), EINTR);
    soon = (struct itimerval){.it_value = {0, 0}};
    setitimer(ITIMER_REAL, &soon, NULL);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_only, &before);
    raise(SIGALRM);
    EQUAL(epoll_wait(ep, &event, 1, 5), 0);
    FAILS(epoll_pwait(ep, &event, 1, -1, &before), EINTR);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ep);
}

/* A signalfd in a set. */
static void test_signalfd(void)
{
    int ep = epoll_create1(0), fd;
    struct signalfd_siginfo info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fd = signalfd(-1, &set, 0);
    EQUAL(add(ep, fd, EPOLLIN | EPOLLET), 0);
    EQUAL(ask(ep, fd, 0), 0);
    raise(SIGUSR1);
    EQUAL(ask(ep, fd, 0), EPOLLIN);
    EQUAL(ask(ep, fd, 0), 0);
    EQUAL(read(fd, &info, sizeof(info)), 128);
    raise(SIGUSR1);
    EQUAL(ask(ep, fd, 0), EPOLLIN);
    EQUAL(read(fd, &info, sizeof(info)), 128);
    /* The set outlives who was watched by it. */
    if (fork() == 0) {
        int mine = signalfd(-1, &set, 0);

        add(ep, mine, EPOLLIN);
        _exit(0);
    }
    wait(NULL);
    raise(SIGUSR1);
    EQUAL(ask(ep, fd, 0), EPOLLIN);
    close(fd);
    close(ep);
}

/* Five processes wait for one set: each of five events finds one of them. */
static void test_many_waiters(void)
{
    int ep = epoll_create1(0), fd = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK);
    int n = 0, status;

    add(ep, fd, EPOLLIN);
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            eventfd_t value;
            int tries = 0;

            do
                if (ask(ep, fd, 10000) != EPOLLIN || ++tries > 1000)
                    _exit(0);
            while (eventfd_read(fd, &value) != 0);
            _exit(1);
        }
    usleep(20000);
    for (int i = 0; i < 5; i++)
        eventfd_write(fd, 1);
    while (wait(&status) > 0)
        n += WEXITSTATUS(status);
    EQUAL(n, 5);
    close(fd);
    close(ep);
}

/* ---- bad arguments ---- */

static void test_bad(void)
{
    int ep = epoll_create1(0), fd = eventfd(1, 0);
    int file = open("/proc/self/exe", O_RDONLY), folder = open("/", O_RDONLY);
    struct epoll_event event = {.events = EPOLLIN};

    FAILS(epoll_create(0), EINVAL);
    FAILS(epoll_create(-1), EINVAL);
    FAILS(epoll_create1(1), EINVAL);
    close(epoll_create(1));
    FAILS(add(ep, file, EPOLLIN), EPERM);
    FAILS(add(ep, folder, EPOLLIN), EPERM);
    FAILS(add(ep, 999, EPOLLIN), EBADF);
    FAILS(add(999, fd, EPOLLIN), EBADF);
    FAILS(add(fd, ep, EPOLLIN), EINVAL);
    FAILS(change(ep, EPOLL_CTL_MOD, fd, EPOLLIN), ENOENT);
    FAILS(change(ep, EPOLL_CTL_DEL, fd, 0), ENOENT);
    FAILS(change(ep, 17, fd, EPOLLIN), EINVAL);
    FAILS(epoll_ctl(ep, EPOLL_CTL_ADD, fd, (void *)8), EFAULT);
    EQUAL(add(ep, fd, EPOLLIN), 0);
    FAILS(epoll_wait(ep, &event, 0, 0), EINVAL);
    FAILS(epoll_wait(ep, &event, -1, 0), EINVAL);
    FAILS(epoll_wait(fd, &event, 1, 0), EINVAL);
    FAILS(epoll_wait(999, &event, 1, 0), EBADF);
    FAILS(epoll_wait(ep, (void *)8, 1, 0), EFAULT);
    EQUAL(epoll_wait(ep, &event, 1, 0), 1); /* nothing was lost */
    EQUAL(change(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET), 0);
    FAILS(epoll_wait(ep, (void *)8, 1, 0), EFAULT);
    EQUAL(epoll_wait(ep, &event, 1, 0), 1);
    FAILS(change(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLEXCLUSIVE), EINVAL);
    FAILS(syscall(__NR_epoll_pwait, ep, &event, 1, 0, &event, 4), EINVAL);
    EQUAL(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL), 0);
    close(fd);
    close(file);
    close(folder);
    close(ep);
}

int main(void)
{
    int ep = epoll_create1(0), p[2];

    setvbuf(stdout, NULL, _IOLBF, 0);
    EQUAL(pipe(p), 0);
    test_level(ep, p);
    test_edge(ep, p);
    test_oneshot(ep, p);
    test_hangup();
    test_fair();
    test_copies();
    test_nested();
    test_circles();
    test_timeouts();
    test_signals();
    test_signalfd();
    test_many_waiters();
    test_bad();
    return tap_done();
}
