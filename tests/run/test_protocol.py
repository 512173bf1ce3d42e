"""The host's side of the channel against a Cairn that is not one: a script in
QEMU's place says what it likes, in pieces of any size."""
import os
import struct
import subprocess
import textwrap

import pytest

import programs
from run import CAIRN_RUN, cairn_run, environment

PRELUDE = r"""#!/usr/bin/env python3
import os, re, socket, struct, sys, time
fd = int(re.search(r"socket,id=run,fd=(\d+)", " ".join(sys.argv))[1])
channel = socket.socket(fileno=fd)
def frame(kind, payload=b""):
    return struct.pack("<II", len(payload), ord(kind)) + payload
def numbers(*values):
    return struct.pack(f"<{len(values)}I", *values)
def say(*frames):
    channel.sendall(b"".join(frames))
def hear():
    header = channel.recv(8, socket.MSG_WAITALL)
    nbytes, kind = struct.unpack("<II", header)
    return chr(kind), channel.recv(nbytes, socket.MSG_WAITALL) if nbytes \
        else b""
HELLO = frame("H", numbers(3, 0))
"""

WAIT = "\ntime.sleep(60)\n"


@pytest.fixture()
def talk(build, tmp_path):
    """talk(script) runs cairn-run with this script as the machine."""
    hello = build("hello", programs.HELLO)
    script = tmp_path / "fake"

    def run(text, end=WAIT, **options):
        script.write_text(PRELUDE + textwrap.dedent(text) + end)
        script.chmod(0o755)
        return cairn_run(hello, env=environment(QEMU=str(script)), **options)

    return run


def test_a_whole_conversation(talk):
    done = talk("""
        say(HELLO)
        assert hear()[0] == "H"
        say(frame("O", b"out"), frame("E", b"err"), frame("O", b""),
            frame("X", numbers(5 << 8, 0)))
        """)
    assert (done.stdout, done.stderr, done.returncode) == (b"out", b"err", 5)


def test_frames_in_pieces_of_one_byte(talk):
    done = talk("""
        for byte in HELLO + frame("O", b"abc") + frame("X", numbers(11, 0)):
            channel.send(bytes([byte]))
            time.sleep(0.005)
        """)
    assert (done.stdout, done.returncode) == (b"abc", 128 + 11)


def test_input_only_when_asked(talk):
    done = talk("""
        say(HELLO)
        assert hear()[0] == "H"
        say(frame("W", numbers(4, 65536)))
        kind, data = hear()
        say(frame("O", kind.encode() + data), frame("Q", numbers(100, 100)))
        kind, data = hear()
        say(frame("O", kind.encode() + data), frame("W", numbers(1, 1)))
        kind, data = hear()
        say(frame("O", kind.encode() + data), frame("Q", numbers(0, 0)))
        say(frame("O", hear()[0].encode()), frame("X", numbers(0, 8)))
        """, input=b"12345678")
    assert (done.stdout, done.returncode) == (b"D1234D5678DR", 0)


@pytest.mark.parametrize("error, status", [(2, 127), (8, 126), (12, 126),
                                           (13, 126), (7, 126), (0, 125)])
def test_refusals(talk, error, status):
    done = talk(f'say(HELLO, frame("F", numbers({error}) + b"the reason"))')
    assert done.returncode == status and done.stderr
    assert error or b"the reason" in done.stderr


@pytest.mark.parametrize("text", [
    'say(frame("H", numbers(99, 0)))',
    'say(frame("H", b"x"))',
    'say(HELLO, frame("?", numbers(1, 2)))',
    'say(HELLO, frame("X", b"1234"))',
    'say(HELLO, frame("X", b""))',
    'say(HELLO, frame("X", numbers(0, 1)))',
    'say(HELLO, frame("X", numbers(0, 0xffffffff)))',
    'say(HELLO, frame("X", numbers(0, 0, 0)))',
    'say(HELLO, frame("M", numbers(1, 0)))',
    'say(HELLO, frame("Z", numbers(20, 0)))',
    'say(HELLO, frame("T", b"12345678"))',
    'say(HELLO, frame("X", numbers(0x10000, 0)))',
    'say(HELLO, frame("X", numbers(0x57f, 0)))',
    'say(HELLO, frame("X", numbers(0x10b, 0)))',
    'say(HELLO, HELLO)',
    'say(frame("O", b"early"), HELLO)',
    'say(frame("X", numbers(0, 0)))',
    'say(HELLO, frame("F", b"12"))',
    'say(HELLO, struct.pack("<II", 65537, ord("O")) + b"x" * 70000)',
    'say(HELLO, struct.pack("<II", 0xffffffff, ord("O")))',
    'channel.sendall(os.urandom(200000))',
    'say(HELLO, struct.pack("<II", 100, ord("O")) + b"cut"); sys.exit(1)',
    'say(HELLO[:5]); sys.exit(0)',
    'sys.exit(0)',
    'os.abort()',
])
def test_nonsense(talk, text):
    done = talk(text)
    assert done.returncode == 125 and done.stderr


def test_input_that_was_not_given_cannot_be_put_back(talk, tmp_path):
    """The offset of a file that the host shares with others."""
    (tmp_path / "in").write_bytes(bytes(1000))
    with open(tmp_path / "in", "rb") as shared:
        shared.seek(500)
        done = talk('''
            say(HELLO)
            hear()
            say(frame("W", numbers(10, 10)))
            hear()
            say(frame("X", numbers(0, 0xffffff00)))
            ''', stdin=shared)
        assert done.returncode == 125 and b"more input" in done.stderr
        assert os.lseek(shared.fileno(), 0, os.SEEK_CUR) >= 500


def test_a_reason_is_shown_as_text(talk):
    done = talk(r'''say(HELLO, frame("F", numbers(0) + b"\x1b[2Jred\n"))''')
    assert done.returncode == 125
    assert b"?[2Jred?" in done.stderr and b"\x1b" not in done.stderr


def test_what_the_emulator_says_is_shown(talk):
    done = talk('print("no such machine", file=sys.stderr); sys.exit(1)')
    assert done.returncode == 125 and b"no such machine" in done.stderr


def test_the_end_of_the_log_is_shown(talk):
    done = talk(r"""
        log = int(re.search(r"socket,id=log,fd=(\d+)", " ".join(sys.argv))[1])
        for i in range(100000):
            os.write(log, b"line %d\n" % i)
        sys.exit(0)
        """)
    assert done.returncode == 125
    lines = done.stderr.splitlines()
    assert b"line 99999" in lines and len(lines) > 10000


def test_a_silent_machine_times_out(talk, build, tmp_path):
    script = tmp_path / "silent"
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    done = cairn_run("--timeout", "1", build("hello", programs.HELLO),
                     env=environment(QEMU=str(script)))
    assert done.returncode == 124


def test_a_machine_that_reads_nothing_does_not_block(talk, build, tmp_path):
    """It asks for input again and again but never takes the answers."""
    script = tmp_path / "deaf"
    script.write_text(PRELUDE + textwrap.dedent("""
        say(HELLO)
        channel.settimeout(1)
        try:
            while True:
                say(frame("W", numbers(65536, 65536)))
        except OSError:
            pass
        """) + WAIT)
    script.chmod(0o755)
    with open("/dev/zero", "rb") as zero:
        done = subprocess.run(
            [CAIRN_RUN, "--timeout", "3", build("hello", programs.HELLO)],
            stdin=zero, capture_output=True, timeout=30,
            env=environment(QEMU=str(script)))
    assert done.returncode in (124, 125)
