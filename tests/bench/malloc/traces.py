#!/usr/bin/env python3
"""Record what real programs ask of the allocator.

usage: traces.py PORTS-FOLDER OUTPUT-FOLDER

Programs of Cairn's image run on this machine with MALLOC_CONF=trace, which
prints each call, and become OUTPUT-FOLDER/NAME.trace: three 32-bit words for
each call, as replay.c reads them: what (0 free, 1 malloc, 2 calloc, 3 realloc),
which slot, how many bytes.  A program that has not been built is left out.
"""
import os
import pathlib
import re
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CALL = re.compile(rb"malloc: (\w+) 0x([0-9a-f]+) (\d+) = 0x([0-9a-f]+)\n")
FREE, MALLOC, CALLOC, REALLOC = range(4)

# Name: program, arguments ("TEXT" is a file of C source).
PROGRAMS = {
    "lua": ("lua/root/bin/lua", str(HERE / "churn.lua")),
    "awk": ("busybox/root/bin/busybox", "awk", "-f", str(HERE / "words.awk"),
            "TEXT"),
    "sort": ("busybox/root/bin/busybox", "sort", "TEXT"),
    "sed": ("busybox/root/bin/busybox", "sed", "-e", "s/[a-z]*_/<&>/g", "-e",
            "/static/{N;P;D}", "TEXT"),
    "dash": ("dash/root/bin/dash", str(HERE / "loop.sh")),
}


class Recorder:
    """Turns addresses into slots, of which it uses the lowest again."""

    def __init__(self):
        self.slots, self.free_slots, self.used = {}, [], 0
        self.words = []

    def put(self, what, slot, nbytes):
        self.words.append(struct.pack("<3I", what, slot, nbytes))

    def take(self, address):
        slot = self.free_slots.pop() if self.free_slots else self.used
        self.used = max(self.used, slot + 1)
        self.slots[address] = slot
        return slot

    def give(self, address):
        slot = self.slots.pop(address, None)
        if slot is not None:
            self.free_slots.append(slot)
            self.put(FREE, slot, 0)

    def call(self, name, old, nbytes, new):
        if name == b"free":
            self.give(old)
        elif new == 0:
            return
        elif name == b"realloc" and old in self.slots:
            slot = self.slots.pop(old)
            self.slots[new] = slot
            self.put(REALLOC, slot, nbytes)
        else:
            self.put(CALLOC if name == b"calloc" else MALLOC, self.take(new),
                     nbytes)


def record(command):
    env = {**os.environ, "MALLOC_CONF": "trace", "LC_ALL": "C"}
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=300, check=False)
    if done.returncode:
        sys.exit(f"{command}: status {done.returncode}")
    recorder = Recorder()
    for name, old, nbytes, new in CALL.findall(done.stderr):
        recorder.call(name, int(old, 16), int(nbytes), int(new, 16))
    return recorder


def main():
    ports, out = map(pathlib.Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    text = out / "text"
    text.write_bytes(b"".join(path.read_bytes() for path in
                              sorted((ROOT / "kernel/mm").glob("*.c"))))
    for name, (program, *arguments) in PROGRAMS.items():
        if not (ports / program).exists():
            print(f"{name}: {ports / program} has not been built")
            continue
        arguments = [str(text) if word == "TEXT" else word
                     for word in arguments]
        recorder = record([ports / program, *arguments])
        (out / f"{name}.trace").write_bytes(b"".join(recorder.words))


if __name__ == "__main__":
    main()
