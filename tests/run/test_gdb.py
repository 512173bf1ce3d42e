"""The commands of gdb for Cairn's kernel, by cairn-run --gdb=kernel."""
import re
import shlex
import shutil
import subprocess

import pytest

from run import start

SOURCE = r"""
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
int main(void)
{
    volatile char *map = mmap((void *)0x50000000, 8192, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    volatile char *heap = malloc(100);
    map[5] = heap[5] = 1;
    if (fork() == 0)
        for (;;)
            pause();
    getpriority(0, 0);
    return 3;
}
"""


@pytest.fixture(scope="module")
def session(build):
    """What each command prints once the program has got to getpriority."""
    program = build("debugged", SOURCE)
    commands = ["cairn ps", "cairn threads", "cairn frames", "cairn areas 2",
                "cairn pagewalk 0x50000005", "cairn pagewalk 0x50001005",
                "cairn heap 2", "cairn areas 77"]
    process = start("--norandom", "--gdb=kernel", program)
    try:
        for line in process.stderr:
            if b"gdb -x " in line:
                break
        words = shlex.split(line.decode())
        extra = ["-ex", "hbreak sys_getpriority", "-ex", "continue"]
        for command in commands:
            extra += ["-ex", f"echo == {command}\\n", "-ex", command]
        text = subprocess.run(
            [words[0], "-nx", "-batch", *words[1:-1], *extra, words[-1]],
            capture_output=True, text=True, timeout=120,
            stdin=subprocess.DEVNULL)
    finally:
        process.kill()
        process.wait()
    parts = (text.stdout + text.stderr).split("== ")
    return {part.split("\n")[0]: part for part in parts} | {"all": text.stderr}


pytestmark = pytest.mark.skipif(shutil.which("gdb") is None,
                                reason="no gdb here")


def test_ps_and_threads(session):
    assert re.search(r"^ +1 +0 .* init$", session["cairn ps"], re.M), session
    assert re.search(r"^ +2 +1 +2 S +1 +\d+ KB debugged$", session["cairn ps"],
                     re.M), session["cairn ps"]
    assert re.search(r"^ +3 +2 +2 S +1 +\d+ KB debugged$", session["cairn ps"],
                     re.M)
    assert re.search(r"^\* +2 +2 runnable +0x[cf]\w+ +0x0804\w+ debugged$",
                     session["cairn threads"], re.M), session["cairn threads"]


def test_frames(session):
    counts = dict(re.findall(r"^(\w+) +(\d+) frames", session["cairn frames"],
                             re.M))
    assert set(counts) == {"free", "kernel", "pagetable", "user", "file"}
    assert int(counts["free"]) > 10000 and int(counts["user"]) > 4


def test_space(session):
    assert "50000000-50002000 rw-" in session["cairn areas 2"]
    assert "[heap]" in session["cairn areas 2"]
    assert "[stack]" in session["cairn areas 2"]
    walk = session["cairn pagewalk 0x50000005"]
    assert re.search(r"^PT +\[  0\] = 0x\w+  present .*user", walk, re.M), walk
    assert re.search(r"^physical address 0x\w+005$", walk, re.M)
    assert "physical" not in session["cairn pagewalk 0x50001005"]
    assert re.search(r"heap 0x\w+ - 0x\w+: \d+ bytes", session["cairn heap 2"])
    assert "there is no process 77" in session["all"]
