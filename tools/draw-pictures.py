#!/usr/bin/env python3
"""tools/draw-pictures.py FOLDER - draw the pictures of the documents as SVG

`make pictures` writes docs/pictures/NAME.svg: the way from the boot loader to
a program, the kernel's rooms, an address space, the life of a page, and the
structures of malloc. The text of a picture is in its function below.
"""
import html
import pathlib
import sys

FONT = "ui-sans-serif, 'DejaVu Sans', Arial, sans-serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', monospace"
INK, PALE, LINE = "#1f2933", "#616e7c", "#9aa5b1"
FILLS = {
    "kernel": "#f7d774", "user": "#a9d6f5", "free": "#d9cdf0",
    "low": "#dba58f", "plain": "#eef1f4", "good": "#b8e0b0",
}


class Picture:
    """Shapes in pixels, collected as SVG elements."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.parts = []

    def rect(self, x, y, width, height, fill="plain", corner=4):
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" '
            f'rx="{corner}" fill="{FILLS.get(fill, fill)}" stroke="{INK}" '
            f'stroke-width="1"/>')

    def text(self, x, y, words, size=13, anchor="start", colour=INK,
             mono=False, bold=False):
        self.parts.append(
            f'<text x="{x}" y="{y}" font-size="{size}" '
            f'font-family="{MONO if mono else FONT}" fill="{colour}" '
            f'text-anchor="{anchor}"{" font-weight=" + chr(34) + "600" + chr(34) if bold else ""}>'
            f'{html.escape(words, quote=False)}</text>')

    def box(self, x, y, width, height, head, lines=(), fill="plain"):
        """A rectangle with a heading and small lines, centred."""
        self.rect(x, y, width, height, fill)
        top = y + height / 2 - 8 * len(lines) + 5
        self.text(x + width / 2, top, head, anchor="middle", bold=True)
        for number, line in enumerate(lines, 1):
            self.text(x + width / 2, top + 16 * number, line, 11, "middle",
                      PALE)

    def arrow(self, x1, y1, x2, y2, label="", dx=0, dy=-6, anchor="middle"):
        self.parts.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}" '
            f'stroke-width="1.4" marker-end="url(#tip)"/>')
        if label:
            self.text((x1 + x2) / 2 + dx, (y1 + y2) / 2 + dy, label, 11,
                      anchor, PALE)

    def path(self, words, label="", x=0, y=0):
        self.parts.append(f'<path d="{words}" fill="none" stroke="{INK}" '
                          'stroke-width="1.4" marker-end="url(#tip)"/>')
        if label:
            self.text(x, y, label, 11, "middle", PALE)

    def svg(self):
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" '
            f'height="{self.height}" viewBox="0 0 {self.width} {self.height}" '
            'role="img">',
            f"<title>{html.escape(self.title)}</title>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" '
            'markerWidth="8" markerHeight="8" orient="auto-start-reverse">'
            f'<path d="M0 0L8 4L0 8z" fill="{INK}"/></marker></defs>',
            f'<rect width="{self.width}" height="{self.height}" '
            'fill="#ffffff"/>',
            *self.parts, "</svg>", ""])


def boot():
    steps = [
        ("boot loader", ["GRUB and others:", "memory map, initrd"],
         "plain"),
        ("start.S", ["PAE, page tables,", "upper half"], "kernel"),
        ("kmain()", ["copies and checks", "what the loader said"], "kernel"),
        ("memory", ["map, frames,", "promises, slabs"], "kernel"),
        ("devices, files", ["interrupts, clocks,", "/, /tmp, /dev, /proc"],
         "kernel"),
        ("pid 1", ["a kernel thread,", "adopts orphans"], "kernel"),
        ("first program", ["init with shells,", "the tour, or yours"], "user"),
    ]
    picture = Picture(1010, 130, "From the boot loader to the first program")
    for number, (head, lines, fill) in enumerate(steps):
        x = 10 + 143 * number
        picture.box(x, 30, 123, 74, head, lines, fill)
        if number + 1 < len(steps):
            picture.arrow(x + 123, 67, x + 142, 67)
    return picture


def rooms():
    table = [
        ("boot", "from the loader to the first program"),
        ("sys", "system calls: thin functions that check their words"),
        ("dev", "serial lines, screen, keyboard, terminals, PCI, channel"),
        ("proc", "processes, programs, signals, users, /proc"),
        ("fs", "files, names, paths, pipes, files in memory, /dev"),
        ("sched", "threads, which of them runs, wait queues, timers"),
        ("mm", "memory map, frames, slabs, promises, address spaces"),
        ("arch/i386", "registers, page tables, traps, user copies, clocks"),
        ("lib", "strings, lists, trees, bits, log, random numbers"),
    ]
    picture = Picture(640, 44 * len(table) + 90, "The rooms of the kernel")
    picture.rect(20, 10, 500, 34, "user")
    picture.text(36, 32, "programs, newlib", bold=True)
    picture.text(510, 32, "include/cairn/: the interface", 11, "end", PALE)
    for number, (name, what) in enumerate(table):
        y = 58 + 44 * number
        picture.rect(20, y, 500, 36, "kernel")
        picture.text(36, y + 23, name, 13, mono=True, bold=True)
        picture.text(128, y + 23, what, 12)
    bottom = 58 + 44 * len(table) - 12
    picture.arrow(545, 62, 545, bottom)
    picture.text(560, (62 + bottom) / 2 - 8, "includes", 12)
    picture.text(560, (62 + bottom) / 2 + 8, "go down", 12)
    return picture


def space():
    ranges = [
        ("0xFFE00000", "windows: high frames for a moment", "kernel", 26),
        ("0xFC000000", "device memory", "kernel", 26),
        ("0xF4000000", "kernel stacks, each above a page that is not mapped",
         "kernel", 26),
        ("0xC0000000", "the lowest 832 MiB of physical memory; the kernel",
         "kernel", 54),
        ("", "stack: grows down when it is touched", "user", 34),
        ("", "", "#ffffff", 26),
        ("", "mappings: mmap gives the highest gap that fits", "user", 40),
        ("", "", "#ffffff", 40),
        ("", "heap: sbrk and brk move its end", "user", 34),
        ("", "bss, data, constants, text", "user", 54),
        ("0x00010000", "", "#ffffff", 30),
        ("0x00000000", "never mapped: a null pointer ends here", "low", 26),
    ]
    picture = Picture(620, sum(r[3] for r in ranges) + 30,
                      "The address space of a process")
    y = 12
    for address, words, fill, height in ranges:
        picture.rect(120, y, 400, height, fill, 0)
        if address:
            picture.text(110, y + height, address, 12, "end", mono=True)
        if words:
            picture.text(132, y + height / 2 + 4, words, 12)
        y += height
    picture.arrow(500, 152, 500, 172)
    picture.arrow(500, 213, 500, 236)
    picture.arrow(500, 312, 500, 290)
    picture.text(535, 80, "kernel", 12, colour=PALE)
    picture.text(535, 280, "process", 12, colour=PALE)
    return picture


def page():
    picture = Picture(820, 330, "The life of a page")
    picture.box(20, 30, 150, 66, "granted", ["mmap, brk, exec:", "charged"],
                "good")
    picture.box(240, 30, 150, 66, "present", ["zeroed or filled,", "mapped"],
                "user")
    picture.box(470, 30, 150, 66, "shared", ["two processes,", "read-only"],
                "user")
    picture.box(240, 220, 150, 66, "free", ["in the buddy", "allocator"],
                "free")
    picture.box(20, 220, 150, 66, "zeroed", ["by the idle thread,", "free"],
                "free")
    picture.box(650, 130, 150, 66, "copied", ["the writer has", "its own"],
                "user")
    picture.arrow(170, 63, 238, 63, "first touch")
    picture.arrow(390, 63, 468, 63, "fork")
    picture.path("M620 63 C 700 63 725 90 725 128", "first write", 750, 72)
    picture.path("M650 165 C 480 165 340 150 325 98",
                 "as present: only one user", 515, 178)
    picture.arrow(315, 96, 315, 218, "munmap, exit", 44, 4)
    picture.arrow(240, 253, 172, 253, "no work", 0, -6)
    picture.path("M95 220 C 95 150 200 130 262 98",
                 "next touch: 350 instructions", 207, 186)
    return picture


def malloc():
    picture = Picture(860, 250, "The structures of malloc")
    blocks = [(3, "live"), (4, "live"), (2, "hole"), (10, "hole"),
              (2, "live"), (7, "top")]
    colours = {"live": "user", "hole": "free", "top": "plain"}
    size, x0 = 24, 110
    for name, y in (("memory", 54), ("start", 104), ("live", 144)):
        picture.text(x0 - 12, y + 4, name, 13, "end", mono=name != "memory")
    x = x0
    for length, kind in blocks:
        width = length * size
        picture.rect(x, 30, width, 38, colours[kind], 0)
        picture.text(x + width / 2, 53, kind, 12, "middle")
        for granule in range(length):
            for y, bit in ((88, granule == 0),
                           (128, granule == 0 and kind == "live")):
                picture.rect(x + granule * size, y, size, 24,
                             "good" if bit else "#ffffff", 0)
                picture.text(x + granule * size + size / 2, y + 17,
                             "1" if bit else ".", 12, "middle", mono=True)
        x += width
    picture.arrow(x + 6, 49, x + 56, 49, "sbrk", 0, -8)
    picture.text(x0, 182, "One column is a granule of 16 bytes. A block ends "
                 "where the next one starts: no block has a header.", 12)
    picture.text(x0, 204, "A pointer is a live block exactly if both of its "
                 "bits are 1, so free() knows every wrong one before it "
                 "touches it.", 12)
    picture.text(x0, 226, "A byte for each KiB, the hint, has the length of "
                 "its small blocks where all are of one length.", 12)
    return picture


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for draw in (boot, rooms, space, page, malloc):
        (folder / f"{draw.__name__}.svg").write_text(draw().svg())


main()
