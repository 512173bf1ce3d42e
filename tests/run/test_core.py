"""cairn-run --core: an ELF core of a program that died, for gdb."""
import shutil
import subprocess

import pytest

from run import CC, cairn_run

SOURCE = r"""
#include <stdlib.h>
#include <string.h>
char *message = "a string of the program";
static int __attribute__((noinline)) inner(char *p, int n)
{
    p[n] = 1; /* line 7 */
    return n + (int)strlen(message);
}
static int __attribute__((noinline)) middle(int n)
{
    char *block = malloc(100);

    strcpy(block, "in the heap");
    message = block;
    return inner((char *)0x1000, n) + 1;
}
int main(int argc, char **argv)
{
    if (argc > 1 && *argv[1] == 'a')
        abort();
    return middle(argc * 4) + 5;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("core")
    (folder / "dies.c").write_text(SOURCE)
    subprocess.run([CC, "-g", "-O1", folder / "dies.c", "-o", folder / "dies"],
                   check=True)
    return folder / "dies"


def gdb(program, core, *commands):
    words = [word for command in commands for word in ("-ex", command)]
    return subprocess.run(
        ["gdb", "-nx", "-batch", *words, program, core], text=True, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True).stdout


@pytest.mark.skipif(shutil.which("gdb") is None, reason="no gdb here")
def test_gdb_opens_it(program, tmp_path):
    core = tmp_path / "core"
    result = cairn_run("--core", core, program)
    assert result.returncode == 128 + 11
    text = gdb(program, core, "bt", "x/s message", "info auxv",
               "p $_siginfo._sifields._sigfault.si_addr",
               "info proc mappings", "info registers eip")
    assert "Program terminated with signal SIGSEGV" in text
    assert "#0  inner" in text and "dies.c:7" in text
    assert "#1  " in text and "in middle (" in text
    assert "in main (argc=1" in text
    assert '"in the heap"' in text
    assert "AT_PAGESZ            System page size               4096" in text
    assert "(void *) 0x1004" in text
    assert str(program) in text.split("Mapped address spaces")[1]


@pytest.mark.skipif(shutil.which("gdb") is None, reason="no gdb here")
def test_abort(program, tmp_path):
    core = tmp_path / "core"
    assert cairn_run("--core", core, program, "a").returncode == 128 + 6
    text = gdb(program, core, "bt")
    assert "Program terminated with signal SIGABRT" in text
    assert "in main (argc=2" in text


def test_none_without_death(build, tmp_path):
    program = build("lives", "int main(void) { return 4; }")
    assert cairn_run("--core", tmp_path / "core", program).returncode == 4
    assert not (tmp_path / "core").exists()
