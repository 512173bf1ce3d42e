"""The allocator in other places: newlib's two or a program's own in its stead
in Cairn, and Cairn's in the stead of this machine's C library."""
import os
import shutil
import subprocess

import pytest

from run import CC, ROOT, cairn_run

GUEST = ROOT / "tests/guest"
PRELOAD = ROOT / "build/host/malloc/libcairn-malloc.so"
FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{GUEST}",
         f"-I{ROOT}/kernel/include"]


# ---- newlib's instead of Cairn's -------------------------------------------
#
# The programs pass where newlib is not at fault, and malloc_newlib_faults
# knows the faults of each.  newlib's nano reads behind a block in realloc,
# which ends those that are not here.

@pytest.mark.parametrize("program, library", [
    ("malloc_newlib_faults", "newlib"), ("malloc_newlib_faults", "nano"),
    ("malloc_table", "newlib"), ("malloc_table", "nano"),
    ("malloc_users", "newlib"), ("libc_stdio", "newlib")])
def test_with_newlibs_allocator(tmp_path, program, library):
    subprocess.run([CC, *FLAGS, GUEST / f"{program}.c", "-o",
                    tmp_path / program, f"-lmalloc-{library}", "-lm"],
                   check=True)
    done = cairn_run(tmp_path / program)
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, lines
    assert [line for line in lines if line.startswith("not ok")] == []
    passed = [line for line in lines if line.startswith("ok")]
    assert f"1..{len(passed)}" in lines and len(passed) > 10


# ---- a program's own -------------------------------------------------------

OWN = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static _Alignas(16) char arena[1 << 20];
static size_t used;
static int taken, given;
void *malloc(size_t n)
{
    char *p = arena + used + 16;
    *(size_t *)(p - 16) = n;
    used += (n + 31) & ~(size_t)15;
    taken++;
    return p;
}
void free(void *p) { given += p != NULL; }
void *calloc(size_t n, size_t size)
{
    return memset(malloc(n * size), 0, n * size);
}
void *realloc(void *p, size_t n)
{
    char *q = malloc(n);
    if (p != NULL)
        memcpy(q, p, n < ((size_t *)p)[-4] ? n : ((size_t *)p)[-4]);
    return q;
}
int main(void)
{
    char *line = NULL, *copy = strdup("words");
    size_t room = 0;
    FILE *in = fmemopen("one line\n", 9, "r");
    int n = (int)getline(&line, &room, in), before = taken;
    int ours = line >= arena && line < arena + sizeof arena &&
               copy >= arena && copy < arena + sizeof arena;
    fclose(in);
    free(copy);
    printf("%d %d %d %d\n", n, ours, before >= 3, given >= 1);
}
"""


def test_a_programs_own_allocator(tmp_path):
    """It counts in the whole program, what the library takes included."""
    (tmp_path / "own.c").write_text(OWN)
    subprocess.run([CC, "-O1", "-fno-builtin", "-Wall", tmp_path / "own.c",
                    "-o", tmp_path / "own"], check=True)
    assert cairn_run(tmp_path / "own").stdout == b"9 1 1 1\n"


# ---- Cairn's on this machine -----------------------------------------------

@pytest.fixture(scope="module")
def preload():
    """An environment in which programs of this machine use Cairn's."""
    env = {**os.environ, "MAKEFLAGS": "", "MFLAGS": ""}
    subprocess.run(["make", "-s", "preload-malloc"], cwd=ROOT, env=env,
                   check=True)
    env = {**os.environ, "LD_PRELOAD": str(PRELOAD)}
    env.pop("MALLOC_CONF", None)
    return env


