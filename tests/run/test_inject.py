"""cairn-run --inject, --fail-alloc, --fail-copy: what fails on purpose."""
import re

import pytest

from run import cairn_run, run_traced

SOURCE = r"""
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t nsignals;

static void on_signal(int signo)
{
    (void)signo;
    nsignals++;
}

/* A digit for each of six calls: the error, or 0. */
static void six(const char *name)
{
    printf("%s", name);
    for (int i = 0; i < 6; i++) {
        errno = 0;
        printf(" %d", getpgid(0) < 0 ? errno : 0);
    }
    putchar('\n');
}

int main(void)
{
    signal(SIGUSR1, on_signal);
    six("parent");
    fflush(stdout);
    if (fork() == 0) {
        six("child");
        exit(0);
    }
    wait(NULL);
    printf("umask %d signals %d\n", (int)umask(0), (int)nsignals);
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(build):
    return build("sixcalls", SOURCE.replace("#include <sys/wait.h>",
                 "#include <sys/stat.h>\n#include <sys/wait.h>"))


def outcome(program, *options):
    result = cairn_run(*options, program)
    assert result.returncode == 0, result.stderr
    return result.stdout.decode().splitlines()


@pytest.mark.parametrize("when, errors", [
    ("", "5 5 5 5 5 5"),
    (":when=2", "0 5 0 0 0 0"),
    (":when=3+", "0 0 5 5 5 5"),
    (":when=2+2", "0 5 0 5 0 5"),
    (":when=2..4", "0 5 5 5 0 0"),
    (":when=1..5+2", "5 0 5 0 5 0"),
])
def test_when(program, when, errors):
    """Each process counts by itself, as strace does."""
    lines = outcome(program, "--inject", f"getpgid:error=EIO{when}")
    assert lines[0] == f"parent {errors}"
    assert lines[1] == f"child {errors}"


def test_retval_signal_delay(program):
    lines = outcome(program, "--inject", "umask:retval=77",
                    "--inject", "getpgid:signal=USR1:when=1..2",
                    "--inject", "wait4:delay_enter=20ms")
    assert lines[-1] == "umask 77 signals 2"


def test_trace_says_so(program):
    _, text = run_traced("--inject", "getpgid:error=EINTR:when=4", program)
    assert re.search(r"^getpgid\(0\) +"
                     r"= -1 EINTR \(Interrupted system call\) \(INJECTED\)$",
                     text, re.M), text
    assert text.count("(INJECTED)") == 2


@pytest.mark.parametrize("rule, why", [
    ("nosuch:error=EIO", "no such call or set: nosuch"),
    ("getpgid:error=EWRONG", "no such error"),
    ("getpgid:signal=SIGNONE", "no such signal"),
    ("getpgid:when=0", "when= counts from 1"),
    ("getpgid:when=4..2", "when= ends before it begins"),
    ("getpgid:often", "is wanted"),
])
def test_bad_rules(program, rule, why):
    result = cairn_run("--inject", rule, program)
    assert result.returncode == 125
    assert why in result.stderr.decode()


def test_fail_alloc_and_copy(build):
    program = build("forks", r"""
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
int main(void)
{
    struct utsname name;
    int copied = uname(&name) == 0 ? 0 : errno;
    int pid = fork();

    if (pid == 0)
        return 0;
    printf("%d %d\n", copied, pid < 0 ? errno : 0);
    return 0;
}""")
    assert outcome(program) == ["0 0"]
    found = {cairn_run("--fail-copy", str(n), program).stdout
             for n in range(1, 6)}
    assert b"14 0\n" in found
    found = {cairn_run("--fail-alloc", str(n), program).stdout
             for n in range(1, 9)}
    assert b"0 12\n" in found
    result = cairn_run("--fail-copy", "1+", program)
    assert result.returncode == 125


def test_exec_and_children_inherit(program):
    result = cairn_run("--inject", "mkdir:error=EROFS", "-c",
                       "mkdir /tmp/a; sh -c 'mkdir /tmp/b; true'")
    assert result.stderr.decode().count("Read-only file system") == 2
