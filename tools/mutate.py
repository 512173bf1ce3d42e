#!/usr/bin/env python3
"""tools/mutate.py - what `make mutate` runs: do the tests notice a fault?

    tools/mutate.py [--seed N] [--count N] [FILE|FOLDER...]

Makes single changes to C files of this clone, in a copy below build/mutate:
another comparison, operator or constant, a condition turned round, a statement
deleted, an error that is no longer returned. For each it builds what the change
touches and runs the narrowest tests that cover the file (COVER below), until
one fails. What no test notices is printed as a survivor.

A survivor that behaves like the original has a line in tools/mutate.known, with
the reason: it is not counted. The files default to those of kernel/mm,
kernel/fs, kernel/proc and newlib-port/src; the same seed makes the same changes
as long as the files stay the same.

Exit status: 0 if every change was noticed or is known, else 1; 2 if the tests
fail without any change.
"""
import argparse
import collections
import fnmatch
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build/mutate"
KNOWN = ROOT / "tools/mutate.known"
FOLDERS = ("kernel/mm", "kernel/fs", "kernel/proc", "newlib-port/src")
TIMEOUT = 240  # seconds for one test: a change may make it hang

# Files; tests of the host; tests in Cairn. The first line that fits counts.
COVER = (
    ("kernel/mm/frame*.c", "frame mm/kmalloc", "mm_map mm_zeroed"),
    ("kernel/mm/memmap.c", "memmap frame", ""),
    ("kernel/mm/kmalloc.c", "mm/kmalloc mm/fail", "fs_file fail_nth"),
    ("kernel/mm/*.c", "mm/space mm/fail mm/model mm/commit",
     "mm_map mm_stack mm_sbrk mm_fork life_remap wx rights_limits proc_cairn"),
    ("kernel/fs/tar.c", "tar fs/initrd", ""),
    ("kernel/fs/initrd.c", "fs/initrd", ""),
    ("kernel/fs/pagemap.c", "fs/pagemap fs/data", ""),
    ("kernel/fs/pipe.c", "fs/pipe", "fs_pipe life_write fs_fail pointers"),
    ("kernel/fs/lock.c", "", "life_locks lock_model"),
    ("kernel/fs/*fd.c", "", "events event_threads epoll"),
    ("kernel/fs/ram*.c", "fs/data fs/names fs/random",
     "fs_file fs_names fs_more fs_attr fs_full fs_map xattr"),
    ("kernel/fs/*.c", "fs/names fs/data fs/random",
     "fs_names fs_file fs_fd fs_more fs_attr fs_mount fs_readdir fs_map "
     "rights_files fs_fail life_files"),
    ("kernel/proc/elf.c", "elf", "exec_mutants"),
    ("kernel/proc/futex*.c", "", "futex futex_pi pthread_locks"),
    ("kernel/proc/sysv*.c", "", "sysv"),
    ("kernel/proc/mqueue.c", "", "mqueues"),
    ("kernel/proc/epoll.c", "", "epoll events event_threads"),
    ("kernel/proc/*timer*.c", "", "timers time_exact signals"),
    ("kernel/proc/procfs*.c", "",
     "proc_process proc_system proc_cairn proc_fail proc_hostile"),
    ("kernel/proc/sig*.c", "", "signals sigframe traps restart events"),
    ("kernel/proc/*.c", "",
     "process process_more signals groups life_pids thread_clone "
     "rights_procs rights_limits fail_calls exec_dynamic restart"),
    ("newlib-port/src/pthread/*.c", "",
     "pthread_basic pthread_locks pthread_protocol"),
    ("newlib-port/src/*.c", "",
     "libc_posix libc_more libc_stdio libc_string libc_time libc_edges "
     "libc_start process process_more signals"),
)

# A make in the copy has none of the settings of the make that runs this.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if not name.startswith("MAKE") and name != "MFLAGS"}

Change = collections.namedtuple("Change", "path line before after what")

SWAPS = (("<=", "<"), ("<", "<="), (">=", ">"), (">", ">="), ("==", "!="),
         ("!=", "=="), ("&&", "||"), ("||", "&&"), ("+", "-"), ("-", "+"))


