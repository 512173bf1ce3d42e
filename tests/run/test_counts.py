"""--coverage and -pg: what a program counts in Cairn, the host's tools read."""
import re
import subprocess

import pytest

import run

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) int sum_below(int n)
{
    volatile int sum = 0;
    for (int i = 0; i < n; i++)
        sum += i;
    return sum;
}

__attribute__((noinline)) int checked(int n)
{
    if (n < 0)
        return -1;
    return sum_below(n);
}

int main(void)
{
    for (int i = 0; i < 7; i++)
        checked(300);
    puts("done");
    return 0;
}
"""


def build(folder, *flags):
    (folder / "count.c").write_text(PROGRAM)
    subprocess.run([run.CC, "-g", *flags, "count.c", "-o", "count"],
                   cwd=folder, check=True, timeout=60)


def in_cairn(folder, line, pattern):
    """Runs the program and takes along the files that it leaves, by tar."""
    done = run.cairn_run("--file", "count", "-c",
                         f"{line} >&2; tar -cf - {pattern}", cwd=folder)
    assert done.returncode == 0 and done.stderr == b"done\n", done.stderr
    subprocess.run(["tar", "-xf", "-"], input=done.stdout, cwd=folder,
                   check=True)


def on_linux(folder, line, pattern):
    done = subprocess.run(line, cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout == b"done\n", done.stderr
    assert list(folder.glob(pattern))


PLACES = pytest.mark.parametrize("place", [in_cairn, on_linux])


def counts(folder):
    subprocess.run(["i686-linux-gnu-gcov", "count.c"], cwd=folder, check=True,
                   capture_output=True, timeout=60)
    lines = (folder / "count.c.gcov").read_text().splitlines()
    found = {}
    for line in lines:
        count, _, code = line.split(":", 2)
        found[code.strip()] = count.strip()
    return found


@PLACES
@pytest.mark.parametrize("flag", ["--coverage", "-fprofile-arcs -ftest-coverage"])
def test_coverage(tmp_path, place, flag):
    build(tmp_path, "-O0", *flag.split())
    place(tmp_path, "./count", "*.gcda")
    found = counts(tmp_path)
    assert found["sum += i;"] == "2100"
    assert found["return sum_below(n);"] == "7"
    assert found["return -1;"] == "#####"


def test_coverage_adds_up(tmp_path):
    """A second run counts on in the file of the first one."""
    build(tmp_path, "-O0", "--coverage")
    in_cairn(tmp_path, "./count >/dev/null; ./count", "*.gcda")
    assert counts(tmp_path)["return sum_below(n);"] == "14"


def test_profile_feedback(tmp_path):
    """-fprofile-generate's counts are taken by -fprofile-use."""
    build(tmp_path, "-O2", "-fprofile-generate")
    in_cairn(tmp_path, "./count", "*.gcda")
    build(tmp_path, "-O2", "-fprofile-use", "-Werror=coverage-mismatch",
          "-Werror=missing-profile")


@PLACES
def test_gprof(tmp_path, place):
    build(tmp_path, "-O1", "-pg")
    place(tmp_path, "./count", "gmon.out")
    flat = subprocess.run(["i686-linux-gnu-gprof", "-bp", "-z", "count",
                           "gmon.out"], cwd=tmp_path, capture_output=True,
                          text=True, check=True, timeout=60).stdout
    assert re.search(r"\s7\s.*\bsum_below\n", flat), flat
    assert re.search(r"\s7\s.*\bchecked\n", flat), flat


def test_gprof_in_a_folder_that_refuses_files(tmp_path):
    """The program's status and output stay; one line says what is missing."""
    build(tmp_path, "-O1", "-pg")
    done = run.cairn_run("--env", "GMON_OUT_PREFIX=/nowhere/gmon",
                         tmp_path / "count")
    assert (done.returncode, done.stdout) == (0, b"done\n")
    assert done.stderr.startswith(b"/nowhere/gmon.")
    assert done.stderr.count(b"\n") == 1
