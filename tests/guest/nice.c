/*
 * Nice values: one's own, a child's, a group's; who may change what; and that
 * the favoured of two busy processes gets more of the processor.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

/* A child that waits to be killed, in a group of its own, or works. */
static pid_t start(int nice_value, int works)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    setpgid(0, 0);
    setpriority(PRIO_PROCESS, 0, nice_value);
    for (;;) {
        if (!works)
            pause();
    }
}

/* Microseconds of the processor that a child had until it was killed. */
static long end(pid_t pid)
{
    struct rusage usage;

    kill(pid, SIGKILL);
    wait4(pid, NULL, 0, &usage);
    return usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec;
}

static int stat_field(int wanted)
{
    char text[512];
    FILE *file = fopen("/proc/self/stat", "r");
    size_t n = fread(text, 1, sizeof(text) - 1, file);
    char *at;

    fclose(file);
    text[n] = '\0';
    at = strrchr(text, ')') + 1;
    for (int field = 3; field < wanted; field++)
        at = strchr(at + 1, ' ');
    return atoi(at);
}

static void test_own(void)
{
    EQUAL(getpriority(PRIO_PROCESS, 0), 0);
    EQUAL(nice(3), 3);
    EQUAL(getpriority(PRIO_PROCESS, getpid()), 3);
    EQUAL(stat_field(19), 3);
    EQUAL(stat_field(18), 23);
    EQUAL(nice(0x7fffffff), 19);
    EQUAL(setpriority(PRIO_PROCESS, 0, 0), 0);
    errno = 0;
    EQUAL(nice(-1), -1);
    EQUAL(errno, 0);
    EQUAL(setpriority(PRIO_PROCESS, 0, -1000), 0);
    EQUAL(getpriority(PRIO_PROCESS, 0), -20);
    EQUAL(setpriority(PRIO_PROCESS, 0, 0), 0);
    FAILS(getpriority(3, 0), EINVAL);
    FAILS(setpriority(-1, 0, 0), EINVAL);
    FAILS(getpriority(PRIO_PROCESS, 0x7ffffff), ESRCH);
    FAILS(setpriority(PRIO_PGRP, 0x7ffffff, 0), ESRCH);
}

static void test_others(void)
{
    pid_t child = start(7, 0);

    while (getpriority(PRIO_PROCESS, child) != 7)
        usleep(1000);
    EQUAL(getpriority(PRIO_PGRP, child), 7);
    EQUAL(getpriority(PRIO_PROCESS, 0), 0);
    EQUAL(setpriority(PRIO_PGRP, child, 9), 0);
    EQUAL(getpriority(PRIO_PROCESS, child), 9);
    if (fork() == 0) {
        setuid(65534);
        errno = 0;
        if (setpriority(PRIO_PROCESS, child, 15) != -1 || errno != EPERM)
            _exit(1);
        if (nice(2) != 2 || nice(-1) != -1 || errno != EPERM)
            _exit(2);
        if (setpriority(PRIO_PROCESS, 0, 1) != -1 || errno != EACCES)
            _exit(3);
        _exit(getpriority(PRIO_PROCESS, 0));
    }
    int status;

    wait(&status);
    EQUAL(WEXITSTATUS(status), 2);
    end(child);
}

/* Only on one processor do two processes stand in each other's way. */
static void test_effect(void)
{
    pid_t dear, cheap;
    long much, little;

    if (!is_cairn())
        return;
    dear = start(0, 1);
    cheap = start(19, 1);
    usleep(1000000);
    much = end(dear);
    little = end(cheap);
    CHECK(much > 2 * little && little > 0);
    printf("# %ld and %ld microseconds\n", much, little);
}

/* Root may be without the right to favour itself, as in a container. */
static int may_favour(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        _exit(setpriority(PRIO_PROCESS, 0, -1) == 0 ? 0 : 1);
    waitpid(pid, &status, 0);
    return getuid() == 0 && status == 0;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!is_cairn() && !may_favour()) {
        tap_skip("nice values", "no right to lower them here");
        return tap_done();
    }
    test_own();
    test_others();
    test_effect();
    return tap_done();
}
