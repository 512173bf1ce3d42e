"""tools/heap-replay: a trace of malloc on each allocator."""
import json
import re
import struct
import subprocess
import xml.etree.ElementTree

import pytest

from run import ROOT, cairn_run

REPLAY = ROOT / "tools/heap-replay/heap-replay"
FREE, MALLOC, CALLOC, REALLOC = range(4)

# 40 blocks of 1000 bytes, half of them freed, the rest made longer.
CALLS = ([(MALLOC, i, 1000) for i in range(40)] +
         [(FREE, i, 0) for i in range(0, 40, 2)] +
         [(REALLOC, i, 3000) for i in range(1, 40, 2)] +
         [(CALLOC, 0, 200000)] +
         [(FREE, i, 0) for i in (0, *range(1, 40, 2))])
PEAK = 20 * 3000 + 200000

SOURCE = r"""
#include <stdlib.h>
int main(void)
{
    void *p[100];

    for (int i = 0; i < 100; i++)
        p[i] = malloc(100 + i);
    for (int i = 0; i < 100; i++)
        free(p[i]);
    return 0;
}
"""


def replay(*words):
    return subprocess.run([REPLAY, *map(str, words)], capture_output=True,
                          text=True, timeout=300)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replay")
    trace = folder / "t.trace"
    trace.write_bytes(b"".join(struct.pack("<3I", *c) for c in CALLS))
    done = replay(trace, "--svg", folder / "t.svg", "--json", folder / "t.json")
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_figures(replayed):
    said, folder = replayed
    figures = json.loads((folder / "t.json").read_text())
    assert list(figures) == ["cairn", "newlib", "nano"]
    for name, f in figures.items():
        assert f["calls"] == len(CALLS)
        assert f["live"] == PEAK
        assert PEAK <= f["taken"] < 2 * PEAK + 131072, name
        assert f["use"] == f["live"] / f["taken"]
        assert 0 < f["median"] <= f["mean"] * 2
        assert f["median"] <= f["p99"] <= f["p999"] <= f["worst"]
        # Each page that is taken was brought by a fault, or a few at once.
        assert 1 <= f["faults"] <= f["taken"] / 4096 + 20
        assert re.search(rf"^{name} +{len(CALLS)} ", said, re.M)
    # calloc's 200,000 bytes are the dearest call, or their fresh pages are.
    assert re.search(r"^  realloc +20 ", said, re.M)


def test_the_same_twice(replayed):
    said, folder = replayed
    again = replay(folder / "t.trace")
    assert again.stdout == said


def test_picture(replayed):
    root = xml.etree.ElementTree.parse(replayed[1] / "t.svg").getroot()
    lines = [e.get("data-name") for e in root.iter()
             if e.tag.endswith("polyline") and e.get("data-name")]
    assert sorted(lines) == sorted(["cairn", "newlib", "nano"] * 2 + ["live"])


def test_a_recorded_trace(build, tmp_path):
    trace = tmp_path / "out"
    assert cairn_run("--malloc-trace", trace,
                     build("hundred", SOURCE)).returncode == 0
    done = replay("--malloc", "cairn", trace)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  free +1\d\d ", done.stdout, re.M), done.stdout


@pytest.mark.parametrize("data", [b"", b"12345", bytes(11) + b"\1",
                                  struct.pack("<3I", 9, 0, 0)])
def test_no_trace(data, tmp_path):
    path = tmp_path / "bad"
    path.write_bytes(data)
    done = replay("--malloc", "cairn", path)
    if data == bytes(11) + b"\1":   # free of nothing is a call
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 1 and "not a trace" in done.stderr


def test_no_file(tmp_path):
    done = replay(tmp_path / "none")
    assert done.returncode == 1 and "No such file" in done.stderr
