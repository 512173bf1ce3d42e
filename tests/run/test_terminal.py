"""The terminal on the serial line: a person (this test) types, a program in
Cairn (terminal.c) reads."""
import os
import pathlib
import re
import select
import socket
import subprocess
import time

import pytest

from run import KERNEL, ROOT

PROMPT = b"ready> "


class Line:
    """A machine whose console is this end of a socket."""

    def __init__(self, initrd):
        ours, theirs = socket.socketpair()
        ours.settimeout(180)    # for a host that is very busy
        self.socket, self.buffer = ours, b""
        self.process = subprocess.Popen(
            ["qemu-system-i386", "-nodefaults", "-display", "none",
             "-no-reboot", "-m", "64M", "-kernel", KERNEL, "-initrd", initrd,
             "-append", "loglevel=1 init=/bin/terminal", "-chardev",
             f"socket,id=line,fd={theirs.fileno()}", "-serial",
             "chardev:line", "-device", "isa-debug-exit,iobase=0xf4,iosize=1"],
            stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()

    def type(self, data):
        self.socket.sendall(data)

    def read(self, nbytes):
        while len(self.buffer) < nbytes:
            data = self.socket.recv(65536)
            assert data, f"the machine has ended: {self.buffer!r}"
            self.buffer += data
        data, self.buffer = self.buffer[:nbytes], self.buffer[nbytes:]
        return data

    def has_come(self, word, seconds):
        """Whether a word has come, or comes within some time."""
        end = time.monotonic() + seconds
        while word not in self.buffer:
            left = max(0, end - time.monotonic())
            if not select.select([self.socket], [], [], left)[0]:
                return False
            self.buffer += self.socket.recv(65536)
        return True

    def until(self, word):
        """Everything up to this word, which is taken too but not returned."""
        data = b""
        while not data.endswith(word):
            data += self.read(1)
        return data[:-len(word)]

    def ask(self, data):
        """Types, and returns what comes before the next prompt."""
        self.type(data)
        return self.until(PROMPT)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.socket.close()


@pytest.fixture(scope="module")
def initrd(build, tmp_path_factory):
    source = pathlib.Path(__file__).with_name("terminal.c").read_text()
    program = build("terminal", source)
    archive = tmp_path_factory.mktemp("initrd") / "initrd.tar"
    subprocess.run([ROOT / "build/host/mkinitrd", "-o", archive,
                    f"{program}=bin/terminal"], check=True)
    return archive


@pytest.fixture()
def line(initrd):
    line = Line(initrd)
    line.until(PROMPT)
    yield line
    line.end()


def test_the_console_is_a_controlling_terminal(line):
    said = line.ask(b"state\n").split(b"\r\n")[1]
    assert said.startswith(b"tty 111 char 1 size ")
    assert said.endswith(b" group 1 session 1 /dev/tty 1")


@pytest.mark.parametrize("typed, echoed, read", [
    (b"hello\n", b"hello\r\n", b"6 [hello<0a>]"),
    (b"return\r", b"return\r\n", b"7 [return<0a>]"),
    (b"abc\x7f\x7fx\n", b"abc\b \b\b \bx\r\n", b"3 [ax<0a>]"),
    (b"\x7f\x7fx\n", b"x\r\n", b"2 [x<0a>]"),
    (b"one two\x17x\n", b"one two\b \b\b \b\b \bx\r\n", b"6 [one x<0a>]"),
    (b"junk\x15x\n", b"junk\b \b\b \b\b \b\b \bx\r\n", b"2 [x<0a>]"),
    (b"ab\tc\x7f\x7fd\n", b"ab\tc\b \b" + b"\b" * 6, None),
    (b"\x16\x03\n", b"^\b^C\r\n", b"2 [<03><0a>]"),
    (b"\x01\x7fx\n", b"^A\b \b\b \bx\r\n", b"2 [x<0a>]"),
    (b"\xc3\xa4\xe2\x82\xac\x7f\n", b"\xc3\xa4\xe2\x82\xac\b \b\r\n",
     b"3 [<c3><a4><0a>]"),
])
def test_editing(line, typed, echoed, read):
    said = line.ask(typed)
    # A tab's width depends on the prompt, so its test only looks at less.
    if read is None:
        assert said.endswith(b"4 [abd<0a>]\r\n")
    else:
        assert said == echoed + read + b"\r\n"


def test_end_of_file(line):
    assert line.ask(b"\x04") == b"end\r\n"
    assert line.ask(b"ab\x04") == b"ab2 [ab]\r\n"
    assert line.ask(b"still here\n").endswith(b"[still here<0a>]\r\n")


def test_interrupt(line):
    # A signal before the program reads does not interrupt what it reads then:
    # the key is pressed until one has come while it does.
    line.type(b"abc\x03")
    while not line.has_come(PROMPT, 3):
        line.type(b"\x03")
    assert re.fullmatch(rb"abc\^C\{signal 2\}\r\n(\^C\{signal 2\}\r\n)*"
                        rb"error Interrupted system call\r\n",
                        line.until(PROMPT))
    line.type(b"x\n")
    line.until(b"x\r\n2 [x<0a>]\r\n" + PROMPT)


def test_a_line_that_is_too_long_still_ends(line):
    typed = b"y" * 6000
    line.type(typed)
    time.sleep(0.5)
    said = line.ask(b"\n")
    assert b"[" + b"y" * 4000 in said and b"y<0a>]" in said


def test_stop_and_start(line):
    line.type(b"\x13" + b"hidden\n")
    time.sleep(0.5)
    line.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        line.socket.recv(1)
    line.socket.setblocking(True)
    line.socket.settimeout(180)
    assert b"7 [hidden<0a>]" in line.ask(b"\x11")


def test_times_of_raw_reads(line):
    begin = time.monotonic()
    assert line.ask(b"timed 0 5\n").endswith(b"timed 0\r\n")
    assert time.monotonic() - begin > 0.4
    assert line.ask(b"timed 0 0\n").endswith(b"timed 0\r\n")
    line.type(b"timed 3 0\n")
    time.sleep(0.3)
    assert line.ask(b"abc").endswith(b"timed 3\r\n")
    line.type(b"timed 9 3\n")
    time.sleep(0.3)
    assert line.ask(b"ab").endswith(b"timed 2\r\n")


def test_reading_without_waiting(line):
    assert line.ask(b"queue\n").endswith(b" queued 0\r\n")


def test_job_control(line):
    assert line.ask(b"background\n").endswith(b"stopped 1 by 21\r\n")
    line.type(b"foreground\n")
    line.until(b"FG")
    line.type(b"\x1a")
    assert line.until(b"by 20\r\n").endswith(b"stopped 1 ")
    line.type(b"\x03")
    assert line.until(PROMPT).endswith(b"ended by 2\r\n")


def test_no_byte_is_lost_on_the_way_in(line):
    data = os.urandom(200000)
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xffffffff
    line.type(b"sink %d\n" % len(data))
    line.until(b"GO")
    assert line.ask(data) == b"sum %d of %d\r\n" % (total, len(data))


def test_no_byte_is_lost_on_the_way_out(line):
    line.type(b"source 200000\n")
    line.until(b"\r\n")
    x, expected = 1, bytearray()
    for _ in range(200000):
        x = (x * 1103515245 + 12345) & 0xffffffff
        expected.append(x >> 16 & 255)
    assert line.read(200000) == bytes(expected)
    line.until(PROMPT)


def test_the_status_reaches_the_host(line):
    line.type(b"quit\n")
    assert line.process.wait(20) == 3 << 1 | 1
