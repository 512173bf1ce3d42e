"""valgrind on the host sees the heap errors of a program of Cairn's."""
import shutil
import subprocess

import pytest

from run import ROOT

SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *p = malloc(10);
    char *q = calloc(3, 5);

    (void)argc;
    memset(p, 1, 10);
    switch (*argv[1]) {
    case 'o': p[10] = 'x'; break;
    case 'u': p[-1] = 'x'; break;
    case 'f': free(p); p[0] = 1; return 0;
    case 'd': free(p); free(p); return 0;
    case 'l': q = NULL; break;
    case 'i': p = realloc(p, 12); write(1, p[11] ? "1" : "0", 1); break;
    case 's': asprintf(&p, "%s", "text"); p[5] = 0; break;
    case 'g': p = realloc(p, 2000000); p[1999999] = 1; break;
    }
    free(p);
    free(q);
    return 0;
}
"""

CASES = {
    "o": "Invalid write of size 1",
    "u": "Invalid write of size 1",
    "f": "0 bytes inside a block of size 10 free'd",
    "d": "Invalid free()",
    "l": "15 bytes in 1 blocks are definitely lost",
    "i": "depends on uninitialised value",
    "s": "0 bytes after a block of size 5 alloc'd",
    "g": None,
    "n": None,
}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The program, linked with the allocator that talks to valgrind."""
    if shutil.which("valgrind") is None:
        pytest.skip("there is no valgrind here")
    folder = tmp_path_factory.mktemp("valgrind")
    source = folder / "heap.c"
    source.write_text(SOURCE)
    subprocess.run([ROOT / "sysroot/bin/i686-cairn-gcc", "-D_GNU_SOURCE", "-g",
                    "-fno-builtin", "-w", source, "-lmalloc-valgrind", "-o",
                    folder / "heap"], check=True)
    return folder / "heap"


@pytest.mark.parametrize("case", CASES)
def test_valgrind(program, case):
    done = subprocess.run(["valgrind", "--leak-check=full",
                           "--error-exitcode=9", program, case],
                          capture_output=True, text=True, timeout=120)
    wanted = CASES[case]
    assert done.returncode == (9 if wanted else 0), done.stderr
    assert (wanted or "ERROR SUMMARY: 0 errors") in done.stderr
