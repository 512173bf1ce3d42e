/*
 * Many short lives: fork, exec, exit and wait again and again, pipelines of
 * five processes, and a flood of signals. Afterwards everything is back: the
 * kernel compares its own counts when this program ends, and here frames, pids
 * and descriptors are compared.
 *
 * test: timeout=900
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static unsigned long free_bytes(void)
{
    struct sysinfo info;

    if (sysinfo(&info) != 0)
        return 0;
    return info.freeram;
}

static int lowest_fd(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

/* One child that execs; true if it ended as it should. */
static int exec_once(char *self, int by_vfork)
{
    char *argv[] = {self, "leaf", NULL}, *envp[] = {NULL};
    pid_t pid = by_vfork ? vfork() : fork();
    int status;

    if (pid == 0) {
        execve("/proc/self/exe", argv, envp);
        _exit(1);
    }
    return waitpid(pid, &status, 0) == pid && status == 7 << 8;
}

static void test_exec(char *self, unsigned long rounds)
{
    unsigned long bad = 0;

    for (unsigned long i = 0; i < rounds; i++)
        bad += !exec_once(self, i % 8 == 0);
    EQUAL(bad, 0);
}

/* Five processes in a row, each handing bytes on with one added. */
static int pipeline(void)
{
    int in = -1, ends[2], status, good = 1;
    unsigned char byte = 0;
    pid_t pids[5];

    for (int i = 0; i < 5; i++) {
        if (pipe(ends) != 0)
            return 0;
        pids[i] = fork();
        if (pids[i] == 0) {
            if (in >= 0 && read(in, &byte, 1) != 1)
                _exit(1);
            byte++;
            _exit(write(ends[1], &byte, 1) != 1);
        }
        if (in >= 0)
            close(in);
        close(ends[1]);
        in = ends[0];
    }
    good = read(in, &byte, 1) == 1 && byte == 5;
    close(in);
    for (int i = 0; i < 5; i++)
        good &= waitpid(pids[i], &status, 0) == pids[i] && status == 0;
    return good;
}

static void test_pipelines(unsigned long rounds)
{
    unsigned long bad = 0;

    for (unsigned long i = 0; i < rounds; i++)
        bad += !pipeline();
    EQUAL(bad, 0);
}

#define KEPT_BYTES 65536 /* less than 100 bytes for each process made */

static volatile unsigned long seen;

static void on_signal(int signo)
{
    (void)signo;
    seen++;
}

static void test_signals(unsigned long rounds)
{
    pid_t me = getpid();

    seen = 0;
    signal(SIGUSR1, on_signal);
    for (unsigned long i = 0; i < rounds; i++)
        kill(me, SIGUSR1);
    EQUAL(seen, rounds);
}

/* Signals between two processes, in turn, none lost. */
static void test_ping_pong(unsigned long rounds)
{
    sigset_t set, none;
    pid_t me = getpid(), pid;
    int status, signo;

    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid = fork();
    if (pid == 0) {
        for (unsigned long i = 0; i < rounds; i++) {
            sigwait(&set, &signo);
            kill(me, SIGUSR2);
        }
        _exit(3);
    }
    for (unsigned long i = 0; i < rounds; i++) {
        kill(pid, SIGUSR2);
        sigwait(&set, &signo);
    }
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 3 << 8);
}

static void run_all(char *self, unsigned long scale)
{
    test_exec(self, 20 + 1000 * scale);
    test_pipelines(5 + 100 * scale);
    test_signals(10 + 10000 * scale);
    test_ping_pong(10 + 1000 * scale);
}

int main(int argc, char **argv)
{
    unsigned long before, after;
    int fd = lowest_fd();

    if (argc > 1)
        return 7;
    setvbuf(stdout, NULL, _IOLBF, 0);
    run_all(argv[0], 0); /* what is kept for the next time is there now */
    before = free_bytes();
    run_all(argv[0], getenv("TEST_LONG") ? 100 : 1);
    after = free_bytes();
    /*
     * How many processes there are at once, and so how many pages caches keep,
     * is a matter of chance. What the rounds lost would be more.
     */
    CHECK(after + KEPT_BYTES >= before);
    printf("# %lu bytes free, %lu before\n", after, before);
    EQUAL(lowest_fd(), fd);
    return tap_done();
}
