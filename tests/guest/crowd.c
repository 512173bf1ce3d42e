/*
 * Signals and questions for more processes than the kernel visits at once
 * (kernel/proc/visit.c): each is visited, and none gets away by a fork.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define CROWD   200
#define BOMBERS 80
#define ROUNDS  5

static int terminal[2] = {-1, -1}; /* which a crowd does not keep open */

static void sleep_for_ever(void)
{
    close(terminal[0]);
    close(terminal[1]);
    for (;;)
        pause();
}

/* The oldest child forks too, and so do its children. */
static void fork_for_ever(void)
{
    for (;;) {
        pid_t pid = fork();

        if (pid > 0)
            waitpid(pid, NULL, WNOHANG);
        else if (pid < 0)
            usleep(1000);
    }
}

static pid_t crowd(int n, void (*call)(void))
{
    pid_t group = 0, pid;

    for (int i = 0; i < n; i++) {
        pid = fork();
        if (pid == 0) {
            setpgid(0, group);
            call();
            _exit(0);
        }
        if (pid < 0)
            break;
        setpgid(pid, group);
        if (group == 0)
            group = pid;
    }
    return group;
}

/* How many children end by `signo`; all are waited for. */
static int reap(int signo)
{
    int status, n = 0;

    while (wait(&status) > 0)
        n += WIFSIGNALED(status) && WTERMSIG(status) == signo;
    return n;
}

static void test_kill(void)
{
    pid_t group = crowd(CROWD, sleep_for_ever);

    CHECK(kill(-group, 0) == 0);
    CHECK(kill(-group, SIGTERM) == 0);
    EQUAL(reap(SIGTERM), CROWD);
    CHECK(kill(-group, 0) == -1 && errno == ESRCH);
}

static int same_nice(pid_t group, int nice)
{
    errno = 0;
    return getpriority(PRIO_PGRP, (id_t)group) == nice && errno == 0;
}

static void test_priority(void)
{
    pid_t group = crowd(CROWD, sleep_for_ever);

    CHECK(setpriority(PRIO_PGRP, (id_t)group, 7) == 0);
    CHECK(same_nice(group, 7)); /* the best of all */
    CHECK(getpriority(PRIO_PROCESS, (id_t)group) == 7);
    CHECK(kill(-group, SIGKILL) == 0);
    EQUAL(reap(SIGKILL), CROWD);
}

/* Children of one that is no parent of ours. */
static void test_wait(void)
{
    int fds[2], status;
    pid_t pid, group = 0;

    CHECK(pipe(fds) == 0);
    pid = fork();
    if (pid == 0) {
        group = crowd(CROWD, sleep_for_ever);
        (void)!write(fds[1], &group, sizeof(group));
        sleep_for_ever();
    }
    CHECK(read(fds[0], &group, sizeof(group)) == sizeof(group));
    CHECK(waitpid(-group, &status, WNOHANG) == -1 && errno == ECHILD);
    CHECK(waitpid(-getpgrp(), &status, WNOHANG) == 0);
    CHECK(kill(-group, SIGKILL) == 0);
    CHECK(kill(pid, SIGKILL) == 0);
    EQUAL(reap(SIGKILL), 1);
    close(fds[0]);
    close(fds[1]);
}

/* A process of the group is left, perhaps as a zombie that pid 1 will reap. */
static int is_gone(pid_t whom)
{
    for (int i = 0; i < 2000; i++) {
        if (kill(whom, 0) == -1) /* EPERM: there are others */
            return 1;
        usleep(5000);
    }
    return 0;
}

static void test_bomb(int all)
{
    struct rlimit most = {400, 400};
    int status;
    pid_t pid = fork(), group;

    if (pid == 0) {
        setsid();
        (void)setuid(1000);
        setrlimit(RLIMIT_NPROC, &most);
        group = crowd(BOMBERS, fork_for_ever);
        if (group == 0)
            _exit(2);
        usleep(20000);
        kill(all ? -1 : -group, SIGKILL);
        while (wait(NULL) > 0)
            continue;
        _exit(is_gone(all ? -1 : -group) ? 0 : 3);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    EQUAL(status, 0);
}

static void open_terminal(void)
{
    int unlock = 0, number, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    char name[32];

    ioctl(fd, TIOCSPTLCK, &unlock);
    ioctl(fd, TIOCGPTN, &number);
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    terminal[0] = fd;
    terminal[1] = open(name, O_RDWR | O_NOCTTY);
}

/* The key's signal comes where interrupts are off; then the terminal goes. */
static int press_and_close(void)
{
    pid_t group;

    setsid();
    signal(SIGTTOU, SIG_IGN);
    open_terminal();
    ioctl(terminal[1], TIOCSCTTY, 0);
    group = crowd(CROWD, sleep_for_ever);
    if (tcsetpgrp(terminal[1], group) != 0 || write(terminal[0], "\3", 1) != 1)
        return 1;
    if (reap(SIGINT) != CROWD)
        return 2;
    group = crowd(CROWD, sleep_for_ever);
    if (tcsetpgrp(terminal[1], group) != 0)
        return 3;
    signal(SIGHUP, SIG_IGN);
    close(terminal[1]);
    close(terminal[0]);
    return reap(SIGHUP) == CROWD ? 0 : 4;
}

static void test_key(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(press_and_close());
    CHECK(waitpid(pid, &status, 0) == pid);
    EQUAL(status, 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_kill();
    test_priority();
    test_wait();
    for (int i = 0; i < ROUNDS; i++) {
        test_bomb(0);
        test_bomb(1);
    }
    test_key();
    return tap_done();
}
