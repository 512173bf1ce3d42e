"""Booting: every loader, every medium, sizes of memory, broken archives."""
import gzip
import os
import pathlib
import re

import pytest

import machine
from machine import INITRD, KERNEL, TOUR_ISO, Machine, direct, run

# Options of QEMU that present the ISO as another medium.
MEDIA = {
    "cd": ["-cdrom", TOUR_ISO],
    "disk": ["-drive", f"file={TOUR_ISO},format=raw,if=ide,snapshot=on"],
    "usb-stick": ["-drive", f"file={TOUR_ISO},format=raw,if=none,id=stick,"
                  "snapshot=on", "-device", "qemu-xhci",
                  "-device", "usb-storage,drive=stick"],
    "direct": direct(cmdline="init=/bin/tour"),
}


def mib(words):
    """The number of MiB that QEMU's -m was given, as "3G" or "64M"."""
    return int(words[:-1]) * {"M": 1, "G": 1024}[words[-1]]


@pytest.mark.parametrize("medium", MEDIA)
def test_tour_runs_from(medium):
    pc = run(MEDIA[medium])
    assert pc.status == 0, pc.serial
    assert "available" in pc.serial


@pytest.mark.parametrize("medium", ["cd", "direct"])
def test_tour_runs_without_debug_exit(medium):
    """A machine without the port is switched off like a real one."""
    with Machine(MEDIA[medium], exit_port=False,
                 options=["-action", "shutdown=poweroff"]) as pc:
        pc.process.wait(60)
        assert pc.process.returncode == 0


def test_grub_loads_without_initrd(tmp_path):
    iso = machine.make_iso(tmp_path / "no-initrd.iso", initrd=None)
    pc = run(["-cdrom", iso])
    assert pc.status == 125
    assert_one_clear_line(pc.serial, "initrd")
    assert_one_clear_line(pc.serial, "init(rd|ial)|module")


def assert_one_clear_line(serial, words):
    """Says that the log names the trouble and does not speak of a crash."""
    assert re.search(words, serial, re.I), serial
    assert "EIP" not in serial and "backtrace" not in serial.lower(), serial


# ---- memory sizes ----------------------------------------------------------

SIZES = ["4M", "5M", "6M", "7M", "8M", "12M", "16M", "31M", "64M", "128M", "512M",
         "1G", "3G", "4G", "6G"]


@pytest.mark.parametrize("memory", SIZES)
def test_memory_size(memory, environ_initrd):
    pc = run(direct(initrd=environ_initrd, cmdline="init=/bin/environ"),
             memory=memory)
    assert pc.status == 7, pc.serial
    assert "init has run" in pc.serial
    assert_total_is(pc.serial, mib(memory))


def test_memory_size_of_pae_through_grub(tmp_path, environ_initrd):
    iso = machine.make_iso(tmp_path / "cairn.iso", initrd=environ_initrd,
                           cmdline="init=/bin/environ")
    pc = run(["-cdrom", iso], memory="6G")
    assert pc.status == 7, pc.serial
    assert_total_is(pc.serial, 6 * 1024)


# A row of the boot report: "  000100000 - 003fdffff        62 MiB  available".
TABLE_ROW = re.compile(r"^ +([0-9a-f]{9,}) - ([0-9a-f]{9,}) +\d+ [KM]iB +(.+)$",
                       re.M)
RAM_KINDS = {"available", "low memory", "kernel", "module", "frame metadata"}
KINDS = RAM_KINDS | {"reserved", "ACPI tables", "ACPI NVS", "bad", "unused"}


def read_table(serial):
    """The rows of the map: start, end (behind the last byte), kind."""
    return [(int(start, 16), int(end, 16) + 1, kind.strip())
            for start, end, kind in TABLE_ROW.findall(serial)]


def assert_total_is(serial, expected_mib):
    """The ranges that are RAM add up to what the machine has.

    QEMU keeps a little for its firmware: less than 1 MiB.
    """
    ram = sum(end - start for start, end, kind in read_table(serial)
              if kind in RAM_KINDS)
    assert expected_mib - 1 < ram / 2**20 <= expected_mib, serial


def test_table_of_the_map(environ_initrd):
    """Sorted, disjoint, whole pages, known kinds, and the kernel at 1 MiB."""
    pc = run(direct(initrd=environ_initrd, cmdline="init=/bin/environ"))
    rows = read_table(pc.serial)
    assert len(rows) >= 6, pc.serial
    for (_, end, _), (start, _, _) in zip(rows, rows[1:]):
        assert end <= start
    for start, end, kind in rows:
        assert start < end and start % 4096 == end % 4096 == 0
        assert kind in KINDS
    assert [start for start, _, kind in rows if kind == "kernel"] == [2**20]
    module = [end - start for start, end, kind in rows if kind == "module"]
    assert module == [os.path.getsize(environ_initrd)]


