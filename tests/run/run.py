"""Tools for the tests of cairn-run."""
import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CC = ROOT / "sysroot/bin/i686-cairn-gcc"
CAIRN_RUN = ROOT / "sysroot/bin/cairn-run"
KERNEL = ROOT / "build/kernel/cairn.elf"


def cairn_run(*args, **options):
    """Runs cairn-run to its end; stdin is empty unless said otherwise."""
    options.setdefault("timeout", 90)
    if "stdin" not in options and "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    return subprocess.run([CAIRN_RUN, *args], capture_output=True, **options)


def start(*args, **options):
    """Starts cairn-run, with pipes for what is not said otherwise."""
    for name in "stdin", "stdout", "stderr":
        options.setdefault(name, subprocess.PIPE)
    return subprocess.Popen([CAIRN_RUN, *args], **options)


def same_as_local(program, *args, **options):
    """The program does the same in Cairn as on this Linux; what it did."""
    local = subprocess.run([program, *args], capture_output=True,
                           timeout=60, **options)
    there = cairn_run(program, *args, **options)
    assert there.stdout == local.stdout
    assert there.stderr == local.stderr
    status = local.returncode
    assert there.returncode == (status if status >= 0 else 128 - status)
    return there


def processes_with(word):
    """Ids of the processes that have this word in their command line."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            pass
    return found


def wait_until(condition, seconds=10):
    """Waits until the condition holds; its last value."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def environment(**variables):
    return {**os.environ, **variables}


def run_traced(*args, **options):
    """Runs cairn-run --strace=FILE: its result, and the file's text."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "trace"
        result = cairn_run(f"--strace={path}", *args, **options)
        return result, path.read_text(errors="replace")
