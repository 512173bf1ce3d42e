"""Machines of every size: each boots a small program, or says how much memory
it would need; and the frames that the kernel counts are those of its map."""
import re

import pytest

import machine
from machine import direct, run

MIB = 1 << 20
# What of the report's table is RAM that the kernel has frame records for.
RAM = ("available", "kernel", "module", "frame metadata")
ROW = re.compile(r"^ +([0-9a-f]{9}) - ([0-9a-f]{9}) .*?(?:KiB|MiB)  (.*)$",
                 re.M)

SIZES = [f"{mib}M" for mib in range(2, 65)] + ["128M", "512M", "1G", "3G"]
LARGE = ["4G", "6G"]


@pytest.fixture(scope="module")
def tiny_initrd(tmp_path_factory):
    program = machine.BUILD / "test/tiny-init"
    return machine.make_initrd(tmp_path_factory.mktemp("tiny") / "initrd.tar",
                               f"{program}=bin/init")


def ram_of_map(serial):
    return sum(int(end, 16) + 1 - int(start, 16)
               for start, end, kind in ROW.findall(serial) if kind in RAM)


def check_size(size, initrd):
    pc = run(direct(initrd=initrd, cmdline="init=/bin/init leakcheck"),
             memory=size)
    if pc.status == 125:
        assert re.search(r"not enough memory: \d+ KiB are free, \d+ KiB are "
                         r"needed", pc.serial), pc.serial
        return False
    assert pc.status == 0, pc.serial
    frames = int(re.search(r"^memory: (\d+) frames of RAM", pc.serial,
                           re.M)[1])
    assert frames * 4096 == ram_of_map(pc.serial), pc.serial
    return True


def amount(size):
    return int(size[:-1]) * (MIB if size[-1] == "M" else 1 << 30)


@pytest.mark.parametrize("first", range(0, len(SIZES), 8))
def test_sizes(first, tiny_initrd):
    """Eight sizes a test: whatever has 4 MiB and more must boot."""
    for size in SIZES[first:first + 8]:
        assert check_size(size, tiny_initrd) or amount(size) < 4 * MIB, size


@pytest.mark.parametrize("size", [pytest.param(size, marks=pytest.mark.long)
                                  for size in LARGE])
def test_large(size, tiny_initrd):
    assert check_size(size, tiny_initrd)
