"""cairn-run --malloc-trace and --heap: what a program asks of malloc."""
import json
import re
import shutil
import struct
import subprocess

import pytest

from run import CC, cairn_run

LEAKY = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct node { struct node *next; char text[40]; };
static struct node *__attribute__((noinline)) push(struct node *head)
{
    struct node *n = malloc(sizeof(*n)); /* line 8 */
    n->next = head;
    return n;
}
static void __attribute__((noinline)) lose(int n)
{
    char *volatile lost = malloc(n); /* line 14 */
    lost[0] = 1;
}
static char *__attribute__((noinline, noipa)) hide(void *p) { return p; }
int main(int argc, char **argv)
{
    struct node *list = NULL;
    char *buf = NULL;
    (void)argv;
    for (int i = 0; i < 50; i++) {
        list = push(list);
        buf = realloc(buf, 100 + i * 20); /* line 25 */
        if (argc > 1 && i % 25 == 3)
            lose(500 + i);
    }
    free(buf);
    while (list) {
        struct node *n = list;
        list = n->next;
        free(n);
    }
    buf = hide(calloc(100, 1000));
    free(buf);
    buf = hide(aligned_alloc(64, 128));
    free(buf);
    puts("done");
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heap")
    (folder / "leaky.c").write_text(LEAKY)
    subprocess.run([CC, "-g", "-O1", folder / "leaky.c", "-o",
                    folder / "leaky"], check=True)
    return folder / "leaky"


@pytest.fixture(scope="module")
def leaking(program):
    return look(program, "x")


@pytest.fixture(scope="module")
def clean(program):
    return look(program)


def look(program, *args):
    page = program.parent / f"heap{len(args)}.html"
    result = cairn_run("--heap", page, program, *args)
    assert (result.returncode, result.stdout) == (0, b"done\n"), result.stderr
    return page


def live_at_end(page):
    """What the events of the JSON file leave: bytes and blocks by place."""
    data = json.loads(page.with_suffix(".json").read_text())
    assert (data["format"], data["version"]) == ("cairn-heap", 1)
    live = {}
    for i in range(0, len(data["events"]), 6):
        op, address, nbytes, old, _, site = data["events"][i:i + 6]
        if op == 4 or (op == 3 and (address or not nbytes)):
            live.pop(old, None)
        if op != 4 and address:
            live[address] = (nbytes, data["sites"][site]["place"])
    return sorted(live.values())


def test_json(leaking, clean):
    assert live_at_end(clean) == []
    assert live_at_end(leaking) == [(503, "lose at leaky.c:14"),
                                    (528, "lose at leaky.c:14")]
    data = json.loads(leaking.with_suffix(".json").read_text())
    places = {site["place"] for site in data["sites"]}
    assert {"push at leaky.c:8", "main at leaky.c:25"} <= places
    frames = next(s["frames"] for s in data["sites"] if "lose" in s["place"])
    assert frames[1].startswith("main at leaky.c:2")


def test_massif(leaking):
    text = leaking.with_suffix(".massif").read_text()
    sizes = [int(n) for n in re.findall(r"^mem_heap_B=(\d+)$", text, re.M)]
    assert text.startswith("desc: ") and "time_unit: i\n" in text
    assert max(sizes) >= 100000 and sizes[-1] == 503 + 528


@pytest.mark.skipif(shutil.which("ms_print") is None, reason="no ms_print here")
def test_ms_print(leaking):
    text = subprocess.run(["ms_print", leaking.with_suffix(".massif")],
                          text=True, capture_output=True).stdout
    assert "leaky" in text and "Number of snapshots" in text


def test_malloc_trace(program, tmp_path):
    trace = tmp_path / "trace"
    assert cairn_run("--malloc-trace", trace, program).returncode == 0
    calls = list(struct.iter_unpack("<3I", trace.read_bytes()))
    live = {}
    for what, slot, nbytes in calls:
        if what == 0:
            del live[slot]
        elif what == 3:
            assert slot in live
            live[slot] = nbytes
        else:
            assert slot not in live
            live[slot] = nbytes
    assert live == {}
    assert (2, 0, 100000) in calls or any(c[0] == 2 and c[2] == 100000
                                          for c in calls)
    assert sum(c[0] == 1 and c[2] == 44 for c in calls) == 50


def test_own_allocator(tmp_path):
    """The events come from the functions, whoever wrote them."""
    (tmp_path / "own.c").write_text(r"""
#include <stddef.h>
#include <unistd.h>
static char room[1000];
static size_t used;
void *malloc(size_t n)
{
    used += (n + 15) & ~(size_t)15;
    return used <= sizeof(room) ? room + used - n : NULL;
}
void free(void *p) { (void)p; }
void *calloc(size_t n, size_t m) { return malloc(n * m); }
void *realloc(void *p, size_t n) { (void)p; return malloc(n); }
int main(void)
{
    volatile char *p = malloc(77);
    p[0] = 1;
    return 0;
}""")
    subprocess.run([CC, "-g", "-O1", "-fno-builtin", tmp_path / "own.c", "-o",
                    tmp_path / "own"], check=True)
    page = tmp_path / "own.html"
    assert cairn_run("--heap", page, tmp_path / "own").returncode == 0
    assert (77, "main at own.c:16") in live_at_end(page)


def test_only_programs():
    result = cairn_run("--heap", "/tmp/h.html", "-c", "true")
    assert result.returncode == 125
    assert b"malloc can only be watched in one PROGRAM" in result.stderr


# ---- the page, in a browser ----

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def browse(page, script):
    """The page's document after a script has used it."""
    copy = page.with_name("used.html")
    copy.write_text(page.read_text().replace(
        "</body>", f"<script>{script}</script></body>"))
    return subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
         "--window-size=1100,1300", "--virtual-time-budget=4000", "--dump-dom",
         f"file://{copy}"], text=True, capture_output=True, timeout=120).stdout


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
def test_page_of_clean(clean):
    dom = browse(clean, "")
    assert "Everything that was taken was freed." in dom
    assert "0 B in 0 blocks" in dom


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
def test_page_of_leaking(leaking):
    dom = browse(leaking, """
      const click = box => document.getElementById("map").dispatchEvent(
          new MouseEvent("click", {clientX: box[0] + box[2] / 2 +
              document.getElementById("map").getBoundingClientRect().left,
              clientY: box[1] + box[3] / 2 +
              document.getElementById("map").getBoundingClientRect().top}));
      const note = text => { const p = document.createElement("p");
          p.className = "note"; p.textContent = text; document.body.append(p); };
      const slider = document.getElementById("time");
      click(boxes[0]);
      note("clicked: " + document.getElementById("history").textContent);
      slider.value = 40; slider.dispatchEvent(new Event("input"));
      note("moved: " + document.getElementById("now").textContent);
      slider.value = 5; slider.dispatchEvent(new Event("input"));
      note("back: " + document.getElementById("now").textContent);
      document.getElementById("colour").value = "site";
      document.getElementById("colour").dispatchEvent(new Event("change"));
      note("boxes: " + boxes.length);""")
    leaks = dom.split('id="leaks"')[1].split("<script")[0]
    assert "lose at leaky.c:14" in leaks and "2 blocks" in leaks
    assert "push" not in leaks
    assert re.search(r"clicked: block 0x\w+, (503|528) bytes, taken by event "
                     r"\d+ of \d+\s+lose at leaky\.c:14\s+main at leaky", dom)
    assert re.search(r"moved: event 40 of \d+: [\d.]+ \w+ in \d+ blocks", dom)
    assert re.search(r"back: event 5 of \d+: \d+ B in 4 blocks", dom), \
        re.findall(r"back: [^<]*", dom)
    assert re.search(r"boxes: [1-9]", dom)
