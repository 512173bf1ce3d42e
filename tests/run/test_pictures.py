"""cairn-run --memmap and --pagemap: memory as pictures."""
import re
import shutil
import subprocess
import xml.etree.ElementTree as tree

import pytest

from run import cairn_run

SVG = "{http://www.w3.org/2000/svg}"
SOURCE = r"""
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
int main(void)
{
    volatile char *map = mmap((void *)0x50000000, 10 * 4096,
                              PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    map[4096] = 1;
    (void)map[2 * 4096];
    map = mmap((void *)0x60000000, 4096, PROT_NONE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return map == MAP_FAILED;
}
"""


@pytest.fixture(scope="module")
def pictures(build):
    program = build("maps", SOURCE)
    memory, space = program.parent / "memory.svg", program.parent / "space.svg"
    result = cairn_run("--memmap", memory, "--pagemap", space, "-m", "32M",
                       program)
    assert result.returncode == 0, result.stderr
    return memory, space


def groups(path, name):
    return [g for g in tree.parse(path).iter(f"{SVG}g")
            if g.get("class") == name]


def test_every_byte_in_one_region(pictures):
    at, kinds = 0, {}
    for region in groups(pictures[0], "region"):
        start, end = int(region.get("data-start")), int(region.get("data-end"))
        assert start == at < end
        kinds[region.get("data-kind")] = kinds.get(
            region.get("data-kind"), 0) + end - start
        at = end
        assert region.findall(f"{SVG}rect")
    assert at == 32 << 20
    assert {"low memory", "kernel image", "frame metadata", "free",
            "user pages", "page tables", "reserved"} <= set(kinds)
    assert kinds["free"] > 20 << 20
    assert 4096 * 4 <= kinds["user pages"] < 1 << 20


def test_areas_and_pages(pictures):
    areas = {int(a.get("data-start")): a for a in groups(pictures[1], "area")}
    ends = [int(a.get("data-end")) for a in areas.values()]
    assert all(s >= e for s, e in zip(list(areas)[1:], ends))
    pages = [(p.get("data-state"), int(p.get("data-n")))
             for p in areas[0x50000000] if p.get("class") == "pages"]
    assert pages in ([("not there yet", 1), ("its own", 2),
                      ("not there yet", 7)],
                     [("not there yet", 1), ("its own", 1),
                      ("the page of zeros", 1), ("not there yet", 7)])
    texts = [t.text for t in areas[0x60000000].iter(f"{SVG}text")]
    assert "60000000-60001000 ---p" in texts
    assert any("[stack]" in "".join(a.itertext()) for a in areas.values())


@pytest.mark.skipif(shutil.which("rsvg-convert") is None,
                    reason="no rsvg-convert here")
def test_they_can_be_drawn(pictures):
    for path in pictures:
        png = subprocess.run(["rsvg-convert", path], capture_output=True,
                             check=True).stdout
        assert png.startswith(b"\x89PNG") and len(png) > 2000
