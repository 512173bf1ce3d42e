"""What people see: the serial line, the screen, `make run`."""
import os
import subprocess

import pexpect
import pytest

import machine
from machine import Machine, direct


def test_screen_shows_what_serial_shows(environ_initrd):
    with Machine(direct(initrd=environ_initrd, cmdline="init=/bin/environ"),
                 exit_port=False) as pc:
        pc.wait_for("init has run")
        pc.wait_for("init has run", where="screen", timeout=60)
        shown = pc.screen()
        assert "arg 0=[/bin/environ]" in shown


def test_screen_has_colours():
    with Machine(direct(cmdline="init=/bin/nothing"),
                 exit_port=False) as pc:
        pc.wait_for("/bin/nothing", where="screen")
        assert len(set(pc.attributes())) > 1


def make_run(words="", **options):
    return subprocess.run(["make", "-s", "run", *words.split()],
                          cwd=machine.ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300,
                          env={**os.environ, "MAKEFLAGS": ""}, **options)


@pytest.mark.parametrize("stdin", ["null", "closed", "pipe"])
def test_make_run_without_terminal(stdin):
    how = {"null": {"stdin": subprocess.DEVNULL},
           "closed": {"preexec_fn": lambda: os.close(0)},
           "pipe": {"input": b"some input\n" * 100}}[stdin]
    done = make_run(**how)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    assert b"available" in done.stdout
    assert b"steps passed" in done.stdout


def test_make_run_on_a_terminal():
    child = pexpect.spawn("make", ["-s", "run"], cwd=machine.ROOT,
                          timeout=300, env={**os.environ, "MAKEFLAGS": ""})
    child.expect("To leave: ")
    child.expect("available")
    child.expect("~ # ")
    child.send("echo $((6 * 7))\n")
    child.expect("\n42\r+\n~ # ")
    child.send("exit\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert b"To leave" not in child.before


def test_reboot_in_make_run_starts_the_machine_again():
    child = pexpect.spawn("make", ["-s", "run"], cwd=machine.ROOT,
                          timeout=300, env={**os.environ, "MAKEFLAGS": ""})
    for _ in range(2):
        child.expect("available")
        child.expect("~ # ")
        child.send("touch /stays; ls /\n")
        child.expect("stays.*~ # ")
        child.send("reboot\n")
    child.expect("available")
    child.expect("~ # ")
    child.send("test -e /stays || exit\n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert b"without a status" not in child.before


def test_make_run_takes_words_for_the_kernel():
    child = pexpect.spawn("make", ["-s", "run", "CMDLINE=init=/bin/tour"],
                          cwd=machine.ROOT, timeout=300,
                          env={**os.environ, "MAKEFLAGS": ""})
    child.expect("steps passed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_make_run_says_when_cairn_fails(tmp_path):
    iso = machine.make_iso(tmp_path / "cairn.iso",
                           cmdline="init=/bin/nothing")
    done = make_run(f"ISO={iso}", stdin=subprocess.DEVNULL)
    assert done.returncode == 125, done.stdout.decode(errors="replace")


def test_make_run_says_when_the_program_fails(tmp_path, environ_initrd):
    iso = machine.make_iso(tmp_path / "cairn.iso", initrd=environ_initrd,
                           cmdline="init=/bin/environ")
    done = make_run(f"ISO={iso}", stdin=subprocess.DEVNULL)
    assert done.returncode == 1, done.stdout.decode(errors="replace")


def test_make_debug_stops_in_the_kernel():
    """gdb knows the kernel's symbols, and QEMU ends with it."""
    done = subprocess.run(["make", "-s", "debug"], cwd=machine.ROOT, text=True,
                          input="break kmain\ncontinue\nbacktrace\nquit\n",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=300, env={**os.environ, "MAKEFLAGS": ""})
    assert done.returncode == 0, done.stdout
    assert "Breakpoint 1, kmain (magic=732803074" in done.stdout, done.stdout
    assert "kernel/boot/main.c" in done.stdout
