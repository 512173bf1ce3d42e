"""The console on a framebuffer that the boot loader has set up.

The loader of these tests switches QEMU's adapter to a mode by its DISPI
registers (QEMU, docs/specs/standard-vga.txt) and hands it over as Multiboot
says.  The picture in its memory is compared, dot by dot, with what the font
makes of the text; and what a loader might say that is not true is refused.
"""
import os
import re
import struct
import subprocess
import tempfile
import time
import pathlib

import pytest

import machine
import scenario
from machine import BUILD, ROOT, Machine, compile_program, make_iso, run
from scenario import MIB, RESERVED, USUAL_MAP, Boot, tar_member

FONT = (BUILD / "font.bin").read_bytes()
ADDRESS = 0xFD000000  # where the firmware puts the adapter's memory
FLAG = 1 << 12
COLUMNS_MAX, ROWS_MAX = 128, 48
GREY = 0x07
PALETTE = [0x000000, 0x0000AA, 0x00AA00, 0x00AAAA, 0xAA0000, 0xAA00AA,
           0xAA5500, 0xAAAAAA, 0x555555, 0x5555FF, 0x55FF55, 0x55FFFF,
           0xFF5555, 0xFF55FF, 0xFFFF55, 0xFFFFFF]
# Bits of a dot: (first, count) of red, green and blue.
FORMATS = {15: ((10, 5), (5, 5), (0, 5)), 16: ((11, 5), (5, 6), (0, 5)),
           24: ((16, 8), (8, 8), (0, 8)), 32: ((16, 8), (8, 8), (0, 8))}
XRES, YRES, BPP, ENABLE = 1, 2, 3, 4

needs_font = pytest.mark.skipif(
    not FONT, reason="no console font was there when the kernel was built")

PAINT = r"""
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    for (int i = 0; i < 100; i++)
        printf("line %d of those that scroll away\n", i);
    printf("\033[3;1H\033[K\033[31mred\033[0m \033[1;32;44mbold\033[0m");
    printf("\033[5;10Hhere\033[A\033[2Dup");
    printf("\033[7;1H\033[K\xe2\x94\x8c\xe2\x94\x80\xc3\xa4");
    printf("\033[9;3H\033[7minverse\033[0m\033[12;20H");
    fflush(stdout);
    for (;;)
        pause();
}
"""


# What keeps interrupts off longest, on a screen of many cells.
SCROLL = r"""
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char text[4000] = "";
    int tty = open("/dev/tty1", O_RDWR), line = open("/dev/ttyS0", O_WRONLY);
    for (int i = 0; i < 300; i++)
        dprintf(tty, "line %d of those that scroll away, and some more\n", i);
    memset(text, '\n', 2000);
    write(tty, text, 2000);
    for (int i = 0; i < 200; i++)
        dprintf(tty, "\033[H\033[3%dm\033[2J\033[L\033[4%dmy\033[M", i % 8,
                i * 3 % 8);
    for (int i = 0; i < 3000; i++)
        dprintf(tty, "\033[3%dm\033[4%dm%c", i % 8, i * 3 % 7, 'a' + i % 26);
    memset(text, 0, sizeof text);
    read(open("/proc/latency", O_RDONLY), text, sizeof text - 1);
    dprintf(line, "%s\nend\n", text);
    return 0;
}
"""
IRQS_OFF_MAX = 50000


