"""tools/memmap-lab: maps of real machines' kinds, on the host and booted."""
import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import pytest

import scenario
from test_boot import RAM_KINDS

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB = ROOT / "tools/memmap-lab/memmap-lab"
MAPS = sorted((ROOT / "tools/memmap-lab/maps").glob("*.map"))
TABLE = re.compile(r"^([0-9a-f]{12}) - ([0-9a-f]{12})  .{10}  (.*)$", re.M)


def load():
    loader = importlib.machinery.SourceFileLoader("memmap_lab", str(LAB))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("memmap_lab", loader))
    loader.exec_module(module)
    return module


lab = load()


def run_lab(*words, **options):
    return subprocess.run([LAB, *map(str, words)], capture_output=True,
                          text=True, timeout=300, **options)


def rows_of(text):
    return [(int(a, 16), int(b, 16), kind) for a, b, kind in
            TABLE.findall(text)]


def joined(ranges):
    """Neighbours as one."""
    found = []
    for start, end in ranges:
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    return found


def assert_partition(picture, rows):
    """Every byte up to the end of the last row is in exactly one region."""
    root = xml.etree.ElementTree.parse(picture).getroot()
    regions = sorted(
        (int(g.get("data-start"), 16), int(g.get("data-end"), 16))
        for g in root.iter("{http://www.w3.org/2000/svg}g")
        if g.get("data-start"))
    at = 0
    for start, end in regions:
        assert start == at < end
        at = end
    assert at == (rows[-1][1] if rows else 1 << 32)
    for start, end, _ in rows:
        assert (start, end) in regions


def test_there_are_thirty():
    assert len(MAPS) >= 30


@pytest.mark.parametrize("path", MAPS, ids=lambda p: p.stem)
def test_map(path, tmp_path):
    """The second opinion, the picture, and a machine agree with the table."""
    picture = tmp_path / "map.svg"
    done = run_lab(path, "--svg", picture, "--boot")
    assert done.returncode == 0, done.stdout + done.stderr
    text = path.read_text()
    entries = lab.parse(text)
    assert len(entries) == len(re.findall("BIOS-e820", text))
    rows = rows_of(done.stdout)
    if stops := lab.setting(text, "stops"):
        assert f"the kernel stops: {stops}" in done.stdout
        return
    assert joined((start, end) for start, end, kind in rows
                  if kind in RAM_KINDS - {"low memory"}) == \
        scenario.ram(entries)
    assert_partition(picture, rows)


@pytest.mark.parametrize("seed", range(40))
def test_random_map(seed, tmp_path):
    picture = tmp_path / "map.svg"
    done = run_lab("--random", seed, "--svg", picture)
    assert done.returncode == 0, done.stderr
    rows = rows_of(done.stdout)
    assert joined((start, end) for start, end, kind in rows
                  if kind in RAM_KINDS - {"low memory"}) == \
        scenario.ram(lab.random_map(seed))
    assert_partition(picture, rows)


def test_random_map_boots():
    done = run_lab("--random", 7, "--boot")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_log_and_a_table_are_the_same():
    log = run_lab("--random", 5, "--log").stdout
    table = "".join(f"{b:#x} {n} {t}\n" for b, n, t in lab.random_map(5))
    said = [run_lab("-", input=text).stdout for text in (log, table)]
    assert said[0] == said[1] == run_lab("--random", 5).stdout
    assert len(rows_of(said[0])) > 3


@pytest.mark.parametrize("line, entry", [
    ("BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] usable",
     (0x100000, 0x100000, 1)),
    ("[    0.000000] BIOS-e820: [mem 0x1000-0x1fff] persistent (type 12)",
     (0x1000, 0x1000, 12)),
    (" BIOS-e820: 0000000000000000 - 000000000009f800 (usable)",
     (0, 0x9F800, 1)),
    ("user: [mem 0x0-0xfff] usable", None),
    ("0x100000 4096 ACPI NVS", (0x100000, 4096, 4)),
    ("4096 0x1000 99", (4096, 4096, 99)),
    ("# 1 2 3", None),
])
def test_lines(line, entry):
    assert lab.parse(line) == ([entry] if entry else [])


def test_nothing_to_read():
    done = run_lab("-", input="hello\n")
    assert done.returncode == 1 and "no entry" in done.stderr
    assert run_lab().returncode == 2