def test_too_little_memory_is_said(environ_initrd):
    pc = run(direct(initrd=environ_initrd, cmdline="init=/bin/environ"),
             memory="1792K")
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "not enough memory")


@pytest.mark.long
@pytest.mark.parametrize("memory", [f"{n}M" for n in range(2, 65)])
def test_every_mib(memory, environ_initrd):
    pc = run(direct(initrd=environ_initrd, cmdline="init=/bin/environ"),
             memory=memory)
    if pc.status != 7:
        assert_one_clear_line(pc.serial, "not enough memory")


# ---- archives --------------------------------------------------------------

def truncated(nbytes):
    return lambda: INITRD.read_bytes()[:nbytes]


BROKEN = {
    "garbage": lambda: bytes(range(1, 256)) * 40,
    "text": lambda: b"this is no archive\n" * 30,
    "in-first-header": truncated(300),
    "in-first-data": truncated(4096 + 100),
    "one-byte": lambda: b"x",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_initrd(kind, tmp_path):
    archive = tmp_path / "initrd.tar"
    archive.write_bytes(BROKEN[kind]())
    pc = run(direct(initrd=archive, cmdline="init=/bin/tour"))
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "initrd|init")


def test_zeros_for_initrd(tmp_path):
    """An archive of zeros is a good one, with nothing in it."""
    archive = tmp_path / "initrd.tar"
    archive.write_bytes(bytes(10240))
    pc = run(direct(initrd=archive, cmdline="init=/bin/tour"))
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "/bin/tour")


def test_no_initrd():
    pc = run(direct(initrd=None, cmdline="init=/bin/tour"))
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "initrd|module")


def test_init_is_missing():
    pc = run(direct(cmdline="init=/bin/nothing"))
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "/bin/nothing")


def test_initrd_by_plain_tar(tmp_path, environ_initrd):
    """What tar itself packs, in no particular alignment, works as well."""
    root = tmp_path / "root"
    root.mkdir()
    os.system(f"tar -xf {environ_initrd} -C {root}")
    for form in "ustar", "gnu", "pax":
        archive = tmp_path / f"{form}.tar"
        assert os.system(f"tar --format={form} -C {root} -cf {archive} .") == 0
        pc = run(direct(initrd=archive, cmdline="init=/bin/environ"))
        assert pc.status == 7, pc.serial


# ---- processors ------------------------------------------------------------

@pytest.mark.parametrize("cpu", ["486", "pentium"])
@pytest.mark.parametrize("medium", ["cd", "direct"])
def test_without_pae(cpu, medium):
    pc = run(MEDIA[medium], cpu=cpu)
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "PAE")
    assert len([line for line in pc.serial.splitlines() if line]) == 1


@pytest.mark.parametrize("medium", ["cd", "direct"])
def test_without_cmov(medium):
    pc = run(MEDIA[medium], cpu="max,-cmov")
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "CMOV")


@pytest.mark.parametrize("memory", ["1280K", "1536K"])
def test_less_memory_than_the_kernel_takes(memory):
    pc = run(MEDIA["direct"], memory=memory)
    assert pc.status == 125, pc.serial
    assert_one_clear_line(pc.serial, "memory")


def test_packed_initrd(tmp_path):
    archive = tmp_path / "initrd.gz"
    archive.write_bytes(gzip.compress(b"x" * 10000))
    pc = run(direct(initrd=archive))
    assert pc.status == 125, pc.serial
    assert "packed with gzip" in pc.serial


def test_without_pae_on_the_screen():
    with Machine(MEDIA["cd"], cpu="pentium", exit_port=False) as pc:
        pc.wait_for("PAE", where="screen")


@pytest.mark.parametrize("cpu", ["qemu32", "pentium3", "max", "max,-nx",
                                 "max,-smep", "max,-smap", "max,-umip",
                                 "max,-sse2", "max,-pge"])
def test_processor(cpu, environ_initrd):
    pc = run(direct(initrd=environ_initrd, cmdline="init=/bin/environ"),
             cpu=cpu)
    assert pc.status == 7, pc.serial


def test_kvm(environ_initrd):
    if not machine.has_kvm():
        pytest.skip("/dev/kvm is absent or cannot run 32-bit guests")
    pc = run(direct(initrd=environ_initrd, cmdline="init=/bin/environ"),
             cpu="max", options=["-accel", "kvm"])
    assert pc.status == 7, pc.serial


# ---- the kernel's image ----------------------------------------------------

def test_kernel_is_a_multiboot_image():
    """The header lies where Multiboot wants it, and adds up to 0."""
    head = pathlib.Path(KERNEL).read_bytes()[:8192]
    at = head.find((0x1BADB002).to_bytes(4, "little"))
    assert at >= 0 and at % 4 == 0
    words = [int.from_bytes(head[at + i:at + i + 4], "little")
             for i in (0, 4, 8)]
    assert sum(words) % 2**32 == 0
    entry = int.from_bytes(head[24:28], "little")
    assert 0x100000 <= entry < 0x1000000, "the entry point is not physical"
