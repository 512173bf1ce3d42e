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


HUNGRY = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char line[512];

/* One word for each call: did it get what it wanted? */
static void report(const char *who, int result)
{
    snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s:%s ", who,
             result == 0 ? "0" : errno == ENOMEM ? "ENOMEM"
             : errno == EFAULT ? "EFAULT" : "other");
}

static int map(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

int main(void)
{
    int fds[2];
    report("a", map());
    report("b", map());
    report("c", map());
    report("p", pipe(fds));
    report("q", pipe(fds));
    write(1, line, strlen(line));
    write(1, "\n", 1);
    write(1, "end\n", 4);
    return 5;
}
"""


@pytest.fixture(scope="module")
def hungry_initrd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hungry")
    program = machine.compile_program(HUNGRY, folder / "hungry")
    return machine.make_initrd(folder / "initrd.tar", f"{program}=bin/hungry")


def hungry(initrd, words):
    """What /bin/hungry reports, and how many points it passed."""
    pc = boot(initrd, f"init=/bin/hungry {words}")
    results = dict(re.findall(r"(\w):(\w+) ", pc.serial))
    points = re.search(r"passed (\d+) points of memory", pc.serial)
    return pc, results, points and int(points[1])


def test_fail_refuses_one_point(hungry_initrd):
    pc, sound, points = hungry(hungry_initrd, "fail=0 leakcheck")
    assert pc.status == 5 and points >= 3
    assert set(sound.values()) == {"0"}
    refused = []
    for nth in range(1, points + 1):
        pc, results, passed = hungry(hungry_initrd, f"fail={nth} leakcheck")
        assert pc.status == 5 and "end" in pc.serial
        assert passed >= nth
        assert "panic" not in pc.serial
        refused.append([name for name in results if results[name] != "0"])
    # Every refusal is seen by one call at most, and by most calls once.
    assert all(len(names) <= 1 for names in refused)
    assert {name for names in refused for name in names} >= set("ap")
    pc, results, passed = hungry(hungry_initrd, f"fail={points + 1}")
    assert results == sound and passed == points


def test_fail_for_ever(hungry_initrd):
    pc, results, points = hungry(hungry_initrd, "fail=1+ leakcheck")
    assert pc.status == 5
    assert results["a"] == results["b"] == results["p"] == "ENOMEM"


def test_failcopy(hungry_initrd):
    """Some copy is the first pipe's, and the next one the second pipe's."""
    seen = []
    for nth in range(1, 12):
        pc, results, points = hungry(hungry_initrd, f"failcopy={nth}")
        assert "panic" not in pc.serial
        seen.append((results.get("p"), results.get("q")))
    at = seen.index(("EFAULT", "0"))
    assert seen.count(("EFAULT", "0")) == 1
    assert seen[at + 1] == ("0", "EFAULT")


def test_fail_does_not_reach_init(hungry_initrd, environ_initrd):
    pc = boot(environ_initrd, "init=/bin/environ fail=999999 failcopy=999999")
    assert pc.status == 7 and "env [fail" not in pc.serial


def test_fail_that_is_none(environ_initrd):
    for value in "", "x", "1x", "+", "1++", "-1", "99999999999999999999":
        pc = boot(environ_initrd, f"init=/bin/environ fail={value}")
        assert pc.status == 7
        assert "fail= wants" in pc.serial
        assert "points of memory" not in pc.serial


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
