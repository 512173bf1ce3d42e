"""A whole PC in QEMU, from power-on to its end: the tool of the boot tests.

    pc = Machine(["-kernel", KERNEL], memory="64M")
    pc.wait()               until QEMU ends
    pc.status               what Cairn said: 0 to 63, 125 for a panic
    pc.serial               everything the serial line carried, as text
    pc.screen()             the text on the VGA screen, while it runs

Cairn ends a machine by a byte v on port 0xf4, which makes QEMU exit with
2v + 1.  A machine made with exit_port=False has no such port, and QEMU stays
when it goes off: its screen can still be read.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
KERNEL = BUILD / "kernel/cairn.elf"
INITRD = BUILD / "initrd.tar"
ISO = BUILD / "cairn.iso"
TOUR_ISO = BUILD / "tour.iso"
GRUB = BUILD / "iso/eltorito.img"
MKINITRD = BUILD / "host/mkinitrd"
CC = ROOT / "sysroot/bin/i686-cairn-gcc"
QEMU = os.environ.get("QEMU", "qemu-system-i386")

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Timeout(AssertionError):
    """The machine did not do what was waited for."""


class Machine:
    """One QEMU; a context manager that leaves none behind."""

    def __init__(self, media, *, memory="64M", cpu="max", exit_port=True,
                 stdin=None, options=()):
        self.folder = tempfile.mkdtemp(prefix="cairn-boot.")
        self.log_path = os.path.join(self.folder, "serial")
        self.qmp_path = os.path.join(self.folder, "qmp")
        self.qmp_socket = None
        command = [QEMU, "-display", "none", "-no-reboot", "-cpu", cpu,
                   "-m", memory, "-monitor", "none",
                   "-serial", f"file:{self.log_path}",
                   "-qmp", f"unix:{self.qmp_path},server=on,wait=off",
                   *map(str, media)]
        if exit_port:
            command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        else:
            command += ["-no-shutdown"]
        command += options
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.code = None
        self.serial_text = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if self.qmp_socket:
            self.qmp_socket.close()
        self.serial_text = self.serial
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def serial(self):
        """The serial line's text so far, without colours and returns."""
        if self.serial_text is not None:
            return self.serial_text
        try:
            raw = pathlib.Path(self.log_path).read_bytes()
        except FileNotFoundError:
            return ""
        return plain(raw.decode("utf-8", "backslashreplace"))

    def wait(self, timeout=180):
        """Waits for the end of QEMU, and returns Cairn's status."""
        try:
            self.code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Timeout(f"still running after {timeout} s; its serial "
                          f"line:\n{self.serial[-3000:]}") from None
        return self.status

    @property
    def status(self):
        """The byte Cairn wrote, or None when it ended in no such way."""
        return self.code >> 1 if self.code is not None and self.code & 1 \
            else None

    def wait_for(self, words, timeout=180, where="serial"):
        """Waits until a regular expression matches; returns the match."""
        end = time.monotonic() + timeout
        while True:
            running = self.process.poll() is None
            seen = self.screen() if where == "screen" else self.serial
            match = re.search(words, seen, re.M)
            if match:
                return match
            if time.monotonic() > end or not running:
                raise Timeout(f"no {words!r} on the {where}:\n{seen[-3000:]}")
            time.sleep(0.1)

    def command(self, name, **arguments):
        """Gives QEMU's control socket a command, and returns its answer."""
        if not self.qmp_socket:
            self.connect()
        message = {"execute": name}
        if arguments:
            message["arguments"] = arguments
        self.qmp_file.write(json.dumps(message).encode() + b"\n")
        self.qmp_file.flush()
        while True:
            answer = json.loads(self.qmp_file.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])

    def connect(self):
        for _ in range(100):
            try:
                self.qmp_socket = socket.socket(socket.AF_UNIX)
                self.qmp_socket.connect(self.qmp_path)
                break
            except OSError:
                self.qmp_socket.close()
                time.sleep(0.1)
        self.qmp_file = self.qmp_socket.makefile("rwb")
        self.qmp_file.readline()
        self.command("qmp_capabilities")

    def memory(self, address, nbytes):
        """Bytes of the physical memory, read from outside."""
        path = os.path.join(self.folder, "memory")
        self.command("pmemsave", val=address, size=nbytes, filename=path)
        return pathlib.Path(path).read_bytes()

    def screen(self):
        """The 25 lines of the VGA text screen."""
        cells = self.memory(0xB8000, 80 * 25 * 2)[::2]
        text = cells.decode("cp437").replace("\0", " ")
        return "\n".join(text[i:i + 80].rstrip()
                         for i in range(0, len(text), 80))

    def attributes(self):
        """The colours of the VGA text screen's cells."""
        return self.memory(0xB8000, 80 * 25 * 2)[1::2]


def has_kvm():
    """Whether QEMU can run a guest like Cairn by /dev/kvm."""
    try:
        done = subprocess.run([QEMU, "-accel", "kvm", "-cpu", "max", "-m", "16M",
                               "-display", "none", "-no-reboot", "-kernel",
                               BUILD / "test/kvm.elf", "-device",
                               "isa-debug-exit,iobase=0xf4,iosize=4"],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=30)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 3


def plain(text):
    return ESCAPES.sub("", text).replace("\r", "")


def direct(kernel=KERNEL, initrd=INITRD, cmdline=""):
    """The options of a boot by QEMU's own loader."""
    media = ["-kernel", kernel]
    if initrd is not None:
        media += ["-initrd", initrd]
    return media + (["-append", cmdline] if cmdline else [])


def run(media, timeout=180, **options):
    """Runs a machine to its end and returns it."""
    with Machine(media, **options) as machine:
        machine.wait(timeout)
    return machine


def make_iso(path, *, kernel=KERNEL, initrd=INITRD, cmdline="",
             commands=""):
    """Makes a bootable image as the build does."""
    subprocess.run([ROOT / "tools/mkiso.sh", path, GRUB, kernel,
                    "" if initrd is None else initrd, cmdline, commands],
                   check=True)
    return path


def make_initrd(path, *sources):
    """Packs an archive; each source is "HOST=GUEST"."""
    subprocess.run([MKINITRD, "-o", path, *sources], check=True)
    return path


def compile_program(source, path):
    """Compiles C text into a program for Cairn."""
    subprocess.run([CC, "-O1", "-Wall", "-Werror", "-x", "c", "-", "-o",
                    path], input=source.encode(), check=True)
    return path
