#!/usr/bin/env python3
"""Counts instructions in Cairn and in Linux: what `make bench` calls.

    run-bench.py BUILD-FOLDER

The same static program (bench.c) is the first program of both kernels, in the
same QEMU, whose -icount makes the time stamp counter count instructions.  The
table has, for each operation, what Linux and Cairn take, how many times less
that is, and Cairn's target with "met" or "MISSED".  Without a Linux kernel in
BUILD-FOLDER/linux its column stays empty.

An operation that misses its target is run once more, to say which functions
of the kernel its instructions go to (profiler.py, which also does it by hand).

The second table is about latency: how long what sleeps and wakes takes beside
0, 1, 3 and 10 processes that never sleep.  An instruction takes a nanosecond.

The last lines of the first are about the boot: the instructions from the kernel's first
one to the program's, and to the first prompt of a shell.  A kernel of the same
size that only prints the counter (entry.S) says what firmware and loader took
before.

The third table has the longest stretches in which a kernel built with LATENCY=1
keeps the processor, over the long calls of stretches.c.

The section "growth" (growth.py) has what operations take beside few and beside
many other things of their kind.

The exit status is 0 if every operation was measured, met or missed.
"""
import os
import pathlib
import re
import stat
import subprocess
import sys

import growth
import profiler

# Operation, as bench.c names it; words for people; target in instructions.
OPERATIONS = (
    ("getppid", "getppid, int 0x80", 110),
    ("sbrk", "sbrk(+4096), not touched", 400),
    ("fault", "anonymous page fault (first touch)", 1450),
    ("fault-idle", "the same after 50 ms without work", 400),
    ("sbrk-touch", "sbrk(+4096) and touch", 1800),
    ("mmap", "mmap + munmap, 1 page, untouched", 1200),
    ("mmap-64", "mmap, touch 64 pages, munmap", 100000),
    ("write-null", "write 1 byte to /dev/null", 200),
    ("read-zero", "read 4 KiB from /dev/zero", 1250),
    ("pipe-1", "pipe: write + read 1 byte, one process", 700),
    ("pipe-4096", "pipe: write + read 4 KiB, one process", 2900),
    ("round-trip", "pipe round trip between two processes", 2500),
    ("signal", "signal to self, handler, return", 1300),
    ("fork", "fork + exit + wait, small static program", 40000),
    ("fork-exec", "fork + exec + exit + wait", 120000),
    ("fork-32M", "fork + exit + wait with 32 MiB touched", 300000),
    ("thread", "pthread_create + pthread_join", 15000),
    # One binary, so both kernels have the same; glibc's own pair takes 91.
    ("mutex", "mutex, lock + unlock", 54),
    ("futex-wake", "futex: wake a thread, which waits again", 1600),
    ("mutex-wait", "the same, and it waits for a mutex, too", 3500),
    ("cond", "condition variable round trip", 4200),
)
BOOT_TARGET = 5_000_000

QEMU = os.environ.get("QEMU", "qemu-system-i386")


def boot(kernel, *words, memory="512M", initrd=None, cmdline=None):
    """Runs a kernel to its end; what it wrote to the serial line."""
    command = [QEMU, "-icount", "shift=0,align=off,sleep=off", "-cpu", "max",
               "-m", memory, "-display", "none", "-serial", "stdio",
               "-monitor", "none", "-no-reboot", "-device",
               "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", kernel,
               *words]
    if initrd:
        command += ["-initrd", initrd]
    if cmdline:
        command += ["-append", cmdline]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, timeout=600)
    return done.stdout.decode(errors="replace").replace("\r", "")


def read_results(output):
    """The lines "bench NAME VALUE" as a dictionary."""
    results = dict(re.findall(r"^bench (\S+) (.+)$", output, re.M))
    if "bench done" not in output:
        sys.exit("bench: the program did not get to its end:\n"
                 + output[-2000:])
    return results


# ---- an initramfs for Linux ------------------------------------------------

def cpio_entry(name, mode, data=b"", device=(0, 0)):
    """One file in the "newc" format (Linux, buffer-format.rst)."""
    name = name.encode() + b"\0"
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields) + name
    head += b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)


def make_initramfs(program, path):
    """An archive with the program as /init, and the devices it opens."""
    devices = {"console": (5, 1), "null": (1, 3), "zero": (1, 5)}
    entries = [cpio_entry("dev", stat.S_IFDIR | 0o755)]
    entries += [cpio_entry(f"dev/{name}", stat.S_IFCHR | 0o666, device=numbers)
                for name, numbers in devices.items()]
    entries += [cpio_entry("init", stat.S_IFREG | 0o755,
                           program.read_bytes()),
                cpio_entry("TRAILER!!!", 0)]
    path.write_bytes(b"".join(entries))
    return path


# ---- the two kernels -------------------------------------------------------

def make_initrd(build):
    initrd = build / "bench/initrd.tar"
    subprocess.run([build / "host/mkinitrd", "-o", initrd,
                    f"{build}/bench/bench=bin/bench"], check=True)
    return initrd


def run_cairn(build, initrd, words=""):
    return read_results(boot(build / "kernel/cairn.elf", initrd=initrd,
                             cmdline=f"init=/bin/bench quiet {words}"))


def run_linux(build, more="", program="bench"):
    kernel = build / "linux/vmlinuz"
    if not kernel.exists():
        return {}, "Linux"
    initrd = make_initramfs(build / "bench" / program,
                            build / f"bench/{program}.cpio")
    words = f"console=ttyS0 mitigations=off nokaslr quiet {more}"
    version = (build / "linux/version").read_text().split("-")[0]
    return read_results(boot(kernel, initrd=initrd, cmdline=words)), \
        f"Linux {version}"


