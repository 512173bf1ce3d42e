"""cairn-run --gdb: gdb in front of a person, and the program as it died."""
import os
import shutil
import subprocess

import pexpect
import pytest

from run import CAIRN_RUN, CC

pytestmark = pytest.mark.skipif(shutil.which("gdb") is None,
                                reason="there is no gdb")

SOURCE = r"""
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
static volatile long zero;
static int __attribute__((noinline)) length_of(const char *s)
{
    return (int)strlen(s) + 1; /* line 9 */
}
int main(int argc, char **argv)
{
    int local = argc + 41;

    puts("out");
    fflush(stdout);
    if (argc > 1 && *argv[1] == 'a')
        assert(zero == 1);
    if (argc > 1 && *argv[1] == 'h')
        signal(SIGSEGV, SIG_IGN);
    if (argc > 1 && *argv[1] == 'e')
        return 7;
    return length_of((const char *)zero) + local; /* line 23 */
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("debugged")
    (folder / "dies.c").write_text(SOURCE)
    subprocess.run([CC, "-g", "-O0", "-fno-builtin", folder / "dies.c", "-o",
                    folder / "dies"], check=True)
    return folder / "dies"


class Gdb:
    def __init__(self, *args, **options):
        self.person = pexpect.spawn(
            str(CAIRN_RUN), ["--gdb", *map(str, args)], timeout=60,
            dimensions=(50, 200), encoding="utf-8",
            env={**os.environ, "TERM": "dumb"}, **options)
        self.started = self.answer()

    def answer(self):
        self.person.expect_exact("(gdb) ")
        return self.person.before.replace("\r", "")

    def do(self, command):
        self.person.sendline(command)
        return self.answer()

    def end(self):
        self.person.sendline("quit")
        self.person.expect(pexpect.EOF)
        self.person.close()
        return self.person.exitstatus


def test_it_stops_in_main_and_where_the_program_dies(program):
    gdb = Gdb(program)
    assert "main (argc=1" in gdb.started
    said = gdb.do("continue")
    assert "Program terminated with signal SIGSEGV." in said
    places = gdb.do("backtrace")
    assert "strlen ()" in places and "strlen.S" in places
    assert "in length_of (s=0x0)" in places and "dies.c:9" in places
    assert "in main (argc=1" in places and "dies.c:23" in places
    assert "??" not in places
    gdb.do("frame function main")
    assert "= 42" in gdb.do("print local")
    gdb.do("up")
    assert "closed" in gdb.do("continue")
    assert gdb.end() == 128 + 11


def test_a_failed_assertion(program):
    gdb = Gdb(program, "assert")
    assert "terminated with signal SIGABRT" in gdb.do("continue")
    places = gdb.do("backtrace")
    assert "abort" in places and "in main (argc=2" in places
    assert gdb.end() == 128 + 6


def test_from_another_folder_by_path(program, tmp_path):
    gdb = Gdb(
        os.path.relpath(program, tmp_path), "null", cwd=str(tmp_path))
    assert "main (argc=2" in gdb.started and "dies.c" in gdb.started
    assert "SIGSEGV" in gdb.do("continue")
    assert gdb.end() == 128 + 11


def test_a_breakpoint_and_the_end(program):
    gdb = Gdb(program, "end")
    gdb.do("break length_of")
    said = gdb.do("continue")
    assert "out" in said and "closed" in said
    assert gdb.end() == 7


def test_left_in_the_midst(program):
    gdb = Gdb(program)
    gdb.do("kill")
    assert gdb.end() == 0
