"""Programs in C++, where `make cxx` has built the library: tests/cxx/NAME.cc,
each in Cairn with the leak check and as the same binary on this machine."""
import pathlib
import re
import subprocess

import pytest

from run import ROOT, cairn_run, environment

SOURCES = sorted((ROOT / "tests/cxx").glob("*.cc"))
BUILT = ROOT / "build/cxx"


def check(done):
    """TAP: a plan that is kept, and no line that is not ok."""
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    bad = [line for line in lines if line.startswith("not ok")]
    good = [line for line in lines if line.startswith("ok ")]
    assert not bad, done.stdout.decode("utf-8", "replace")
    assert f"1..{len(good)}" in lines and good
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=[source.stem for source in SOURCES])
def program(request):
    if not (ROOT / "sysroot/usr/lib/libstdc++.a").exists():
        pytest.skip("the C++ library is not built: make cxx")
    return BUILT / request.param


def test_cxx_in_cairn(program):
    check(cairn_run("-m", "256M", "--append", "leakcheck", program,
                    env=environment(LC_ALL="C")))


def test_cxx_on_this_machine(program):
    done = subprocess.run([program], capture_output=True, timeout=120,
                          env=environment(LC_ALL="C"), check=False)
    check(done)
