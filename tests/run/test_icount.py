"""cairn-run --icount: the same run again, to the instruction."""
import re

import pytest

from run import cairn_run

SOURCE = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t nsignals;

static void on_signal(int signo)
{
    (void)signo;
    nsignals++;
}

int main(void)
{
    struct timespec now;
    unsigned chance;
    int ends[2], pid;
    char c;

    getrandom(&chance, sizeof(chance), 0);
    clock_gettime(CLOCK_REALTIME, &now);
    printf("%u %ld.%09ld %p\n", chance, (long)now.tv_sec, now.tv_nsec,
           malloc(10));
    fflush(stdout);
    signal(SIGUSR1, on_signal);
    pipe(ends);
    pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 5; i++) {
            usleep(1000);
            kill(getppid(), SIGUSR1);
            write(ends[1], "x", 1);
        }
        _exit(0);
    }
    close(ends[1]);
    while (read(0, &c, 1) == 1)
        putchar(c);
    while (read(ends[0], &c, 1) == 1)
        putchar(c);
    wait(NULL);
    printf(" %d signals\n", (int)nsignals);
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(build):
    return build("repeats", SOURCE)


def run(program, tmp_path, *options):
    """Output, messages and trace."""
    trace = tmp_path / "trace"
    result = cairn_run("--stats", f"--strace={trace}", "-r", "--syscall-times",
                       *options, program, input=b"piped\ninput\n")
    assert result.returncode == 0, result.stderr
    return result.stdout, result.stderr, trace.read_text()


def test_the_same_again(program, tmp_path):
    """Two processes, signals, sleeps, a pipe: nothing differs."""
    first = run(program, tmp_path, "--icount", "--seed", "1")
    assert b"piped\ninput\nxxxxx 5 signals\n" in first[0]
    assert first[2].count("--- SIGUSR1") == 5
    for _ in range(3):
        assert run(program, tmp_path, "--icount", "--seed", "1") == first


def test_seed(program, tmp_path):
    one = run(program, tmp_path, "--seed", "1")[0].split()
    two = run(program, tmp_path, "--seed", "2")[0].split()
    assert one[0] != two[0]  # chance
    assert one[2] != two[2]  # addresses
    assert one[1][:10] == two[1][:10] == b"1767225600"  # the clock


def test_stats(build):
    program = build("works", r"""
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    volatile int n = 0;
    char *p = malloc(400000);
    for (int i = 0; i < 400000; i += 4096)
        p[i] = 1;
    for (int i = 0; i < (argc > 1 ? 2000000 : 1000000); i++)
        n = i;
    usleep(100000);
    return 0;
}""")

    def stats(*args):
        text = cairn_run("--icount", "--stats", program, *args).stderr.decode()
        match = re.match(r"cairn-run: (\d+) instructions, (\d+) of them in "
                         r"system calls\ncairn-run: (\d+) page faults, at most "
                         r"(\d+) KiB of pages and page tables\n$", text)
        assert match, text
        return [int(n) for n in match.groups()]

    once, twice = stats(), stats("x")
    assert once == stats()
    assert 1_000_000 < once[0] < 20_000_000  # sleep is not counted
    assert 1_000_000 <= twice[0] - once[0] <= 10_000_000
    assert once[1] < once[0] / 4
    assert once[2] >= 98 and 392 <= once[3] < 1000


def test_summary_counts_instructions(program):
    result = cairn_run("--icount", "--summary-only", program, input=b"")
    assert b"seconds instructions" in result.stderr
    assert re.search(rb"^ *\d+\.\d\d +\d\.\d{6} +\d+ +\d+ +5 +kill$",
                     result.stderr, re.M), result.stderr