def fields(width=800, height=600, bpp=32, address=ADDRESS, pitch=None, kind=1,
           colours=None):
    """What Multiboot has from byte 88 on."""
    if pitch is None:
        pitch = width * ((bpp + 7) // 8)
    bits = sum(colours or FORMATS.get(bpp, ((0, 8),) * 3), ())
    return struct.pack("<QIIIBB6B", address % 2**64, pitch % 2**32, width,
                       height, bpp, kind, *bits)


def boot_with(data, archive=None):
    boot = Boot()
    boot.info["flags"] = 0x24D | FLAG
    if archive:
        boot.archive = archive
    boot.late.write(boot.info_at + 88, data)
    return boot


def set_mode(boot, width, height, bpp):
    for index, value in ((ENABLE, 0), (XRES, width), (YRES, height),
                         (BPP, bpp), (ENABLE, 0x41)):
        boot.early.out(0x1CE, index)
        boot.early.out(0x1CF, value)


# ---- pictures ----

def dot(rgb, bpp):
    value = 0
    for shift, (at, count) in zip((16, 8, 0), FORMATS[bpp]):
        value |= (rgb >> shift & 0xFF) >> (8 - count) << at
    return value.to_bytes((bpp + 7) // 8, "little")


def draw(cells, cursor, width, height, bpp):
    """The bytes of a picture of rows of (character, colour)."""
    nbytes = (bpp + 7) // 8
    dots = [dot(rgb, bpp) for rgb in PALETTE]
    columns, rows = len(cells[0]), len(cells)
    picture = [bytearray(width * nbytes) for _ in range(height)]
    for row in range(rows):
        for y in range(16):
            line = b""
            for column in range(columns):
                code, colour = cells[row][column]
                bits = FONT[code * 16 + y]
                if (row, column) == cursor and y >= 14:
                    bits = 0xFF
                ink, paper = dots[colour & 15], dots[colour >> 4 & 7]
                line += b"".join(ink if bits & 0x80 >> x else paper
                                 for x in range(8))
            picture[row * 16 + y][:len(line)] = line
    return b"".join(picture)


def expected_cells(columns, rows):
    """What PAINT leaves."""
    blank = (0x20, GREY)
    cells = []
    for i in range(100 - (rows - 1), 100):
        text = f"line {i} of those that scroll away"
        cells.append([(ord(c), GREY) for c in text])
    cells.append([])
    cells = [line + [blank] * (columns - len(line)) for line in cells]

    def put(row, column, codes, colour=GREY):
        for i, code in enumerate(codes):
            cells[row - 1][column - 1 + i] = (code, colour)

    for row in (3, 7):
        cells[row - 1] = [blank] * columns
    put(3, 1, b"red", 0x04)
    put(3, 5, b"bold", 0x1A)
    put(5, 10, b"here")
    put(4, 12, b"up")
    put(7, 1, bytes([0xDA, 0xC4, 0x84]))
    put(9, 3, b"inverse", 0x70)
    return cells


def wait_for_picture(pc, wanted):
    end = time.monotonic() + 120
    while pc.memory(ADDRESS, len(wanted)) != wanted:
        assert time.monotonic() < end, "another picture"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def painter(tmp_path_factory):
    program = compile_program(PAINT, tmp_path_factory.mktemp("fb") / "paint")
    return tar_member("sbin/init", program.read_bytes()) + bytes(1024)


@needs_font
@pytest.mark.skipif("TEST_LONG" not in os.environ, reason="in check-long only")
def test_no_output_keeps_interrupts_off_for_long(tmp_path, monkeypatch):
    kernel = BUILD / "kernel-latency/cairn.elf"
    subprocess.run(["make", "-s", "LATENCY=1", kernel.relative_to(ROOT)],
                   cwd=ROOT, check=True)
    program = compile_program(SCROLL, tmp_path / "scroll")
    monkeypatch.setattr(machine, "KERNEL", kernel)
    monkeypatch.setattr(scenario.kernel_segments, "__defaults__", (kernel,))
    boot = boot_with(fields(1280, 1024, 32),
                     tar_member("sbin/init", program.read_bytes())
                     + bytes(1024))
    set_mode(boot, 1280, 1024, 32)
    boot.cmdline = b"quiet"
    output = run(boot.media(tmp_path), options=(
        "-icount", "shift=0,align=off,sleep=off")).serial
    assert int(re.search(r"^irqs (\d+)", output, re.M)[1]) <= IRQS_OFF_MAX


@needs_font
@pytest.mark.parametrize("width,height,bpp", [
    (800, 600, 32), (800, 600, 24), (640, 480, 16), (1280, 1024, 32),
    (720, 408, 15)])
def test_text_is_drawn(painter, width, height, bpp):
    boot = boot_with(fields(width, height, bpp), painter)
    set_mode(boot, width, height, bpp)
    boot.cmdline = b"quiet"
    columns = min(width // 8, COLUMNS_MAX)
    rows = min(height // 16, ROWS_MAX)
    wanted = draw(expected_cells(columns, rows), (11, 19), width, rows * 16,
                  bpp)
    with tempfile.TemporaryDirectory(prefix="cairn-boot.") as folder:
        with Machine(boot.media(pathlib.Path(folder))) as pc:
            wait_for_picture(pc, wanted)


@needs_font
def test_the_log_is_there_from_its_first_line():
    boot = boot_with(fields(1024, 768, 32))
    set_mode(boot, 1024, 768, 32)
    pc = boot.run()
    assert pc.status == 0, pc.serial
    assert "framebuffer: 1024 by 768 dots of 32 bits, 128 by 48" in pc.serial


HOSTILE = {
    "in-memory": dict(address=16 * MIB),
    "over-the-kernel": dict(address=MIB),
    "over-the-first-mib": dict(address=0xA0000),
    "at-zero": dict(address=0),
    "reaches-into-memory": dict(address=64 * MIB - 4096),
    "ends-before-memory-of-its-page": dict(address=64 * MIB + 4096 - 0x20000),
    "at-the-end": dict(address=2**36 - 4096),
    "beyond": dict(address=2**40),
    "wraps": dict(address=2**64 - 4096),
    "short-lines": dict(pitch=800),
    "no-lines": dict(pitch=0),
    "long-lines": dict(pitch=2**31),
    "longest-lines": dict(pitch=2**32 - 4),
    "odd-lines": dict(pitch=3201),
    "odd-address": dict(address=ADDRESS + 2),
    "narrow": dict(width=8),
    "wide": dict(width=2**31, pitch=3200),
    "wide-dots": dict(width=2**30, pitch=2**32 - 4),
    "no-height": dict(height=0),
    "high": dict(height=2**32 - 1),
    "bits": dict(bpp=8),
    "no-bits": dict(bpp=0),
    "many-bits": dict(bpp=255),
    "wide-colour": dict(colours=((16, 255), (8, 8), (0, 8))),
    "far-colour": dict(colours=((30, 8), (8, 8), (0, 8))),
    "no-colour": dict(colours=((16, 8), (8, 0), (0, 8))),
    "kind": dict(kind=7),
    "palette": dict(kind=0, bpp=8, pitch=800),
}


@needs_font
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_true_is_refused(name):
    pc = boot_with(fields(**HOSTILE[name])).run()
    assert pc.status == 0, pc.serial
    assert "framebuffer: not used: " in pc.serial, pc.serial
    assert pc.serial.count("init has run") == 1


@needs_font
def test_it_must_not_overlap_what_the_map_lists():
    boot = boot_with(fields())
    boot.map = list(USUAL_MAP) + [(ADDRESS, 4 * MIB, 3)]
    pc = boot.run()
    assert pc.status == 0 and "framebuffer: not used: " in pc.serial
    boot.map = list(USUAL_MAP) + [(ADDRESS, 4 * MIB, RESERVED)]
    pc = boot.run()
    assert pc.status == 0 and "framebuffer: 800 by 600" in pc.serial


def test_text_is_no_framebuffer():
    pc = boot_with(fields(kind=2, width=80, height=25, bpp=16, pitch=160,
                          address=0xB8000)).run()
    assert pc.status == 0 and "framebuffer" not in pc.serial, pc.serial


@needs_font
def test_grub_gives_one(tmp_path):
    """"multiboot" sets gfxpayload to text where there is such a screen."""
    iso = make_iso(tmp_path / "graphics.iso", commands="""
multiboot /boot/cairn.elf init=/bin/poweroff
module /boot/initrd.tar initrd.tar
set gfxpayload=800x600x32
boot""")
    pc = run(["-cdrom", iso], timeout=90)
    assert "framebuffer: 800 by 600 dots of 32 bits" in pc.serial, pc.serial


def test_grub_gives_none_unasked(tmp_path):
    iso = make_iso(tmp_path / "text.iso", cmdline="init=/bin/poweroff")
    pc = run(["-cdrom", iso], timeout=90)
    assert "Cairn 1" in pc.serial and "framebuffer" not in pc.serial, pc.serial
