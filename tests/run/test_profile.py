"""cairn-run --profile: instructions by function, as callgrind and flames."""
import collections
import re
import shutil
import subprocess
import xml.etree.ElementTree

import pytest

from run import cairn_run, environment

SOURCE = r"""
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* 20,002 instructions. */
void spin(void);
__asm__(".globl spin\n.type spin, @function\n"
        "spin: movl $10000, %ecx\n"
        "1: decl %ecx\n jnz 1b\n ret\n"
        ".size spin, . - spin\n");

/* 1 and what spin takes: a jump, not a call. */
void jumper(void);
__asm__(".globl jumper\n.type jumper, @function\n"
        "jumper: jmp spin\n"
        ".size jumper, . - jumper\n");

#define OWN __attribute__((noipa))

OWN static void down(int n)
{
    if (n > 0)
        down(n - 1);
    spin();
    __asm__ volatile(""); /* a call, not a jump */
}

static jmp_buf back;
static volatile int nsignals;

OWN static void jump_out(void)
{
    spin();
    longjmp(back, 1);
}

OWN static void through(void)
{
    jump_out();
    __asm__ volatile("");
}

static void on_signal(int signo)
{
    (void)signo;
    spin();
    nsignals++;
}

static void *run_thread(void *arg)
{
    spin();
    return arg;
}

OWN static void after_all(void)
{
    spin();
    __asm__ volatile("");
}

int main(int argc, char **argv)
{
    pthread_t thread;

    if (argc > 1 && strcmp(argv[1], "deep") == 0) {
        down(1000);
        return 0;
    }
    if (argc > 2) {
        if (fork() == 0) {
            spin();
            execl(argv[2], argv[2], (char *)NULL);
            _exit(1);
        }
        wait(NULL);
        spin();
        return 0;
    }
    down(2);
    jumper();
    if (setjmp(back) == 0)
        through();
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    pthread_create(&thread, NULL, run_thread, NULL);
    pthread_join(thread, NULL);
    after_all();
    printf("%d\n", nsignals);
    return 0;
}
"""

OTHER = r"""
void turn(void);
__asm__(".globl turn\n.type turn, @function\n"
        "turn: movl $5000, %ecx\n"
        "1: decl %ecx\n jnz 1b\n ret\n"
        ".size turn, . - turn\n");

int main(void)
{
    turn();
    return 0;
}
"""

ALLOCATING = r"""
#include <stdlib.h>
int main(void)
{
    for (int i = 0; i < 5000; i++) {
        void *volatile p = malloc(i % 100 + 1);

        free(p);
    }
    return 0;
}
"""

SPIN = 20002
TICKS = 15000   # what an interrupt in a call may add to it
TURN = 10002


class Callgrind:
    """Costs of functions by themselves, and of calls: (from, to) -> cost."""

    def __init__(self, path):
        self.own = collections.Counter()
        self.calls = collections.Counter()
        self.numbers = collections.Counter()
        self.objects = {}
        self.total = 0
        self.read(path.read_text().splitlines())

    def read(self, lines):
        name = callee = number = None
        function = None
        for line in lines:
            key, equals, value = line.partition("=")
            if key == "ob":
                name = value
            elif key == "fn":
                function = value
                self.objects[value] = name
            elif key == "cfn":
                callee = value
            elif key == "calls":
                number = int(value.split()[0])
            elif line.startswith("totals: "):
                self.total = int(line[8:])
            elif re.fullmatch(r"\d+ \d+", line):
                cost = int(line.split()[1])
                if number is None:
                    self.own[function] += cost
                else:
                    self.calls[function, callee] += cost
                    self.numbers[function, callee] += number
                    number = None

    def inclusive(self, function):
        return self.own[function] + sum(
            n for (caller, _), n in self.calls.items() if caller == function)


@pytest.fixture(scope="module")
def run_profiled(build, tmp_path_factory):
    program = build("profiled", SOURCE)

    def run(*args, options=(), **more):
        out = tmp_path_factory.mktemp("profile") / "out"
        result = cairn_run("--profile", out, "--icount", *options, program,
                           *args, **more)
        assert result.returncode == 0, result.stderr
        return out, result

    return run


@pytest.fixture(scope="module")
def profile(run_profiled):
    return run_profiled()[0]


def boxes(path):
    """(name, first instruction, instructions, y) of each box."""
    root = xml.etree.ElementTree.parse(path).getroot()
    return [(g.get("data-name"), int(g.get("data-x")), int(g.get("data-w")),
             int(g[1].get("y")))
            for g in root.iter("{http://www.w3.org/2000/svg}g")]


def stacks_of(path, name):
    """The chains of names that end in this one, with their widths."""
    all_boxes = boxes(path)
    found = []
    for top in all_boxes:
        if top[0] != name:
            continue
        below = [b for b in all_boxes if b[3] >= top[3] and
                 b[1] <= top[1] and top[1] + top[2] <= b[1] + b[2]]
        below.sort(key=lambda b: -b[3])
        found.append(([b[0] for b in below], top[2]))
    return found


def test_counts_are_exact(profile):
    found = Callgrind(profile)
    assert found.own["spin"] == 8 * SPIN
    assert found.own["jumper"] == 1
    assert sum(found.own.values()) == found.total


