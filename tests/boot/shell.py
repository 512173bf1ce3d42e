"""A person at a shell in Cairn: the tool of the tests test_shell*.py.

    sh = Shell()                a machine with its serial line on a socket
    sh.ask("echo a b")          types a line; what is printed up to the prompt
    sh.type("cat\n")            types
    sh.expect("pattern")        waits for it, returns what came before
    sh.leave()                  exits, and checks how the machine ended

The shell is dash, whose terminal is the line discipline's; with shell=/bin/ash
in `words` it is the usual one, which edits lines by itself.

The machine is started with "leakcheck": it ends with status 0 only if all
memory has come back when the last program has ended, and sh.leave() asserts
that.
"""
import os
import re
import socket
import subprocess
import time

import pexpect.fdpexpect

import machine

PROMPT = "ready> "

# Seconds until a wait is given up. A busy host may be a hundred times slower
# than a free one, on which all that is waited for takes a moment.
PATIENCE = 180
USUAL_START = 1.5   # from QEMU's start to the prompt, on a free host


class Shell:
    """One QEMU; a context manager that leaves none behind."""

    def __init__(self, *, words="", initrd=machine.INITRD, memory="64M",
                 options=(), reboot=False, exit_port=True, prompt=True):
        if "shell=" not in words:
            words = f"shell=/bin/sh {words}"
        command = [machine.QEMU, "-nodefaults", "-display", "none",
                   "-cpu", "max", "-m", memory, "-kernel", machine.KERNEL,
                   "-initrd", initrd, "-append", f"quiet leakcheck {words}"]
        if not reboot:
            command += ["-no-reboot"]
        if exit_port:
            command += ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
        self.socket, theirs = socket.socketpair()
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [*command, "-chardev", f"socket,id=line,fd={theirs.fileno()}",
             "-serial", "chardev:line", *options],
            stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()
        self.child = pexpect.fdpexpect.fdspawn(
            self.socket.fileno(), timeout=PATIENCE, encoding="latin-1")
        self.depth = 1
        self.seconds = USUAL_START
        if prompt:
            self.first_prompt()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.socket.close()

    def first_prompt(self):
        """Waits for the prompt, and has an unmistakable one from then on."""
        self.child.expect("[#$] $")
        self.seconds = time.monotonic() - self.begin
        self.type("PS1=ready'> '\n")
        self.expect(PROMPT)

    def pause(self, seconds):
        """Lets a program get to where it waits: `seconds` of a free host."""
        time.sleep(seconds * max(1, self.seconds / USUAL_START))

    def type(self, text):
        self.child.send(text)

    def expect(self, pattern, timeout=PATIENCE):
        """Waits for a regular expression; returns what came before it."""
        try:
            self.child.expect(pattern, timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            raise AssertionError(f"no {pattern!r} after "
                                 f"{self.child.before!r}") from error
        return self.child.before

    @property
    def match(self):
        return self.child.match

    def ask(self, line, timeout=PATIENCE):
        """Types a line; what is printed until the prompt, without the echo."""
        self.type(line + "\n")
        said = self.expect(PROMPT, timeout).replace("\r\n", "\n")
        echo, newline, rest = said.partition("\n")
        assert echo.endswith(line[-40:]), (line, said)
        return rest

    def inside(self, program):
        """Starts a program with a shell in it; sh.leave() leaves both."""
        self.type(program + "\n")
        self.expect(re.escape(program) + r"\r\n")
        self.first_prompt()
        self.depth += 1

    def leave(self, how="exit\n", status=0):
        for _ in range(self.depth):
            self.type(how)
            self.pause(0.1 if self.depth > 1 else 0)
        assert self.wait() == status, self.child.before

    def wait(self, timeout=PATIENCE):
        """Reads to the end of QEMU; Cairn's status, None for another end."""
        self.child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=timeout)
        self.process.wait(PATIENCE)
        code = self.process.returncode
        return code >> 1 if code > 0 and code & 1 else None


def with_programs(path, **programs):
    """The image and more: each NAME=C-TEXT becomes /bin/NAME."""
    folder = path.parent
    sources = [f"{machine.compile_program(text, folder / name)}=bin/{name}"
               for name, text in programs.items()]
    return machine.make_initrd(path, "-a", machine.INITRD, *sources)
