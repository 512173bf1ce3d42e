"""The documents name files, functions and programs: all must be there."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = [path for path in [ROOT / "README.md", ROOT / "kernel/README.md",
                          *sorted((ROOT / "docs").glob("*.md"))]
        if path.exists()]
FOLDERS = "kernel|newlib-port|userland|initrd|tools|tests|docs"
SOURCES = ["kernel", "newlib-port", "userland", "tools", "tests"]

# Functions of the C library and its like, which are not Cairn's to define.
FOREIGN = {"malloc", "calloc", "realloc", "free", "main", "abort", "printf"}


def names(path):
    return [path.relative_to(ROOT).as_posix() for path in path]


@pytest.mark.parametrize("doc", names(DOCS))
def test_paths_exist(doc):
    """Or the start of one, as in tools/NAME for the program of NAME.c."""
    text = (ROOT / doc).read_text()
    paths = set(re.findall(rf"\b((?:{FOLDERS})/[\w./*-]*[\w*/])", text))
    assert paths or doc in ("README.md", "docs/glossary.md", "docs/style.md")
    missing = [p for p in paths if not list(ROOT.glob(p.rstrip("/") + "*"))]
    assert not missing


@pytest.mark.parametrize("doc", names(DOCS))
def test_functions_are_defined(doc):
    called = set(re.findall(r"`(\w+)\(\)`", (ROOT / doc).read_text()))
    code = "\n".join(path.read_text(errors="replace")
                     for folder in SOURCES
                     for path in (ROOT / folder).rglob("*.[chS]"))
    defined = set(re.findall(r"\b(\w+)\(", code))
    assert not called - defined - FOREIGN


@pytest.mark.parametrize("doc", names(DOCS))
def test_functions_are_in_the_file_that_is_named(doc):
    """As in "`frame_init()` in `kernel/mm/frame.c`", in tables and drawings."""
    pairs = re.findall(rf"`(\w+)\(\)`\)?(?:\s+in\s+| \| )"
                       rf"`((?:{FOLDERS})/[\w./-]+)`",
                       (ROOT / doc).read_text())
    pairs += re.findall(rf"^ {{4,}}(\w+_\w+) +((?:{FOLDERS})/[\w./-]+)",
                        (ROOT / doc).read_text(), re.M)
    for function, path in pairs:
        code = (ROOT / path).read_text()
        assert re.search(rf"^(?:\S.*\b)?{function}(?:\(|:)|"
                         rf"^SYSCALL_DEFINE\({function[4:]},",
                         code, re.M), (function, path)


@pytest.mark.parametrize("doc", names(DOCS))
def test_programs_are_in_the_image(doc):
    programs = set(re.findall(r"`/bin/(\w+)`", (ROOT / doc).read_text()))
    listed = subprocess.run(["tar", "-tf", ROOT / "build/initrd.tar"],
                            capture_output=True, text=True, check=True).stdout
    packed = {pathlib.PurePath(line).name for line in listed.split()}
    assert programs <= packed


def test_the_start_is_told_in_its_order():
    text = (ROOT / "kernel/README.md").read_text()
    table = text[text.index("| call | after it |"):text.index("If something is")]
    code = (ROOT / "kernel/boot/main.c").read_text()
    code = code[code.index("\nvoid kmain(uint32_t magic, uint32_t info)\n{"):]
    places = [code.find(f"{function}(")
              for function in re.findall(r"`(\w+)\(\)`", table)]
    assert len(places) > 15 and -1 not in places
    assert places == sorted(places)
