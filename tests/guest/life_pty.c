/*
 * The node of a pseudo-terminal is of that one alone: when it has gone, no
 * descriptor, O_PATH, link or number leads to the next one that is called the
 * same. And what has /dev/console open when its session ends has nothing.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static char name[40];

/* A master, its terminal unlocked and called `name`; the number in *number. */
static int open_master(int *number)
{
    int unlock = 0, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

    if (fd < 0 || ioctl(fd, TIOCGPTN, number) < 0 ||
        ioctl(fd, TIOCSPTLCK, &unlock) < 0)
        return -1;
    snprintf(name, sizeof(name), "/dev/pts/%d", *number);
    return fd;
}

/* Open again what a descriptor names. */
static int open_again(int fd)
{
    char path[40];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDWR | O_NOCTTY);
}

static void test_reopened(void)
{
    int number, next, slave, place, again, master = open_master(&number);
    struct stat st;

    slave = open(name, O_RDWR | O_NOCTTY);
    place = open(name, O_PATH);
    CHECK(slave >= 0);
    CHECK(place >= 0);
    again = open_again(slave);
    CHECK(again >= 0);
    close(again);
    close(master);
    FAILS(open_again(slave), EIO);
    FAILS(open_again(place), EIO);
    for (int i = 0; i < 3; i++) {
        master = open_master(&next);
        if (is_cairn())
            EQUAL(next, number);
        FAILS(open_again(slave), EIO);
        FAILS(open_again(place), EIO);
        FAILS(write(slave, "x", 1), EIO);
        again = open(name, O_RDWR | O_NOCTTY);
        CHECK(again >= 0);
        EQUAL(fstat(again, &st), 0);
        EQUAL(st.st_rdev & 0xFF, (unsigned)next & 0xFF);
        close(again);
        close(master);
    }
    close(slave);
    close(place);
}

/* Names that outlive the terminal. */
static void test_named(void)
{
    int number, master = open_master(&number), fd, linked;
    struct stat st;
    char link_name[64];

    snprintf(link_name, sizeof(link_name), "/dev/shm/life_pty.%d", getpid());
    linked = link(name, link_name) == 0;
    CHECK(linked || errno == EXDEV || errno == EPERM);
    EQUAL(stat(name, &st), 0);
    if (is_cairn()) {
        EQUAL(mknod("node", S_IFCHR | 0666, st.st_rdev), 0);
        FAILS(open("node", O_RDWR | O_NOCTTY), EIO);
    }
    if (linked) {
        fd = open(link_name, O_RDWR | O_NOCTTY);
        CHECK(fd >= 0);
        close(fd);
    }
    close(master);
    master = open_master(&number);
    if (linked) {
        FAILS(open(link_name, O_RDWR | O_NOCTTY), EIO);
        EQUAL(unlink(link_name), 0);
    }
    if (is_cairn()) {
        FAILS(open("node", O_RDWR | O_NOCTTY), EIO);
        EQUAL(unlink("node"), 0);
    }
    close(master);
}

/* Root puts something else where the name was: it stays. */
static void test_replaced(void)
{
    int number, master = open_master(&number);
    struct stat st;

    EQUAL(unlink(name), 0);
    EQUAL(mkdir(name, 0700), 0);
    close(master);
    EQUAL(stat(name, &st), 0);
    EQUAL(rmdir(name), 0);
}

static void wait_asleep(void)
{
    usleep(20000);
}

/* A child whose session has /dev/console, until a byte comes from `go`. */
static pid_t start_session(int go)
{
    int ready[2];
    pid_t pid;
    char c;

    if (pipe(ready) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        int fd;

        signal(SIGHUP, SIG_IGN);
        if (setsid() < 0 || (fd = open("/dev/console", O_RDWR)) < 0 ||
            tcgetpgrp(fd) != getpid())
            _exit(1);
        if (write(ready[1], "r", 1) != 1 || read(go, &c, 1) < 0)
            _exit(2);
        _exit(0);
    }
    close(ready[1]);
    if (read(ready[0], &c, 1) != 1)
        perror("session");
    close(ready[0]);
    return pid;
}

static int status_of(pid_t pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return status;
}

/*
 * What a dead descriptor does: 0 if all is as it must be. What it writes comes
 * out until a session begins.
 */
static int is_alive(int fd, int session)
{
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    struct termios t;
    int pgrp, n;
    char c;

    if (read(fd, &c, 1) != 0)
        return 1;
    if (write(fd, "x", 1) != (session ? -1 : 1) || (session && errno != EIO))
        return 2;
    if (tcgetattr(fd, &t) != -1 || errno != EIO)
        return 3;
    if (ioctl(fd, TIOCGPGRP, &pgrp) != -1 || ioctl(fd, FIONREAD, &n) != -1)
        return 4;
    if (ioctl(fd, TIOCSCTTY, 0) != -1)
        return 5;
    if (poll(&p, 1, 0) != 1 || !(p.revents & POLLHUP))
        return 6;
    return 0;
}

static void test_console(void)
{
    int go[2], fd, before = open("/dev/console", O_RDWR | O_NOCTTY);
    pid_t leader, sleeper;
    struct termios t;

    CHECK(before >= 0);
    EQUAL(pipe(go), 0);
    leader = start_session(go[0]);
    /* One that has it open beforehand and sleeps in a read of it. */
    sleeper = fork();
    if (sleeper == 0) {
        char c;

        close(go[1]);
        _exit(read(before, &c, 1) != 0 ? 10 : is_alive(before, 0));
    }
    wait_asleep();
    EQUAL(tcgetattr(before, &t), 0);
    EQUAL(write(go[1], "g", 1), 1);
    EQUAL(status_of(leader), 0);
    EQUAL(status_of(sleeper), 0);
    EQUAL(is_alive(before, 0), 0);
    /* The next session has it, and the old descriptor is as dead as before. */
    leader = start_session(go[0]);
    EQUAL(is_alive(before, 1), 0);
    fd = open("/dev/console", O_RDWR | O_NOCTTY);
    CHECK(fd >= 0);
    EQUAL(tcgetattr(fd, &t), 0);
    close(fd);
    fd = open_again(before);
    CHECK(fd >= 0); /* root may */
    close(fd);
    EQUAL(write(go[1], "g", 1), 1);
    EQUAL(status_of(leader), 0);
    close(before);
    close(go[0]), close(go[1]);
}

/* /dev holds what comes and goes: it cannot be taken away. */
static void test_devfs_stays(void)
{
    int number, master;

    FAILS(umount("/dev"), EBUSY);
    master = open_master(&number);
    CHECK(master >= 0);
    FAILS(umount("/dev"), EBUSY);
    close(master);
}

int main(void)
{
    scratch_enter("life_pty");
    alarm(100);
    test_reopened();
    test_named();
    if (is_cairn()) {
        test_replaced();
        test_console();
        test_devfs_stays();
    }
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
