"""Cairn's own programs: the tour, memmap, free, frames, and crash."""
import re
import subprocess

import pytest

import run

BIN = run.ROOT / "build/userland/bin"

# Ways of crash, and the signal that must end each.
SIGNALS = {
    4: ["illegal"],
    5: ["breakpoint"],
    6: ["abort", "double-free", "foreign-free"],
    8: ["div0", "div-overflow"],
    9: ["kill"],
    11: ["null", "null-write", "null-call", "write-text", "write-const",
         "past-break", "unmapped", "kernel-read", "kernel-write",
         "kernel-call", "exec-data", "exec-stack", "exec-heap",
         "stack-overflow", "interrupt", "unaligned", "cli", "hlt", "in",
         "out", "cr", "msr"],
    15: ["term"],
}
WAYS = [(way, signo) for signo, ways in SIGNALS.items() for way in ways]


def cairn(program, *args, options=()):
    return subprocess.run([run.CAIRN_RUN, *options, BIN / program, *args],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120)


def local(program, *args):
    return subprocess.run([BIN / program, *args], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("way, signo", WAYS)
def test_crash(way, signo):
    done = cairn("crash", way)
    assert done.returncode == 128 + signo, done.stderr


@pytest.mark.parametrize("way, signo", WAYS)
def test_crash_on_this_host(way, signo):
    assert local("crash", way).returncode == -signo


def test_crash_lists_every_way():
    listed = re.findall(r"^  (\S+) ", cairn("crash").stdout, re.M)
    assert set(listed) >= {way for way, _ in WAYS}
    assert cairn("crash", "nonsense").returncode == 2


@pytest.mark.parametrize("memory", ["4M", "16M", "64M", "512M", "4G"])
def test_tour(memory):
    done = cairn("tour", options=["-m", memory])
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout and "skip" not in done.stdout
    assert "\033" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    passed = re.search(r"^tour: (\d+) steps passed$", done.stdout, re.M)
    assert int(passed[1]) >= 35 == done.stdout.count("   ok   ")


def test_tour_on_this_host():
    done = local("tour")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("   skip ") == 3


def test_memmap_agrees_with_the_size():
    totals = re.findall(r"^ *(\d+) KiB +\d+  (.+)$",
                        cairn("memmap", options=["-m", "32M"]).stdout, re.M)
    ram = sum(int(kib) for kib, kind in totals
              if kind in ("available", "kernel", "module", "frame metadata"))
    assert 30 * 1024 < ram <= 32 * 1024


def test_free_agrees_with_itself():
    for option, unit in ("-b", 1), ("-k", 1024), ("-m", 1 << 20):
        lines = cairn("free", option, options=["-m", "32M"]).stdout.split("\n")
        total, used, free = map(int, lines[1].split()[1:4])
        assert abs(total - used - free) <= 1
        assert 30 << 20 <= total * unit <= 32 << 20
        limit, charged, left = map(int, lines[2].split()[1:4])
        assert abs(limit - charged - left) <= 1
    assert cairn("free", "-x").returncode == 2


def test_frames_add_up():
    done = cairn("frames", options=["-m", "32M"])
    counts = {kind: int(n) for kind, n in
              re.findall(r"^(\w+(?: \w+)?) +(\d+) +\d+ KiB", done.stdout,
                         re.M)}
    total = counts.pop("total")
    assert sum(counts.values()) == total
    assert "low memory, free blocks" in done.stdout


@pytest.mark.parametrize("where", [cairn, local])
def test_maps_adds_up(where):
    lines = where("maps").stdout.splitlines()
    areas = [line.split() for line in lines[1:-1]]
    assert [int(a[0], 16) for a in areas] == sorted(int(a[0], 16)
                                                    for a in areas)
    total = re.match(r"total +(\d+) +(\d+)  KiB in (\d+) areas", lines[-1])
    assert int(total[1]) == sum(int(a[1]) for a in areas)
    assert int(total[2]) == sum(int(a[2]) for a in areas)
    assert int(total[3]) == len(areas) >= 5
    names = {a[4] for a in areas if len(a) > 5}
    assert {"[heap]", "[stack]"} <= names
    assert any(name.endswith("/maps") for name in names)
    assert where("maps", "x").returncode == 2
    assert where("maps", "999999").returncode == 1
