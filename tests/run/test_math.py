"""<math.h> against correctly rounded results, on this machine and in Cairn.

math/table.c, a program of this machine, computes the results with MPFR;
math/check.c, a program of Cairn's, compares.  Errors are in units in the last
place; a wrong special value counts as 1e30.
"""
import os
import pathlib
import shutil
import subprocess

import pytest

from run import CC, cairn_run

HERE = pathlib.Path(__file__).resolve().parent / "math"
LONG = "TEST_LONG" in os.environ

# What is allowed where it is more than a unit.  The long double functions are
# compared with results of 64 bits, so that their errors are whole units.
LIMITS = {
    "exp10 f": 2, "exp10 d": 3, "exp10 l": 16, "erfc f": 2, "erfc d": 2,
    "tanh d": 1.5, "atanh f": 1.5, "atanh d": 1.5, "atan2 d": 1.5,
    "tgamma l": 40, "lgamma l": 4, "pow l": 100,
}
EXACT = "sqrt floor ceil trunc round rint fmod remainder".split()


def limit_of(name):
    if name.split()[0] in EXACT:
        return 0.5 if not name.endswith("l") else 0
    return LIMITS.get(name, 2 if name.endswith("l") else 1.01)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("math")
    if not pathlib.Path("/usr/include/mpfr.h").exists():
        pytest.skip("no libmpfr-dev on this machine")
    subprocess.run([shutil.which("cc"), "-O2", HERE / "table.c", "-o",
                    folder / "table", "-lmpfr", "-lgmp", "-lm"], check=True)
    return subprocess.run([folder / "table", "1", "10000" if LONG else "400"],
                          capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    program = tmp_path_factory.mktemp("math") / "check"
    subprocess.run([CC, "-O2", "-fno-builtin", HERE / "check.c", "-o", program,
                    "-lm"], check=True)
    return program


def assert_right(output):
    lines = output.decode().splitlines()
    assert len(lines) == 37 * 3
    wrong = []
    for line in lines:
        name, kind, count, worst, x, y = line.split()
        if float(worst) > limit_of(f"{name} {kind}"):
            wrong.append(line)
    assert not wrong, wrong


def test_on_this_machine(table, check):
    assert_right(subprocess.run([check], input=table, capture_output=True,
                                check=True).stdout)


def test_in_cairn(table, check):
    done = cairn_run(check, input=table)
    assert done.returncode == 0
    assert_right(done.stdout)