def test_calls_have_the_cost_of_what_they_call(profile):
    found = Callgrind(profile)
    assert found.numbers["down", "spin"] == 3
    assert 0 <= found.calls["down", "spin"] - 3 * SPIN < TICKS
    assert 0 <= found.calls["jump_out", "spin"] - SPIN < TICKS
    assert 0 <= found.calls["through", "jump_out"] - SPIN < TICKS
    assert 0 <= found.calls["after_all", "spin"] - SPIN < TICKS
    # A recursive call does not count twice.
    assert found.calls["main", "down"] == found.inclusive("down")
    assert found.inclusive("down") - 3 * SPIN < 100 + TICKS
    for name in found.own:
        assert found.inclusive(name) <= found.total, name


def test_the_kernel_is_in_it(profile):
    found = Callgrind(profile)
    assert found.objects["sys_write"] == "cairn"
    assert found.own["sys_write"] > 0
    assert found.objects["main"].endswith("/profiled")
    # What the kernel does for itself is not.
    assert not {"init_main", "balance_check", "frame_check"} & set(found.own)


def test_callers_are_right_after_jumps_and_signals(profile):
    chains = [c for c, width in stacks_of(f"{profile}.svg", "spin")
              if 0 <= width - SPIN < TICKS]
    ends = {tuple(chain[-2:]) for chain in chains}
    assert {("jump_out", "spin"), ("run_thread", "spin"),
            ("after_all", "spin")} <= ends
    for chain in chains:
        if chain[-2] == "after_all":
            assert chain[-3] == "main", chain
            assert chain.count("main") == 1, chain


def test_boxes_are_on_their_callers(profile):
    all_boxes = boxes(f"{profile}.svg")
    rows = collections.defaultdict(list)
    for box in all_boxes:
        rows[box[3]].append(box)
    ys = sorted(rows, reverse=True)
    assert [b[0] for b in rows[ys[0]]] == ["all"]
    for y, below in zip(ys[1:], ys):
        row = sorted(rows[y], key=lambda b: b[1])
        for left, right in zip(row, row[1:]):
            assert left[1] + left[2] <= right[1]
        for name, x, width, _ in row:
            assert any(b[1] <= x and x + width <= b[1] + b[2]
                       for b in rows[below]), name


@pytest.mark.skipif(shutil.which("callgrind_annotate") is None,
                    reason="no valgrind")
def test_callgrind_annotate_reads_it(profile):
    said = subprocess.run(["callgrind_annotate", "--threshold=100", profile],
                          capture_output=True, text=True, check=True).stdout
    total = Callgrind(profile).total
    assert re.search(rf"^ *{total:,} .*PROGRAM TOTALS", said, re.M)
    assert re.search(rf"^ *{8 * SPIN:,} .*:spin ", said, re.M)


def test_two_programs_and_a_fork(run_profiled, build):
    other = build("other", OTHER)
    found = Callgrind(run_profiled("x", other, options=["--file", other])[0])
    assert found.own["spin"] == 2 * SPIN
    assert found.own["turn"] == TURN
    assert found.objects["turn"] == str(other)
    assert 0 <= found.calls["main", "spin"] - 2 * SPIN < TICKS


def test_deep_recursion(run_profiled):
    found = Callgrind(run_profiled("deep")[0])
    assert found.own["spin"] == 1001 * SPIN
    assert sum(found.own.values()) == found.total


def test_the_same_twice(run_profiled):
    options = ["--seed", "3"]
    first, second = (run_profiled(options=options)[0] for _ in range(2))
    assert first.read_bytes() == second.read_bytes()


def test_nothing_but_the_program_counts(build, tmp_path):
    """The whole is what --stats says, but for starting and ending it."""
    out = tmp_path / "out"
    result = cairn_run("--profile", out, "--malloc-trace", tmp_path / "trace",
                       "--icount", "--stats", build("allocating", ALLOCATING))
    said = int(re.search(rb"(\d+) instructions", result.stderr)[1])
    found = Callgrind(out)
    assert abs(found.total - said) < 60000
    assert found.own["probe_hit"] > found.total / 10
    assert not {"init_main", "balance_check", "frame_check"} & set(found.own)


def test_programs_of_the_image(tmp_path):
    out = tmp_path / "out"
    result = cairn_run("--profile", out, "-c", "echo a | cat; exit 3")
    assert (result.returncode, result.stdout) == (3, b"a\n")
    assert "cairn" in Callgrind(out).objects.values()


def test_a_qemu_without_plugins(run_profiled, build, tmp_path):
    qemu = tmp_path / "qemu"
    qemu.write_text('#!/bin/sh\nfor w; do shift; case $w in\n'
                    '-plugin|file=*,data=*) ;; *) set -- "$@" "$w";; esac\n'
                    'done\nexec qemu-system-i386 "$@"\n')
    qemu.chmod(0o755)
    result = cairn_run("--profile", tmp_path / "out",
                       build("profiled", SOURCE),
                       env=environment(QEMU=str(qemu)))
    assert result.returncode == 125
    assert b"loads no plugins" in result.stderr
