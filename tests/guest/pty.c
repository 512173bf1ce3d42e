/*
 * Pseudo-terminals: the pair, its line discipline, window size, signals and
 * job control, both ways of closing, and that all of it comes back.
 *
 * test: linux
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"

static int master, slave;
static char name[40];

static int open_master(void)
{
    int number = -1, unlock = 0;
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

    if (fd < 0 || ioctl(fd, TIOCGPTN, &number) < 0)
        return -1;
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    if (ioctl(fd, TIOCSPTLCK, &unlock) < 0)
        return -1;
    return fd;
}

static void open_pair(void)
{
    master = open_master();
    slave = open(name, O_RDWR | O_NOCTTY);
}

static void close_pair(void)
{
    close(slave);
    close(master);
}

/* What can be read within a moment, as a string. */
static const char *get(int fd)
{
    static char buf[5000];
    struct pollfd p = {fd, POLLIN, 0};
    size_t n = 0;

    while (n < sizeof(buf) - 1 && poll(&p, 1, 50) == 1) {
        ssize_t got = read(fd, buf + n, sizeof(buf) - 1 - n);

        if (got <= 0)
            break;
        n += got;
    }
    buf[n] = '\0';
    return buf;
}

static void put(int fd, const char *s)
{
    EQUAL(write(fd, s, strlen(s)), (ssize_t)strlen(s));
}

#define SAYS(fd, text) EQUAL(strcmp(get(fd), text), 0)

static void test_pair(void)
{
    int unlock = 0, fd;

    fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    CHECK(fd >= 0);
    EQUAL(ioctl(fd, TIOCGPTN, &unlock), 0);
    snprintf(name, sizeof(name), "/dev/pts/%d", unlock);
    FAILS(open(name, O_RDWR | O_NOCTTY), EIO);
    close(fd);
    FAILS(open(name, O_RDWR | O_NOCTTY), ENOENT);
    open_pair();
    CHECK(master >= 0);
    CHECK(slave >= 0);
    EQUAL(isatty(master), 1);
    EQUAL(isatty(slave), 1);
    close_pair();
}

static void test_lines(void)
{
    open_pair();
    put(slave, "to the master\n");
    SAYS(master, "to the master\r\n");
    put(master, "to the slabe\b\177\177ve\r");
    SAYS(slave, "to the slabve\n");
    CHECK(strncmp(get(master), "to the slabe", 12) == 0);
    put(master, "no end");
    SAYS(slave, "");
    put(master, "\004");
    SAYS(slave, "no end");
    put(master, "a\nb\n");
    SAYS(slave, "a\nb\n");
    close_pair();
}

static void test_raw(void)
{
    struct termios t;
    int n = -1;

    open_pair();
    EQUAL(tcgetattr(master, &t), 0);
    EQUAL(tcgetattr(slave, &t), 0);
    CHECK(t.c_lflag & ICANON);
    t.c_lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
    t.c_iflag &= ~(ICRNL | IXON | ISTRIP);
    t.c_oflag &= ~OPOST;
    EQUAL(tcsetattr(slave, TCSANOW, &t), 0);
    put(master, "\001\003\r\023\021x");
    usleep(10000); /* Linux takes its time */
    EQUAL(ioctl(slave, FIONREAD, &n), 0);
    EQUAL(n, 6);
    SAYS(slave, "\001\003\r\023\021x");
    put(slave, "\n\t");
    SAYS(master, "\n\t");
    put(master, "lost");
    EQUAL(tcflush(slave, TCIFLUSH), 0);
    SAYS(slave, "");
    close_pair();
}

static volatile sig_atomic_t winch;

static void on_winch(int signo)
{
    winch = signo;
}

/* A child with the terminal as its own; it obeys `order`. */
static int start_session(const char *order)
{
    int pid = fork();

    if (pid != 0)
        return pid;
    close(master);
    if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
        _exit(100);
    if (tcgetpgrp(slave) != getpgrp() || open("/dev/tty", O_RDWR) < 0)
        _exit(101);
    signal(SIGWINCH, on_winch);
    write(slave, "up\n", 3);
    if (strcmp(order, "winch") == 0) {
        while (!winch)
            usleep(1000);
        _exit(42);
    }
    for (;;)
        pause();
}