def code_lines(text):
    """(number, line, code) of lines with statements; comments and strings are
    blanked in `code`, which is as long as the line."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])

    code = re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\""
                  r"|'(?:\\.|[^'\\\n])*'|^#(?:[^\n]*\\\n)*[^\n]*|"
                  r"_Static_assert\s*\([^;]*;",
                  blank, text, flags=re.S | re.M)
    for number, pair in enumerate(zip(text.split("\n"), code.split("\n"))):
        if pair[1].startswith(" ") and pair[1].strip():
            yield number, *pair


def is_choice(code, match):
    """Whether it compares in "a > b ? a : b", the same for equal ones."""
    sides = re.search(r"([\w>.-]+) [<>]=? ([\w>.-]+) \? ([\w>.-]+) : "
                      r"([\w>.-]+)", code)
    return sides is not None and {*sides.groups()[:2]} == \
        {*sides.groups()[2:]} and \
        sides.start() < match.start() < sides.end()


def changes_of(path):
    """Every change of one file."""
    for number, line, code in code_lines((ROOT / path).read_text()):
        def change(start, end, new, what):
            return Change(path, number, line, line[:start] + new + line[end:],
                          what)

        for old, new in SWAPS:
            for match in re.finditer(rf"(?<= ){re.escape(old)}(?= )", code):
                if is_choice(code, match):
                    continue
                yield change(*match.span(), new, f"{old} becomes {new}")
        for match in re.finditer(r"(?<![\w.])(\d+)(u?)(?![\w.])", code):
            yield change(*match.span(), f"{int(match[1]) + 1}{match[2]}",
                         f"{match[1]} becomes {int(match[1]) + 1}")
        match = re.match(r"^( +)(?:if|while) \((.*)\)( \{)?$", code)
        if match and match[2].count("(") == match[2].count(")"):
            yield change(match.start(2), match.end(2),
                         f"!({line[match.start(2):match.end(2)]})",
                         "the condition is turned round")
        if re.match(r"^ +[\w>.*\[\]()-]+ [-+|&]?= [^;]*;$", code) or \
                re.match(r"^ +\w+\(.*\);$", code):
            start = len(code) - len(code.lstrip())
            yield change(start, len(code), ";", "the statement is deleted")
        match = re.match(r"^ +return (-E\w+);$", code)
        if match:
            yield change(*match.span(1), "0", f"{match[1]} is not returned")


def known():
    """The equivalent changes: (path, line before, line after)."""
    found = set()
    if KNOWN.exists():
        blocks = re.findall(r"^(\S+)\n- +(.*)\n\+ +(.*)\n", KNOWN.read_text(),
                            re.M)
        found = {(path, old.strip(), new.strip()) for path, old, new in blocks}
    return found


def run(*command):
    """Run a command in the copy: whether it succeeds in time."""
    process = subprocess.Popen(command, cwd=COPY, env=ENVIRONMENT,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        return process.wait(TIMEOUT) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def make(*targets):
    return run("make", "-s", *targets)


def cover(path):
    for pattern, host, guest in COVER:
        if fnmatch.fnmatch(path, pattern):
            return host.split(), guest.split()
    return [], []


def build(path):
    """Build what a file's tests need."""
    guest = cover(path)[1]
    if path.startswith("kernel/"):
        return make("build/kernel/cairn.elf")
    return make("sysroot", *(f"build/guest/{name}" for name in guest))


def noticed_by(path):
    """The first test that fails, or None; the build is up to date."""
    host, guest = cover(path)
    for name in host:
        program = f"build/host/test/64/{name}"
        if not make(program) or not run(program):
            return f"host/{name}"
    for name in guest:
        if not run(sys.executable, "tests/run-tests.py", "--build", "build",
                   f"guest/{name}"):
            return f"guest/{name}"
    return None


def copy_tree():
    """A copy with what is built, in which times of files are kept."""
    shutil.rmtree(COPY, ignore_errors=True)
    (COPY / "build").mkdir(parents=True)
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT)
    tops = {name.split("/")[0] for name in names.decode().split("\0") if name}
    for name in sorted(tops | {".git", "sysroot"}):
        subprocess.check_call(["cp", "-a", ROOT / name, COPY / name])
    for entry in (ROOT / "build").iterdir():
        if entry != COPY and not entry.name.startswith(
                ("kernel-", "linux", "borrowed", "gcc-src", "fuzz", "iso")):
            subprocess.check_call(["cp", "-a", entry, COPY / "build"])


def try_change(change):
    """What noticed the change: a test, "" for none, None if it does not build.

    The copy is as before afterwards.
    """
    file = COPY / change.path
    text = file.read_text()
    lines = text.split("\n")
    lines[change.line] = change.after
    file.write_text("\n".join(lines))
    try:
        if not build(change.path):
            return None
        return noticed_by(change.path) or ""
    finally:
        file.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("files", nargs="*", default=FOLDERS)
    args = parser.parse_args()
    names = subprocess.check_output(
        ["git", "ls-files", *args.files], cwd=ROOT, text=True).split()
    files = [name for name in names if name.endswith(".c") and any(cover(name))]
    changes = [change for name in files for change in changes_of(name)]
    random.Random(args.seed).shuffle(changes)
    equivalent = known()
    print(f"{len(changes)} changes of {len(files)} files, seed {args.seed}")
    copy_tree()
    checked, caught, survivors = set(), 0, []
    for change in changes:
        if caught + len(survivors) == args.count:
            break
        if (change.path, change.before.strip(),
                change.after.strip()) in equivalent:
            continue
        tests = tuple(map(tuple, cover(change.path)))
        if tests not in checked:
            broken = build(change.path) and noticed_by(change.path)
            if broken is not None:
                print(f"mutate: {broken or 'the build'} fails already")
                return 2
            checked.add(tests)
        result = try_change(change)
        if result is None:
            continue
        caught += result != ""
        where = f"{change.path}:{change.line + 1}: {change.what}"
        print(f"  {result or 'SURVIVED':22} {where}", flush=True)
        if not result:
            survivors.append(change)
    for change in survivors:
        print(f"\n{change.path}\n- {change.before.strip()}\n"
              f"+ {change.after.strip()}   (line {change.line + 1})")
    print(f"\n{caught} noticed, {len(survivors)} not")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
