"""The kernel's command line: its own words, and those for init."""
import re

import pytest

import machine
from machine import direct, run


def boot(initrd, words, **options):
    return run(direct(initrd=initrd, cmdline=words), **options)


def test_init(environ_initrd):
    pc = boot(environ_initrd, "init=/bin/environ")
    assert pc.status == 7
    assert "arg 0=[/bin/environ]" in pc.serial


def test_unknown_words_reach_init(environ_initrd):
    pc = boot(environ_initrd, "COLOUR=red init=/bin/environ WEIRD=a=b=c "
              "lonely")
    assert pc.status == 7
    assert "env [lonely=]" in pc.serial
    assert "env [COLOUR=red]" in pc.serial
    assert "env [WEIRD=a=b=c]" in pc.serial
    assert "env [init=" not in pc.serial


def test_known_words_do_not(environ_initrd):
    pc = boot(environ_initrd, "quiet norandom loglevel=7 init=/bin/environ")
    assert pc.status == 7
    for word in "quiet", "norandom", "loglevel", "init":
        assert f"env [{word}" not in pc.serial


def test_grub_passes_the_words_on(tmp_path, environ_initrd):
    iso = machine.make_iso(tmp_path / "cairn.iso", initrd=environ_initrd,
                           cmdline="init=/bin/environ COLOUR=blue")
    pc = run(["-cdrom", iso])
    assert pc.status == 7
    assert "env [COLOUR=blue]" in pc.serial


def test_a_long_command_line(environ_initrd):
    words = " ".join(f"word{i}={'x' * 20}" for i in range(40))
    pc = boot(environ_initrd, f"init=/bin/environ {words}")
    assert pc.status == 7
    assert f"env [word0={'x' * 20}]" in pc.serial


def test_quiet_keeps_the_report_back(environ_initrd):
    loud = boot(environ_initrd, "init=/bin/environ")
    quiet = boot(environ_initrd, "init=/bin/environ quiet")
    assert "available" in loud.serial
    assert "available" not in quiet.serial
    assert "init has run" in quiet.serial


@pytest.mark.parametrize("level", range(8))
def test_loglevel(level, environ_initrd):
    pc = boot(environ_initrd, f"init=/bin/environ loglevel={level}")
    assert pc.status == 7
    assert ("available" in pc.serial) == (level >= 6)


def test_loglevel_that_is_none(environ_initrd):
    for level in "", "x", "99999999999999999999", "-1":
        pc = boot(environ_initrd, f"init=/bin/environ loglevel={level}")
        assert pc.status == 7


def break_of(pc):
    return re.search(r"^break (\S+)", pc.serial, re.M)[1]


def test_norandom_fixes_addresses(environ_initrd):
    words = "init=/bin/environ norandom"
    assert break_of(boot(environ_initrd, words)) == \
        break_of(boot(environ_initrd, words))


def test_addresses_are_random(environ_initrd):
    seen = {break_of(boot(environ_initrd, "init=/bin/environ"))
            for _ in range(4)}
    assert len(seen) > 1
