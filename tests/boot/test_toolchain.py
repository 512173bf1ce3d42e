"""The sysroot as a user meets it: the compiler's options, a moved sysroot, the
headers and what they declare."""
import os
import re
import shutil
import subprocess

import pytest

from machine import ROOT

SYSROOT = ROOT / "sysroot"
HELLO = """#include <math.h>
#include <stdio.h>
__thread int seven = 7;
int main(int argc, char **argv)
{
    (void)argv;
    printf("hello %d %.3f\\n", seven, sin(argc));
    return 3;
}
"""


def run(*words, **options):
    return subprocess.run([str(w) for w in words], text=True, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **options)


def compile_and_run(cc, folder, *flags, **options):
    """Compile hello in a folder and run it on this machine."""
    (folder / "hello.c").write_text(HELLO)
    done = run(cc, *flags, "hello.c", "-o", "hello", "-lm", cwd=folder,
               **options)
    assert done.returncode == 0, done.stdout
    done = run("./hello", cwd=folder)
    assert (done.returncode, done.stdout) == (3, "hello 7 0.841\n")


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A copy of the sysroot in a folder with a blank in its name."""
    folder = tmp_path_factory.mktemp("moved") / "a sysroot"
    shutil.copytree(SYSROOT, folder, symlinks=True)
    return folder


@pytest.mark.parametrize("flags", [
    [], ["-O2"], ["-O3", "-flto"], ["-Os", "-static", "-s"], ["-g"],
    ["-fstack-protector-all", "-O1"], ["-fPIC"], ["-std=c99", "-pedantic"],
    ["-O2", "-lmalloc-newlib"]], ids=" ".join)
def test_options(tmp_path, flags):
    compile_and_run(SYSROOT / "bin/i686-cairn-gcc", tmp_path, *flags)


def test_moved(moved, tmp_path):
    compile_and_run(moved / "bin/i686-cairn-gcc", tmp_path)


def test_by_link_and_by_path(moved, tmp_path):
    link = tmp_path / "my-cc"
    link.symlink_to(moved / "bin/i686-cairn-gcc")
    compile_and_run(link, tmp_path)
    path = f"{moved / 'bin'}:{os.environ['PATH']}"
    compile_and_run("i686-cairn-gcc", tmp_path,
                    env={**os.environ, "PATH": path})


def test_nothing_of_the_host(moved, tmp_path):
    """Neither headers nor libraries come from anywhere but the sysroot."""
    cc = moved / "bin/i686-cairn-gcc"
    (tmp_path / "hello.c").write_text(HELLO)
    done = run(cc, "-E", "hello.c", cwd=tmp_path)
    headers = set(re.findall(r'^# \d+ "(/[^"]+)"', done.stdout, re.M))
    headers.discard(f"{tmp_path}//")
    assert len(headers) > 5
    for header in headers:
        assert "sysroot/usr/include" in header or "gcc-cross" in header, header
    done = run(cc, "hello.c", "-lm", "-Wl,-t", "-o", "x", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    used = [line for line in done.stdout.splitlines() if "/" in line]
    assert used
    for line in used:
        assert any(part in line for part in ("sysroot/usr/lib", "gcc-cross",
                                             "/tmp/")), line


def test_predefined():
    done = run(SYSROOT / "bin/i686-cairn-gcc", "-E", "-dM", "-x", "c",
               "/dev/null")
    names = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"__cairn__", "__unix__", "__ELF__", "__i386__"} <= names
    assert not {"__linux__", "__gnu_linux__", "linux", "__linux", "__pie__",
                "__GLIBC__"} & names


def test_answers(moved):
    cc = moved / "bin/i686-cairn-gcc"
    assert run(cc, "-dumpmachine").stdout == "i686-cairn\n"
    assert run(cc, "-print-sysroot").stdout == f"{moved}\n"
    assert run(cc, "-print-file-name=libc.a").stdout == \
        f"{moved}/usr/lib/libc.a\n"
    assert "Free Software Foundation" in run(cc, "--version").stdout


@pytest.mark.parametrize("flag", ["-shared", "-pie", "-static-pie"])
def test_refused(tmp_path, flag):
    (tmp_path / "hello.c").write_text(HELLO)
    done = run(SYSROOT / "bin/i686-cairn-gcc", flag, "hello.c", "-o", "x",
               cwd=tmp_path)
    assert done.returncode != 0 and "Cairn" in done.stdout


def test_segments(tmp_path):
    """Page-aligned segments, none both writable and executable, no executable
    stack, nothing in the lowest 64 KiB."""
    compile_and_run(SYSROOT / "bin/i686-cairn-gcc", tmp_path)
    done = run(SYSROOT / "bin/i686-cairn-readelf", "-lW", "hello",
               cwd=tmp_path)
    loads = [line for line in done.stdout.splitlines()
             if line.strip().startswith("LOAD")]
    assert len(loads) >= 3
    for line in loads:
        words = line.split()
        flags = "".join(words[6:-1])
        assert not ("W" in flags and "E" in flags), line
        assert int(words[2], 16) >= 0x10000 and words[-1] == "0x1000", line
    stack = [line for line in done.stdout.splitlines() if "GNU_STACK" in line]
    assert stack and "E" not in stack[0].split("0x00000", 1)[1].split()[-2]


@pytest.mark.parametrize("tool", [
    "ar", "as", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "size",
    "strip"])
def test_tools(tool):
    done = run(SYSROOT / f"bin/i686-cairn-{tool}", "--version")
    assert done.returncode == 0 and "GNU" in done.stdout


def test_linker_alone(tmp_path):
    (tmp_path / "hello.c").write_text(HELLO)
    tool = SYSROOT / "bin/i686-cairn-"
    run(f"{tool}gcc", "-c", "hello.c", cwd=tmp_path)
    libgcc = run(f"{tool}gcc", "-print-libgcc-file-name").stdout.strip()
    lib = SYSROOT / "usr/lib"
    done = run(f"{tool}ld", lib / "crt0.o", lib / "crti.o", "hello.o", "-lm",
               "-lc", libgcc, lib / "crtn.o", "-o", "hello", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert run("./hello", cwd=tmp_path).returncode == 3


def test_main_in_a_library(tmp_path):
    """The linker looks for main in the program's own libraries as well."""
    (tmp_path / "hello.c").write_text(HELLO)
    tool = SYSROOT / "bin/i686-cairn-"
    run(f"{tool}gcc", "-c", "hello.c", cwd=tmp_path)
    run(f"{tool}ar", "rcs", "libhello.a", "hello.o", cwd=tmp_path)
    done = run(f"{tool}gcc", "libhello.a", "-lm", "-o", "hello", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert run("./hello", cwd=tmp_path).returncode == 3


def test_surface():
    """Every header compiles alone, every function declared in one links."""
    done = run(ROOT / "newlib-port/check-surface", SYSROOT)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " 0 missing, 0 headers with complaints" in done.stdout


def test_patch_is_small_and_runs_twice(tmp_path):
    run(ROOT / "newlib-port/unpack-newlib", tmp_path / "once",
        ROOT / "build/newlib-fetched")
    before = {p: (tmp_path / "once" / p).read_bytes()
              for p in ("config.sub", "newlib/configure.host")}
    done = run("sh", tmp_path / "once/config.sub", "i686-cairn")
    assert done.stdout == "i686-pc-cairn\n"
    done = run(ROOT / "newlib-port/patch-newlib", tmp_path / "once")
    assert done.returncode == 0, done.stdout
    for path, content in before.items():
        assert (tmp_path / "once" / path).read_bytes() == content


@pytest.mark.parametrize("flag", [
    "-fsanitize=hwaddress", "-fsanitize=thread", "-fsanitize=undefined,leak",
])
def test_what_has_no_runtime_is_refused_in_one_line(tmp_path, flag):
    (tmp_path / "a.c").write_text("int main(void) { return 0; }\n")
    done = subprocess.run([ROOT / "sysroot/bin/i686-cairn-gcc", flag,
                           tmp_path / "a.c", "-o", tmp_path / "a"],
                          capture_output=True, text=True)
    assert done.returncode == 1 and not (tmp_path / "a").exists()
    assert done.stderr.count("\n") == 1 and flag in done.stderr


def test_undefined_behaviour_traps_where_it_happens(tmp_path):
    (tmp_path / "a.c").write_text(
        "#include <limits.h>\n"
        "int main(int argc, char **argv)\n"
        "{\n"
        "    int n = INT_MAX;\n"
        "    n += argc;\n"
        "    return n & (int)(long)argv;\n"
        "}\n")
    subprocess.run([ROOT / "sysroot/bin/i686-cairn-gcc", "-g",
                    "-fsanitize=undefined", tmp_path / "a.c", "-o",
                    tmp_path / "a"], check=True)
    done = subprocess.run([ROOT / "sysroot/bin/cairn-run",
                           "--backtrace", tmp_path / "a"],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 128 + 4
    assert "SIGILL" in done.stderr and "main at a.c:5" in done.stderr


@pytest.mark.parametrize("name", ["a b", "it's", 'a"b', "a$b"])
def test_a_folder_that_make_cannot_work_with(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text())
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("MAKE") and name != "MFLAGS"}
    done = subprocess.run(["make", "run"], cwd=folder, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, env=clean)
    assert done.returncode == 2
    assert "move the clone" in done.stderr and done.stderr.count("\n") == 1
