#!/usr/bin/env python3
"""Where the kernel spends the instructions of one operation of `make bench`.

    profiler.py BUILD-FOLDER OPERATION...

`make bench` calls it for what misses its target; by hand, after `make bench`,
it is tests/bench/profiler.py build signal, for instance.

OPERATION is a name such as "signal" or "fork-exec" (run-bench.py lists them).
bench.c runs in Cairn with nothing but this operation, QEMU executes one
instruction at a time and logs where each lay, and what lies between two calls
of the operation's function is counted by function of the kernel.  The sum is
what the bench prints.  A repeated string instruction counts once per
repetition, as it does for the bench.

The functions are those of the symbol table: one that the compiler has inlined
counts for its caller.
"""
import bisect
import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

QEMU = os.environ.get("QEMU", "qemu-system-i386")
NM = os.environ.get("CROSS", "i686-linux-gnu-") + "nm"

KERNEL_BASE = 0xC0000000
FIRST = 0x100000  # above the firmware
PROGRAM = "(the program)"

SKIPPED = 3    # operations before things have settled
MEASURED = 20  # operations counted
CHUNK = 1 << 20
LINE = re.compile(rb"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/", re.M)


class Stopped(Exception):
    """The machine ended before enough operations were seen."""


def read_symbols(program):
    """(address, name) of all code of an ELF file, by address."""
    lines = subprocess.run([NM, "-n", program], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    fields = [line.split() for line in lines]
    return [(int(f[0], 16), f[2]) for f in fields
            if len(f) == 3 and f[1] in "tTwW"]


def function_of(operation):
    return "do_" + operation.replace("-", "_")


def one_at_a_time():
    """QEMU's words for one instruction per translated block."""
    words = subprocess.run([QEMU, "-accel", "help"], text=True,
                           stdout=subprocess.PIPE, check=False).stdout
    words += subprocess.run([QEMU, "-help"], text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    if "one-insn-per-tb" in words:
        return ["-accel", "tcg,one-insn-per-tb=on"]
    return ["-singlestep"]


def start(build, operation, initrd, log):
    """QEMU, which writes what it executes after the firmware to `log`."""
    command = [QEMU, *one_at_a_time(), "-icount",
               "shift=0,align=off,sleep=off", "-cpu", "max", "-m", "512M",
               "-display", "none", "-serial", "null", "-monitor", "none",
               "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
               "-d", "exec,nochain", "-dfilter", f"{FIRST:#x}..0xffffffff",
               "-D", log, "-kernel", build / "kernel/cairn.elf", "-initrd",
               initrd, "-append", f"init=/bin/bench quiet only={operation}"]
    return subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL)


def read_addresses(log):
    """The addresses in QEMU's log, as they come."""
    rest = b""
    while chunk := log.read(CHUNK):
        lines, newline, rest = (rest + chunk).rpartition(b"\n")
        for address in LINE.findall(lines + newline):
            yield int(address, 16)


def count_addresses(log, marker):
    """How often each address lies between the calls that are measured."""
    counts, calls = collections.Counter(), 0
    for address in read_addresses(log):
        if address == marker:
            calls += 1
            if calls > SKIPPED + MEASURED:
                return counts
        if calls > SKIPPED:
            counts[address] += 1
    raise Stopped


def by_function(counts, symbols):
    """(function, instructions per operation), most of them first."""
    starts = [address for address, _ in symbols]
    sums = collections.Counter()
    for address, count in counts.items():
        place = bisect.bisect_right(starts, address) - 1
        sums[symbols[place][1] if place >= 0 else PROGRAM] += count
    return [(name, count / MEASURED) for name, count in sums.most_common()]


def profile(build, operation, initrd):
    """The same for one operation, which is run for it."""
    symbols = [(address, name) for address, name
               in read_symbols(build / "kernel/cairn.elf")
               if address >= KERNEL_BASE]
    user = dict((name, address) for address, name
                in read_symbols(build / "bench/bench"))
    marker = user[function_of(operation)]
    with tempfile.TemporaryDirectory() as folder:
        fifo = pathlib.Path(folder, "log")
        os.mkfifo(fifo)
        machine = start(build, operation, initrd, fifo)
        try:
            with open(fifo, "rb") as log:
                return by_function(count_addresses(log, marker), symbols)
        finally:
            machine.kill()
            machine.wait()


def print_profile(build, operation, initrd, limit=12):
    """One line for each of the functions that take most."""
    try:
        functions = profile(build, operation, initrd)
    except Stopped:
        print(f"    {operation}: no profile: the program ended too soon")
        return
    total = sum(count for _, count in functions)
    print(f"    {operation}: {total:.0f} instructions")
    for name, count in functions[:limit]:
        print(f"    {count:9.0f} {count / total:6.1%}  {name}")
    rest = sum(count for _, count in functions[limit:])
    if rest:
        print(f"    {rest:9.0f} {rest / total:6.1%}  "
              f"({len(functions) - limit} others)")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    for operation in sys.argv[2:]:
        print_profile(build, operation, build / "bench/initrd.tar", limit=30)


if __name__ == "__main__":
    main()
