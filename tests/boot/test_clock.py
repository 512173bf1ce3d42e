"""The clocks of a machine whose host stops it, or that lacks some of them.

A program in Cairn prints what its clocks show again and again; here it is
noted when each line came.  A line can come late, by as much as the host is
busy, but never early: so the least of "came less shown" over many lines says
how the guest's clock stands to the host's, and does not depend on the load.
"""
import os
import random
import re
import select
import signal
import socket
import subprocess
import time

import pytest

import machine

NEAR = 0.05     # seconds by which two clocks may differ

PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#include <time.h>

static long long ns(int clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(void)
{
    struct timespec nap = {0, 20000000};
    long long last = 0, now, shown = 0;
    char line[200];
    FILE *file;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0;; i++) {
        now = ns(CLOCK_MONOTONIC);
        if (now < last)
            printf("back by %lld\n", last - now);
        last = now;
        if (now - shown >= 20000000) {
            shown = now;
            printf("at %lld %lld\n", now, ns(CLOCK_REALTIME));
        }
        if (i % 50 == 0 && (file = fopen("/proc/clock", "r")) != NULL) {
            while (fgets(line, sizeof(line), file))
                printf("clock %s", line);
            fclose(file);
        }
        if (i % 4 == 0)
            nanosleep(&nap, NULL);
    }
}
"""


@pytest.fixture(scope="session")
def clock_initrd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clock")
    program = machine.compile_program(PROGRAM, folder / "clock")
    return machine.make_initrd(folder / "initrd.tar", f"{program}=bin/clock")


class Clocks:
    """A machine that tells its time; a context manager."""

    def __init__(self, initrd, *options, cpu="max"):
        self.lines = []     # (when it came, monotonic, realtime), in seconds
        self.text = b""
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [machine.QEMU, "-display", "none", "-no-reboot", "-cpu", cpu,
             "-m", "64M", "-monitor", "none", "-chardev", "stdio,id=line", "-serial", "chardev:line",
             "-kernel", machine.KERNEL, "-initrd", initrd,
             "-append", "init=/bin/clock loglevel=4", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def listen(self, seconds):
        """Reads what comes for some time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.process.stdout], [], [], left)[0]:
                break
            data = self.process.stdout.read(65536)
            came = time.monotonic()
            assert data, f"QEMU has ended: {self.text[-2000:]}"
            self.take(data, came)

    def take(self, data, came):
        *lines, self.rest = (getattr(self, "rest", b"") + data).split(b"\n")
        self.text += b"\n".join(lines) + b"\n"
        for line in lines:
            match = re.match(rb"at (\d+) (\d+)\r?$", line)
            if match:
                self.lines.append((came, int(match[1]) / 1e9,
                                   int(match[2]) / 1e9))

    def until_it_tells(self, timeout=120):
        end = time.monotonic() + timeout
        while not self.lines:
            assert time.monotonic() < end, self.text[-2000:]
            self.listen(0.05)

    def stop(self, seconds):
        """The host stops everything."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def differences(self, which):
        """How far the host's clock is ahead, by each line; which: 1 or 2."""
        return [line[0] - line[which] for line in self.lines]

    def ahead(self, which, nlines=60):
        """The same, by the last lines, without what made them late."""
        return min(self.differences(which)[-nlines:])

    def is_steady(self):
        """Whether two seconds here are two seconds there."""
        self.listen(0.5)
        first = self.ahead(1)
        self.listen(2)
        return abs(self.ahead(1) - first) < NEAR

    def info(self, name):
        """The last word of /proc/clock about something."""
        found = re.findall(rb"clock %s: *(.*?)\r?\n" % name.encode(),
                           self.text)
        return found[-1].decode() if found else ""

    def check(self):
        assert b"back by" not in self.text


def tries():
    """How often to measure: on a busy host any line may be late."""
    return 1 if os.getloadavg()[0] < os.cpu_count() else 20


# ---- stops -----------------------------------------------------------------

@pytest.mark.parametrize("seed", range(8))
def test_a_stop_during_the_boot(clock_initrd, seed):
    """Stopped for 0.3 s at any moment, the clock runs at its rate after it."""
    chance = random.Random(seed)
    with Clocks(clock_initrd) as clocks:
        for _ in range(2):
            time.sleep(chance.uniform(0, 0.4))
            clocks.stop(0.3)
        clocks.until_it_tells()
        assert any(clocks.is_steady() for _ in range(tries()))
        clocks.check()


@pytest.mark.parametrize("seconds", [0.3, 3] + (
    [30] if os.environ.get("TEST_LONG") else []))
