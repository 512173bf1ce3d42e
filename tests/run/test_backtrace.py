"""cairn-run says where a program died."""
import re

import pytest

from run import cairn_run

SOURCE = r"""
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int zero;
static int __attribute__((noinline)) length_of(const char *s)
{
    return (int)strlen(s) + 1; /* line 13 */
}
static void __attribute__((noinline)) on_signal(int signo)
{
    printf("%d", length_of((const char *)(long)zero) + signo);
}
static int __attribute__((noinline)) work(const char *what)
{
    int n = 1;

    switch (*what) {
    case 'n': n = length_of((const char *)(long)zero); break;
    case 'a': abort();
    case 's': assert(zero == 1); break;
    case 'd': n = 5 / zero; break;
    case 'h': signal(SIGUSR1, on_signal); raise(SIGUSR1); break;
    case 'c':
        if (fork() == 0)
            n = length_of((const char *)(long)zero);
        else
            wait(NULL);
        break;
    case 'k': kill(getpid(), SIGKILL); break;
    }
    return n;
}
int main(int argc, char **argv)
{
    puts("out");
    fflush(stdout);
    return work(argv[argc - 1]) + 40; /* line 43 */
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    import subprocess
    from run import CC
    folder = tmp_path_factory.mktemp("backtrace")
    (folder / "dies.c").write_text(SOURCE)
    subprocess.run([CC, "-O2", "-g", "-w", "-fno-builtin",
                    "-fno-optimize-sibling-calls", folder / "dies.c",
                    "-o", folder / "dies"], check=True)
    return folder / "dies"


@pytest.mark.parametrize("how, status, first, functions", [
    ("null", 139, "SIGSEGV at address 0: null pointer",
     ["length_of", "work", "main"]),
    ("abort", 134, "SIGABRT", ["abort", "work", "main"]),
    ("assert", 134, "SIGABRT", ["work", "main"]),
    ("divide", 136, "SIGFPE", ["work", "main"]),
])
def test_names(program, how, status, first, functions):
    done = cairn_run("--backtrace", program, how)
    lines = done.stderr.decode().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("dies: "))
    assert done.returncode == status and done.stdout == b"out\n"
    assert lines[at].startswith(f"dies: {first}")
    places = lines[at + 1:]
    named = [re.match(r" *(?:#\d+|\(inlined by\)) (\S+) at (\S+):(\d+)$", place)
             for place in places]
    assert all(named), places
    seen = [match[1] for match in named]
    assert [f for f in seen if f in functions][-len(functions):] == functions
    assert named[-1][1] == "main" and named[-1][2] == "dies.c"


def test_lines(program):
    done = cairn_run("--backtrace", program, "null")
    text = done.stderr.decode()
    assert "length_of at dies.c:13" in text and "main at dies.c:43" in text


def test_through_a_handler(program):
    done = cairn_run("--backtrace", program, "handler")
    assert b"length_of at dies.c:13" in done.stderr
    assert b"on_signal at dies.c" in done.stderr


def test_only_when_asked_or_on_a_terminal(program):
    done = cairn_run(program, "null")
    assert done.returncode == 139 and done.stderr == b""


def test_only_of_the_program_itself(program):
    done = cairn_run("--backtrace", program, "child")
    assert done.returncode == 41 and done.stderr == b""
    done = cairn_run("--backtrace", program, "kill")
    assert done.returncode == 137 and b"#0" not in done.stderr