def measure_boot(build, initrd):
    """Instructions from the kernel's entry to the program's main()."""
    entry = boot(build / "bench/entry.elf", memory="64M", initrd=initrd)
    output = boot(build / "kernel/cairn.elf", memory="64M", initrd=initrd,
                  cmdline="init=/bin/bench")
    return int(read_results(output)["start"]) - int(entry.strip(), 16)


def measure_prompt(build):
    """Instructions from the kernel's entry to the first prompt of a shell.

    The prompt is a program's output, and that program prints the counter: its
    own start is counted too.
    """
    initrd = build / "bench/prompt.tar"
    subprocess.run([build / "host/mkinitrd", "-o", initrd, "-a",
                    build / "initrd.tar", f"{build}/bench/counter=bin/counter"],
                   check=True)
    entry = boot(build / "bench/entry.elf", memory="64M", initrd=initrd)
    prompt = "$(echo at $(counter) >/dev/console; poweroff -f)"
    output = boot(build / "kernel/cairn.elf", memory="64M", initrd=initrd,
                  cmdline=f'"PS1={prompt}"')
    at = re.search(r"^at ([0-9a-f]{16})$", output, re.M)
    if not at:
        sys.exit("bench: no prompt:\n" + output[-2000:])
    return int(at[1], 16) - int(entry.strip(), 16)


# ---- latency ---------------------------------------------------------------

# Operation; words; target in instructions beside n busy processes.
LATENCIES = (
    ("sleep", "sleep of 20 ms: late by", lambda n: 1_000_000),
    ("pipe", "pipe round trip", lambda n: 2500 * (n + 2)),
    ("fork", "fork + exit + wait", lambda n: 40_000 * (n + 2)),
    ("subshells", "ten subshells", lambda n: 2_000_000 * (n + 2)),
)
BESIDE = (0, 1, 3, 10)


def print_latency(build, initrd):
    """The table of what wakes up beside processes that never sleep."""
    cairn = run_cairn(build, initrd, "latency=1")
    linux, linux_name = run_linux(build, "latency=1")
    print(f"\n{'latency, in nanoseconds':42}{linux_name:>14}{'Cairn':>9}"
          f"{'ratio':>8}{'target':>9}")
    unmeasured = 0
    for name, words, target in LATENCIES:
        for n in BESIDE:
            there, here = linux.get(f"{name}-{n}"), cairn.get(f"{name}-{n}")
            if here is None:
                unmeasured += 1
                continue
            ratio = f"{int(there) / max(1, int(here)):.1f}" if there else "-"
            print(f"{f'{words}, beside {n}':42}{there or '-':>14}{here:>9}"
                  f"{ratio:>8}{target(n):>9}  "
                  f"{verdict(int(here), target(n))}")
    return unmeasured


# ---- the table -------------------------------------------------------------

def verdict(count, target):
    return "met" if count <= target else "MISSED"


# ---- the kernel's longest stretches ----------------------------------------

# What /proc/latency of a kernel built with LATENCY=1 has, and the limits.
STRETCHES = (("without a chance to switch", 1_000_000),
             ("with interrupts off", 50_000))


def print_stretches(build):
    """The longest stretches over the operations of stretches.c."""
    kernel = build / "kernel-latency/cairn.elf"
    initrd = build / "bench/stretches.tar"
    subprocess.run(["make", "-s", "LATENCY=1", kernel], check=True)
    subprocess.run([build / "host/mkinitrd", "-o", initrd,
                    f"{build}/bench/stretches=bin/stretches"], check=True)
    output = boot(kernel, memory="1G", initrd=initrd,
                  cmdline="init=/bin/stretches quiet")
    found = re.findall(r"^stretch (\S+) (\d+) (\d+)$", output, re.M)
    if "bench done" not in output:
        sys.exit("bench: the stretches have no end:\n" + output[-2000:])
    print(f"\n{'longest stretch of the kernel':42}{'in':>18}{'Cairn':>9}"
          f"{'limit':>9}")
    for i, (words, limit) in enumerate(STRETCHES, 1):
        longest = max(found, key=lambda line: int(line[i]))
        print(f"{words:42}{longest[0]:>18}{longest[i]:>9}{limit:>9}  "
              f"{verdict(int(longest[i]), limit)}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1])
    initrd = make_initrd(build)
    cairn = run_cairn(build, initrd)
    linux, linux_name = run_linux(build)
    unmeasured, missed = 0, []
    print(f"{'instructions per operation':42}{linux_name:>14}{'Cairn':>9}"
          f"{'ratio':>8}{'target':>9}")
    for name, words, target in OPERATIONS:
        there, here = linux.get(name, "-"), cairn.get(name, "absent")
        ratio = (f"{int(there) / int(here):.1f}"
                 if there.isdigit() and here.isdigit() else "-")
        result = (verdict(int(here), target) if here.isdigit() else "absent")
        unmeasured += not here.isdigit()
        if result == "MISSED":
            missed.append(name)
        print(f"{words:42}{there:>14}{here:>9}{ratio:>8}{target:>9}  {result}")
    start = measure_boot(build, initrd)
    print(f"{'from kernel entry to main(), 64 MiB':42}{'-':>14}{start:>9}"
          f"{'-':>8}{BOOT_TARGET:>9}  {verdict(start, BOOT_TARGET)}")
    print(f"{'from kernel entry to the prompt, 64 MiB':42}{'-':>14}"
          f"{measure_prompt(build):>9}")
    unmeasured += print_latency(build, initrd)
    print_stretches(build)
    unmeasured += growth.report(build, sys.modules[__name__], linux_name)
    for name in missed:
        profiler.print_profile(build, name, initrd)
    return 1 if unmeasured else 0


if __name__ == "__main__":
    sys.exit(main())