def test_a_stop_later(clock_initrd, seconds):
    with Clocks(clock_initrd) as clocks:
        clocks.until_it_tells()
        clocks.listen(1.5)
        first, first_real = clocks.ahead(1), clocks.ahead(2)
        clocks.stop(seconds)
        clocks.listen(2)
        clocks.lines.clear()
        clocks.listen(2)
        assert abs(clocks.ahead(1) - first) < NEAR
        assert abs(clocks.ahead(2) - first_real) < NEAR
        clocks.check()


@pytest.mark.parametrize("lacking", [[], ["-M", "pc,acpi=off"]])
def test_stops_again_and_again(clock_initrd, lacking):
    chance = random.Random(1)
    with Clocks(clock_initrd, *lacking) as clocks:
        clocks.until_it_tells()
        clocks.listen(1)
        first = clocks.ahead(1)
        for _ in range(12):
            clocks.stop(chance.uniform(0.001, 0.2))
            clocks.listen(chance.uniform(0.001, 0.2))
        clocks.lines.clear()
        clocks.listen(2)
        assert abs(clocks.ahead(1) - first) < NEAR
        clocks.check()


def command_monitor(path, word):
    """Gives QEMU's monitor a command; back when it asks for the next one."""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(60)
        monitor.connect(os.fspath(path))
        for line in b"", word.encode() + b"\n":
            monitor.sendall(line)
            said = b""
            while not said.endswith(b"(qemu) "):
                said += monitor.recv(4096)


def test_the_monitor_stops_the_machine(clock_initrd, tmp_path):
    """Its own time stands still then; the wall clock is right soon after."""
    path = tmp_path / "monitor"
    with Clocks(clock_initrd, "-monitor",
                f"unix:{path},server=on,wait=off") as clocks:
        clocks.until_it_tells()
        clocks.listen(5)
        mono, real = clocks.ahead(1), clocks.ahead(2)
        for word in "stop", "cont":
            command_monitor(path, word)
            if word == "stop":
                clocks.listen(1.5)
        clocks.listen(4)
        clocks.lines.clear()
        clocks.listen(2)
        assert clocks.ahead(1) - mono > 1
        assert abs(clocks.ahead(2) - real) < NEAR
        assert int(clocks.info("wall_steps")) == 1
        clocks.check()


# ---- machines that lack something ------------------------------------------

LACKING = {
    "nothing": ([], "max", "time stamp counter", "ACPI timer", "local APIC"),
    "ACPI": (["-M", "pc,acpi=off"], "max", "time stamp counter", "8254",
             "local APIC"),
    "TSC": ([], "max,-tsc", "ACPI timer", "ACPI timer", "local APIC"),
    "APIC": ([], "max,-apic", "time stamp counter", "ACPI timer", "8254"),
    "APIC and TSC": ([], "max,-apic,-tsc", "ACPI timer", "ACPI timer",
                     "8254"),
    "all of them": (["-M", "isapc"], "max,-apic,-tsc", "8254", "8254",
                    "8254"),
    "firmware": (["-M", "microvm", "-bios", "qboot.rom"], "max",
                 "time stamp counter", "8254", "local APIC"),
}


@pytest.mark.parametrize("name", LACKING)
def test_a_machine_without(clock_initrd, name):
    options, cpu, source, reference, alarm = LACKING[name]
    with Clocks(clock_initrd, *options, cpu=cpu) as clocks:
        clocks.until_it_tells()
        clocks.listen(1)
        first = clocks.ahead(1)
        clocks.listen(2)
        # Ticks that nothing counts while the host is busy are lost.
        if "8254" != source:
            assert abs(clocks.ahead(1) - first) < NEAR
        assert clocks.info("source") == source
        assert clocks.info("reference") == reference
        assert clocks.info("alarm") == alarm
        assert len(clocks.lines) > 20
        clocks.check()


# ---- a machine whose time counts instructions ------------------------------

NAPS = r"""
#include <stdio.h>
#include <time.h>

int main(void)
{
    struct timespec nap = {0, 12345678}, t;

    for (int i = 0; i < 300; i++) {
        nanosleep(&nap, NULL);
        clock_gettime(CLOCK_MONOTONIC, &t);
        printf("at %lld.%09ld\n", (long long)t.tv_sec, t.tv_nsec);
    }
    return 0;
}
"""


def test_counted_time_repeats(tmp_path):
    """The host's battery clock must not show in it."""
    program = machine.compile_program(NAPS, tmp_path / "naps")
    initrd = machine.make_initrd(tmp_path / "initrd.tar",
                                 f"{program}=bin/init")
    runs = []
    for wait in 0, 0.4:
        time.sleep(wait)
        pc = machine.run(
            machine.direct(initrd=initrd, cmdline="quiet norandom"),
            cpu="qemu32",
            options=["-icount", "shift=3,align=off,sleep=off"])
        assert pc.status == 0
        runs.append(re.findall(r"^at .*$", pc.serial, re.M))
    assert len(runs[0]) == 300
    assert runs[0] == runs[1]