def output(*command, **options):
    done = subprocess.run(command, capture_output=True, timeout=300, **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


PYTHON = r"""
import collections, json, random, threading, zlib
random.seed(4)
words = [bytes(random.choices(b"abcdefgh", k=random.randrange(60))).decode()
         for _ in range(60000)]
table = {w: [i, w * 3, {"n": i / 7}] for i, w in enumerate(words)}
assert json.loads(json.dumps(table)) == table
text = "\n".join(sorted(words)).encode() * 3
assert zlib.decompress(zlib.compress(text)) == text
def work(k, out):
    out[k] = collections.Counter(w[k % 3:] for w in words * 2).most_common(5)
out = {}
threads = [threading.Thread(target=work, args=(k, out)) for k in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
assert out[0] == out[3] and len(out) == 6
print(zlib.crc32(text), len(table))
"""

SQL = """
import sqlite3
db = sqlite3.connect(":memory:")
db.execute("create table t(a integer primary key, b text)")
db.executemany("insert into t values(?, ?)",
               ((i, str(i * 7919 % 100003)) for i in range(100000)))
db.execute("create index i on t(b)")
db.execute("delete from t where a % 3 = 0")
print(db.execute("select count(*), sum(a), min(b), max(b) from t "
                 "where b > '5'").fetchone())
"""


@pytest.mark.parametrize("conf", ["", "check"])
@pytest.mark.parametrize("script", [PYTHON, SQL], ids=["python", "sqlite"])
def test_python(preload, script, conf):
    if conf:
        if not os.environ.get("TEST_LONG"):
            pytest.skip("only in check-long")
        preload = {**preload, "MALLOC_CONF": conf}
    got = output("/usr/bin/python3", "-c", script, env=preload)
    assert got == output("/usr/bin/python3", "-c", script) != b""


def test_it_is_in_use(preload):
    maps = output("/usr/bin/python3", "-c",
                  "print(open('/proc/self/maps').read())", env=preload)
    assert PRELOAD.name.encode() in maps


def many_functions(count):
    """A large C file: functions with loops, tables and calls."""
    lines = ["#include <stdio.h>", "int f0(int n) { return n + 1; }"]
    for k in range(1, count):
        lines.append(
            f"static const int t{k}[] = {{{', '.join(map(str, range(k % 50)))}"
            f"{', ' if k % 50 else ''}{k}}};\n"
            f"int f{k}(int n) {{ int s = n; for (int i = 0; i < n; i++) "
            f"s = s * 31 + t{k}[i % (sizeof t{k} / sizeof *t{k})]; "
            f"if (s % {k} == 0) printf(\"%d\\n\", s); "
            f"return s ^ f{k - 1}(n - 1); }}")
    return "\n".join(lines)


def test_compiler(preload, tmp_path):
    (tmp_path / "large.c").write_text(many_functions(500))
    objects = []
    for name, env in (("with", preload), ("without", None)):
        output("cc", "-O2", "-c", "large.c", "-o", f"{name}.o", cwd=tmp_path,
               env=env)
        objects.append((tmp_path / f"{name}.o").read_bytes())
    assert objects[0] == objects[1]


def test_sqlite3(preload):
    if not shutil.which("sqlite3"):
        pytest.skip("sqlite3 is not installed; python has it inside")
    sql = ("create table t(a, b); with recursive n(i) as (select 1 union all "
           "select i + 1 from n where i < 50000) insert into t select i, "
           "hex(i * 7919) from n; create index x on t(b); "
           "select count(*), max(b) from t where b > '5';")
    assert output("sqlite3", ":memory:", sql, env=preload) == \
        output("sqlite3", ":memory:", sql)


@pytest.mark.parametrize("command", [
    "seq 200000 | sort -R --random-source=/dev/zero | sort -n | tail -n 1",
    "tar cf - kernel | gzip -9 | gunzip | tar tf - | wc -l",
    "perl -e '$h{$_ % 1000} .= $_ for 1 .. 200000; print length(join(\"\", "
    "%h))'",
    "git log --stat -n 20 | wc -l",
    "bash -c 'for i in {1..2000}; do a[$i]=$i$i; done; echo ${#a[@]}'"])
def test_commands(preload, command):
    if not shutil.which(command.split()[0]):
        pytest.skip(f"no {command.split()[0]} here")
    assert output("sh", "-c", command, env=preload, cwd=ROOT) == \
        output("sh", "-c", command, cwd=ROOT)


def test_misuse_is_caught(preload, tmp_path):
    """The same line and the same end as in Cairn."""
    (tmp_path / "twice.c").write_text(
        "#include <stdlib.h>\n"
        "int main(void) { void *volatile p = malloc(40); "
        "void (*volatile give)(void *) = free; give(p); give(p); }")
    subprocess.run(["cc", "-O1", "-w", "twice.c", "-o", "twice"],
                   cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "twice"], env=preload,
                          capture_output=True, timeout=60)
    assert done.returncode == -6
    assert done.stderr.startswith(b"malloc: ") and \
        done.stderr.count(b"\n") == 1
