#!/usr/bin/env python3
"""Makes the glyphs of code page 437 from a Linux console font.

    mkfont.py FONT.psf.gz TABLE.c OUT

FONT is of the format PSF 1, 8 by 16 dots, with its table of Unicode
characters (linux: lib/fonts, "psf.h" of kbd).  TABLE.c is dev/cp437.c, which
says which characters the cells from 128 on are.  OUT gets 256 glyphs of 16
bytes, a bit for a dot, the leftmost highest; cells without a glyph are empty.
It fails if OUT is not what it was when this was written.
"""
import gzip
import hashlib
import pathlib
import re
import struct
import sys

MAGIC = b"\x36\x04"
HEIGHT = 16
MODE_512, MODE_TABLE = 1, 2
# Cells below 32 that dev/cp437.c uses.
LOW = {0x03: 0x2665, 0x04: 0x2666, 0x05: 0x2663, 0x06: 0x2660, 0x07: 0x2022,
       0x09: 0x25CB, 0x10: 0x25BA, 0x11: 0x25C4, 0x12: 0x2195, 0x18: 0x2191,
       0x19: 0x2193, 0x1A: 0x2192, 0x1B: 0x2190, 0x1D: 0x2194, 0x1E: 0x25B2,
       0x1F: 0x25BC}
# Blocks that the font may lack.
BLOCKS = {0x2593: b"\xDD\x77" * 8, 0x2584: bytes(8) + b"\xFF" * 8,
          0x2580: b"\xFF" * 8 + bytes(8), 0x258C: b"\xF0" * 16,
          0x2590: b"\x0F" * 16}
SUM = "796dcf0e3d52254bea5545f0c7ebf82156a1a5114cbf513601a965cc0c08cac0"


def read_glyphs(data):
    """Unicode character -> 16 bytes."""
    if data[:2] != MAGIC or data[3] != HEIGHT or not data[2] & MODE_TABLE:
        sys.exit("mkfont: not a font of 8 by 16 dots with a Unicode table")
    count = 512 if data[2] & MODE_512 else 256
    table = data[4 + count * HEIGHT:]
    words = struct.unpack(f"<{len(table) // 2}H", table[:len(table) & ~1])
    glyphs, at, sequence = {}, 0, False
    for word in words:
        if word == 0xFFFF:
            at, sequence = at + 1, False
        elif word == 0xFFFE:
            sequence = True
        elif not sequence and at < count:
            start = 4 + at * HEIGHT
            glyphs.setdefault(word, data[start:start + HEIGHT])
    return {**BLOCKS, **glyphs}


def read_cells(source):
    """The character of each cell."""
    body = re.search(r"upper_half\[128\] = \{(.*?)\}", source, re.S)[1]
    upper = [int(word, 16) for word in re.findall(r"0x(\w+)", body)]
    cells = {i: i for i in range(0x20, 0x7F)}
    cells.update(LOW)
    cells.update({128 + i: c for i, c in enumerate(upper)})
    return cells


def main():
    font, table, out = map(pathlib.Path, sys.argv[1:])
    glyphs = read_glyphs(gzip.decompress(font.read_bytes()))
    cells = read_cells(table.read_text())
    empty = bytes(HEIGHT)
    made = b"".join(glyphs.get(cells.get(i), empty) for i in range(256))
    digest = hashlib.sha256(made).hexdigest()
    if digest != SUM:
        sys.exit(f"mkfont: {font} gives other glyphs ({digest})")
    out.write_bytes(made)


if __name__ == "__main__":
    main()
