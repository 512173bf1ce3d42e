"""cairn-run --explain: what lies at the address, and the last system calls."""
import subprocess

import pytest

from run import CC, cairn_run

SOURCE = r"""
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
static char *__attribute__((noinline)) take(int n)
{
    return malloc(n); /* line 7 */
}
static void __attribute__((noinline)) give(char *p)
{
    free(p); /* line 11 */
}
int main(int argc, char **argv)
{
    char *volatile small = take(40), *volatile block = take(3000000);

    small[0] = 1;
    getppid();
    if (argc > 1 && *argv[1] == 'f') {
        give(block);
        ((volatile char *)block)[2000000] = 1;
    }
    mprotect((void *)0x50000000, 4096, PROT_READ);
    *(volatile int *)0x50000010 = 1;
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    (folder / "dies.c").write_text(SOURCE)
    subprocess.run([CC, "-g", "-O1", folder / "dies.c", "-o", folder / "dies"],
                   check=True)
    return folder / "dies"


def test_freed_block(program):
    result = cairn_run("--explain", program, "f")
    text = result.stderr.decode()
    assert result.returncode == 128 + 11
    assert "byte 2000000 of a 3000000-byte block allocated by take at dies.c:7, " \
        "freed by give at dies.c:11" in text, text
    assert "  last system calls:\n" in text
    assert "brk(" in text or "munmap(" in text


def test_areas_and_calls(program):
    text = cairn_run("--explain", program).stderr.decode()
    assert "the area below it is" in text and "the area above it is" in text
    calls = text.split("last system calls:\n")[1].splitlines()
    assert 3 <= len(calls) <= 8
    assert "mprotect(0x50000000, 4096, PROT_READ)" in calls[-1]
    assert "-1 ENOMEM" in calls[-1]
    assert any("getppid()" in line for line in calls)


def test_silent_when_well(build):
    program = build("well", "int main(void) { return 0; }")
    result = cairn_run("--explain", program)
    assert (result.returncode, result.stderr) == (0, b"")