static int status_of(int pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    return status;
}

static void wait_for_up(void)
{
    char buf[4];

    EQUAL(read(master, buf, 4), 4);
}

static void test_sessions(void)
{
    struct winsize size = {30, 100, 0, 0}, got = {0, 0, 0, 0};
    int pid, status;

    open_pair();
    pid = start_session("winch");
    wait_for_up();
    EQUAL(ioctl(master, TIOCSWINSZ, &size), 0);
    status = status_of(pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    EQUAL(ioctl(slave, TIOCGWINSZ, &got), 0);
    CHECK(got.ws_row == 30 && got.ws_col == 100);
    close_pair();

    open_pair();
    pid = start_session("wait");
    wait_for_up();
    put(master, "\003");
    status = status_of(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
    close_pair();

    open_pair();
    pid = start_session("wait");
    wait_for_up();
    close_pair();
    status = status_of(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

static void test_closing(void)
{
    struct pollfd p;
    char c;

    open_pair();
    put(slave, "last words");
    close(slave);
    SAYS(master, "last words");
    p = (struct pollfd){master, POLLIN, 0};
    EQUAL(poll(&p, 1, 0), 1);
    CHECK(p.revents & POLLHUP);
    FAILS(read(master, &c, 1), EIO);
    slave = open(name, O_RDWR | O_NOCTTY);
    put(slave, "x");
    EQUAL(read(master, &c, 1), 1);
    close(master);
    EQUAL(read(slave, &c, 1), 0);
    FAILS(write(slave, &c, 1), EIO);
    p = (struct pollfd){slave, POLLIN, 0};
    EQUAL(poll(&p, 1, 0), 1);
    CHECK(p.revents & POLLHUP);
    close(slave);
}

static void test_bulk(void)
{
    unsigned sent = 0, got = 0;
    char buf[1000];
    int pid;

    open_pair();
    pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 200; i++) {
            memset(buf, 'a' + i % 26, sizeof(buf));
            if (write(slave, buf, sizeof(buf)) != sizeof(buf))
                _exit(1);
        }
        _exit(0);
    }
    close(slave);
    for (;;) {
        ssize_t n = read(master, buf, sizeof(buf));

        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            sent += buf[i] == (char)('a' + (got + i) / 1000 % 26);
        got += n;
    }
    EQUAL(got, 200000);
    EQUAL(sent, 200000);
    EQUAL(status_of(pid), 0);
    close(master);
}

/* What the master has not read does not hold up the terminal's user. */
static void test_drain(void)
{
    struct pollfd typed;
    struct termios mode;

    open_pair();
    typed = (struct pollfd){.fd = slave, .events = POLLIN};
    put(slave, "not read");
    EQUAL(tcdrain(slave), 0);
    EQUAL(tcgetattr(slave, &mode), 0);
    EQUAL(tcsetattr(slave, TCSADRAIN, &mode), 0);
    put(master, "typed\n");
    CHECK(poll(&typed, 1, 10000) == 1); /* Linux hands it over later */
    EQUAL(tcsetattr(slave, TCSAFLUSH, &mode), 0);
    SAYS(slave, "");
    CHECK(strncmp(get(master), "not read", 8) == 0);
    close_pair();
}

static void test_again_and_again(void)
{
    int bad = 0;

    for (int i = 0; i < 300; i++) {
        open_pair();
        bad += master < 0 || slave < 0;
        close_pair();
    }
    EQUAL(bad, 0);
}

int main(void)
{
    if (access("/dev/ptmx", R_OK | W_OK) != 0 || (master = open_master()) < 0)
        return puts("1..0 # SKIP no pseudo-terminals here"), 0;
    close(master);
    test_pair();
    test_lines();
    test_raw();
    test_sessions();
    test_closing();
    test_bulk();
    test_drain();
    test_again_and_again();
    return tap_done();
}
