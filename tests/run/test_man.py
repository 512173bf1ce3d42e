"""The pages of man: one for each of Cairn's own programs and calls."""
import re
import subprocess

import pytest

from run import ROOT, cairn_run

PAGES = ROOT / "userland/man"
MANDOC = ROOT / "build/ports/mandoc/root/bin/mandoc"

pytestmark = pytest.mark.skipif(not MANDOC.exists(),
                                reason="mandoc could not be fetched")


def names():
    """Programs of userland/, calls above 0x1000, and cairn-run."""
    users = ROOT / "userland"
    programs = [path.stem for path in users.glob("*.c")]
    programs += [path.parent.name for path in users.glob("*/*.c")
                 if path.parent.name != "ports"]
    calls = re.findall(r"^SYSCALL\(0x1[0-9a-f]{3}, (\w+),",
                       (ROOT / "kernel/include/cairn/syscalls.def").read_text(),
                       re.MULTILINE)
    return sorted({*programs, *calls, "reboot", "halt", "cairn", "cairn-run"})


@pytest.mark.parametrize("name", names())
def test_there_is_a_page(name):
    assert list(PAGES.glob(f"man?/{name}.[1-8]")), name


def test_the_pages_are_sound():
    done = subprocess.run(
        [MANDOC, "-T", "lint", "-W", "warning",
         *sorted(PAGES.glob("man?/*.[1-8]"))], capture_output=True, text=True)
    lines = [line for line in (done.stdout + done.stderr).splitlines()
             if "cannot parse date" not in line]
    assert not lines


def test_man_in_cairn():
    done = cairn_run("-c", "man maps | cat; man reboot | head -n 1; whatis sbrk;"
                     " man -k frames; man none")
    said = re.sub(b".\x08", b"", done.stdout)
    assert b"maps \xe2\x80\x93 show the areas" in said or \
        b"maps - show the areas" in said
    assert b"POWEROFF(8)" in said and b"sbrk(2)" in said
    assert b"frames(1)" in said
    assert b"none" in done.stderr


def test_the_description_of_cairn_run_is_complete():
    """Each option that --help lists, but those of the laboratory."""
    said = cairn_run("--help").stdout.decode()
    page = (PAGES / "man1/cairn-run.1").read_text().replace("Fl -", "--")
    for option in ("--file", "--dir", "--shell", "--image", "--gdb", "--limit",
                   "--backtrace", "--timeout", "--log"):
        assert option in said and option in page
