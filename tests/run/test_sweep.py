"""cairn-run --sweep: does a program survive what fails?"""
import re
import subprocess

import pytest

from run import CC, ROOT, cairn_run

CARELESS = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char *__attribute__((noinline)) copy(const char *s)
{
    char *p = malloc(strlen(s) + 1); /* line 7 */
    strcpy(p, s);                    /* line 8 */
    return p;
}
int main(void)
{
    char *careful = malloc(200000), *line;
    if (careful == NULL) {
        fprintf(stderr, "careless: out of memory\n");
        return 1;
    }
    line = copy("some words");
    puts(line);
    free(line);
    free(careful);
    return 0;
}
"""

CAREFUL = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
static int fail(const char *what)
{
    dprintf(2, "careful: %s\n", what);
    return 1;
}
int main(void)
{
    char *a = malloc(100), *b = a ? realloc(a, 100000) : NULL;
    char *c = calloc(3, 5);
    void *map = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (b == NULL || c == NULL || map == MAP_FAILED)
        return fail("no memory");
    write(1, "good\n", 5);
    free(b);
    free(c);
    return 0;
}
"""

LIAR = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char *p = malloc(10);
    write(1, p ? "all\n" : "half\n", p ? 4 : 5);
    return 0;
}
"""

HANGS = r"""
#include <stdlib.h>
int main(void)
{
    while (malloc(10) == NULL || malloc(20) == NULL)
        for (;;)
            ;
    return 0;
}
"""


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")

    def compile(name, source):
        (folder / f"{name}.c").write_text(source)
        subprocess.run([CC, "-g", "-O1", folder / f"{name}.c", "-o",
                        folder / name], check=True)
        return folder / name

    return compile


def sweep(program, what, *options):
    result = cairn_run("--sweep", what, "-j", "2", *options, program,
                       timeout=300)
    return result.returncode, result.stdout.decode()


def test_careless_malloc(make):
    status, table = sweep(make("careless", CARELESS), "malloc")
    assert status == 1
    assert re.search(r"^ +1  malloc +main at careless\.c:\d+ +"
                     r'status 1: "careless: out of memory"$', table, re.M), table
    assert re.search(r"^ +2  malloc +copy at careless\.c:7 +"
                     r"crashed: SIGSEGV in copy at careless\.c:8$", table,
                     re.M), table
    assert "1 crashed" in table.splitlines()[-1]


@pytest.mark.parametrize("what", ["malloc", "memory", "mmap2,write:error=EIO"])
def test_careful(make, what):
    status, table = sweep(make("careful", CAREFUL), what)
    if what.startswith("mmap2"):
        assert status == 1  # nobody looks whether the write worked
        assert "write" in table and "gave wrong output" in table
    else:
        assert status == 0, table
        assert int(table.splitlines()[-1].split()[0]) >= 3
        assert "crashed" not in table


def test_liar_and_hang(make):
    status, table = sweep(make("liar", LIAR), "malloc")
    assert status == 1 and "gave wrong output" in table
    status, table = sweep(make("hangs", HANGS), "malloc", "--timeout", "4")
    assert status == 1 and table.count("  hung\n") == 2, table


def test_errno(make):
    """A malloc that is made fail says ENOMEM."""
    program = make("says", r"""
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    char *volatile p = malloc(10);
    if (p == NULL) {
        perror("says");
        return 1;
    }
    return 0;
}""")
    status, table = sweep(program, "malloc")
    assert status == 0
    assert 'status 1: "says: Not enough space"' in table, table


def test_stdin_is_the_same(make):
    program = make("reads", r"""
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    char line[20], *p = malloc(10);
    if (p == NULL || fgets(line, sizeof(line), stdin) == NULL)
        return 3;
    printf("%s", line);
    return 0;
}""")
    result = cairn_run("--sweep", "malloc", program, input=b"given\n")
    assert b"status 3, nothing said" in result.stdout
    assert result.returncode == 0, result.stdout


def test_dash_survives():
    dash = ROOT / "build/ports/dash/src/src/dash"
    if not dash.exists():
        pytest.skip("dash is not built here")
    result = cairn_run("--sweep", "malloc", "-j", "2", dash, "-c",
                       "x=$(echo hi); echo $x", timeout=300)
    assert result.returncode == 0, result.stdout
    assert re.search(rb"^\d+ failures: ", result.stdout, re.M)


def test_bad_sets(make):
    program = make("careful", CAREFUL)
    for what, why in (("nosuch", b"no such call or set: nosuch"),
                      ("memory:error=ENOPE", b"no such error: ENOPE")):
        result = cairn_run("--sweep", what, program)
        assert result.returncode == 125 and why in result.stderr
