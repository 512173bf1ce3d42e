"""SIGKILL ends a program that waits for the host, whatever keeps the host."""
import subprocess

import pytest

import run

# A child writes to a stdout that nobody takes, another one then waits for the
# host; it is killed, and how long it lived on is told when stdout is read.
SOURCE = r"""
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
static pid_t start(const char *what)
{
    static char text[65536];
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    memset(text, '.', sizeof(text));
    for (;;)
        if (strcmp(what, "poll") == 0) {
            struct pollfd p = {0, POLLIN, 0};
            poll(&p, 1, 0);
        } else if (write(1, text, sizeof(text)) < 0) {
            _exit(1);
        }
}
int main(int argc, char **argv)
{
    pid_t writer = start("write"), other;
    long begin;
    (void)argc;
    usleep(700000);
    other = start(argv[1]);
    usleep(300000);
    begin = now();
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    begin = now() - begin;
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    printf("\nkilled in %ld ms\n", begin);
    return 0;
}
"""


@pytest.mark.parametrize("what", ["poll", "write"])
def test_a_program_that_waits_for_the_host_dies(build, what):
    process = run.start(build("killed", SOURCE), what, stdin=None)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=4)  # nobody takes what it writes
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    told = out.split(b"killed in ")[1].split()[0]
    assert int(told) < 1500
