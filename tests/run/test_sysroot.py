"""cairn-run --sysroot: programs of a Linux system, with its loader and
libraries. The system is made here of the cross compiler's C library."""
import pathlib
import shutil
import subprocess

import pytest

from run import cairn_run

CC = "i686-linux-gnu-gcc"

MAIN = r"""
#include <stdio.h>
#include <string.h>
extern int outer(int);
static __thread int mine = 5;
static int zeros[5000];
int main(int argc, char **argv)
{
    char *slash = strrchr(argv[0], '/');

    printf("%s has %d arguments, %d\n", slash ? slash + 1 : argv[0],
           argc - 1, outer(1) + mine + zeros[4999]);
    return 3;
}
"""

ALONE = r"""
#include <stdio.h>
int main(void)
{
    puts("alone");
    return 0;
}
"""

OUTER = "extern int inner(int); int outer(int n) { return inner(n) + 1; }"
INNER = """
static __thread int here = 7;
__attribute__((constructor)) static void begin(void) { here += 100; }
int inner(int n) { return n + here; }
"""
RESULT = b"main has 2 arguments, 114\n"


def library_folder():
    """Where the cross compiler's own C library is."""
    found = subprocess.run([CC, "-print-file-name=libc.so.6"], check=True,
                           capture_output=True, text=True).stdout.strip()
    return pathlib.Path(found).resolve().parent


def compile_it(source, output, *options):
    output.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([CC, "-O2", "-x", "c", "-", "-x", "none", "-o", output,
                    *options],
                   input=source.encode(), check=True)


@pytest.fixture
def system(tmp_path):
    """A root with the loader, the C library, and two more in /opt/lib."""
    root = tmp_path / "root"
    lib = root / "lib"
    lib.mkdir(parents=True)
    for name in "ld-linux.so.2", "libc.so.6":
        shutil.copy(library_folder() / name, lib / name)
    opt = root / "opt/lib"
    compile_it(INNER, opt / "libinner.so.1", "-shared", "-fPIC",
               "-Wl,-soname,libinner.so.1")
    compile_it(OUTER, opt / "libouter.so.1", "-shared", "-fPIC",
               "-Wl,-soname,libouter.so.1", opt / "libinner.so.1")
    return root


def make_main(root, path, *options):
    opt = root / "opt/lib"
    compile_it(MAIN, path, opt / "libouter.so.1", f"-Wl,-rpath-link,{opt}",
               *options)
    return path


def run_main(root, program, *options):
    return cairn_run("--append", "leakcheck", *options, "--sysroot", root,
                     program, "a", "b")


def check_main(root, program, *options):
    done = run_main(root, program, *options)
    assert (done.stdout, done.stderr, done.returncode) == (RESULT, b"", 3)


@pytest.mark.parametrize("kind", ["-pie", "-no-pie"])
@pytest.mark.parametrize("tag", ["--enable-new-dtags",
                                 "--disable-new-dtags"])
def test_rpath(system, tmp_path, kind, tag):
    """RUNPATH holds for one file, so that the library needs its own."""
    compile_it(OUTER, system / "opt/lib/libouter.so.1", "-shared", "-fPIC",
               "-Wl,-soname,libouter.so.1", system / "opt/lib/libinner.so.1",
               "-Wl,-rpath,$ORIGIN/../lib,--enable-new-dtags")
    program = make_main(system, tmp_path / "main", kind,
                        f"-Wl,-rpath,/opt/lib,{tag}")
    check_main(system, program)


def test_rpath_of_the_program_holds_for_libraries(system, tmp_path):
    program = make_main(system, tmp_path / "main",
                        "-Wl,-rpath,/opt/lib,--disable-new-dtags")
    check_main(system, program)
    program = make_main(system, tmp_path / "main",
                        "-Wl,-rpath,/opt/lib,--enable-new-dtags")
    done = run_main(system, program)
    assert done.returncode == 127
    assert b"it needs the library libinner.so.1, which is not in" \
        in done.stderr


def test_library_path_of_the_environment(system, tmp_path):
    program = make_main(system, tmp_path / "main")
    check_main(system, program, "--env", "LD_LIBRARY_PATH=/nowhere:/opt/lib")
    done = run_main(system, program)
    assert done.returncode == 127
    assert b"libouter.so.1, which is not in" in done.stderr


def test_ld_so_conf(system, tmp_path):
    """Without a cache the loader would not find them where they are."""
    conf = system / "etc/ld.so.conf.d"
    conf.mkdir(parents=True)
    (system / "etc/ld.so.conf").write_text("include ld.so.conf.d/*.conf\n")
    (conf / "opt.conf").write_text("# a comment\n/opt/lib # and one more\n")
    check_main(system, make_main(system, tmp_path / "main"))


def test_program_of_the_system(system):
    """It has its place below / then; so do links, absolute ones too."""
    make_main(system, system / "usr/bin/main.real", "-Wl,-rpath,/opt/lib",
              "-Wl,--disable-new-dtags")
    (system / "usr/bin/main").symlink_to("/usr/bin/main.real")
    (system / "lib/ld-linux.so.2").rename(system / "lib/ld-2.36.so")
    (system / "lib/ld-linux.so.2").symlink_to("/lib/ld-2.36.so")
    check_main(system, system / "usr/bin/main")
    done = cairn_run("--sysroot", system, "main", "a", "b")
    assert (done.stdout, done.returncode) == (RESULT, 3)


def test_links_do_not_lead_out_of_the_system(system, tmp_path):
    compile_it(ALONE, tmp_path / "alone")
    (system / "lib/libc.so.6").unlink()
    up = "/".join([".."] * 30)
    (system / "lib/libc.so.6").symlink_to(f"{up}{library_folder()}/libc.so.6")
    done = cairn_run("--sysroot", system, tmp_path / "alone")
    assert done.returncode == 127
    assert b"the library libc.so.6, which is not in" in done.stderr


def test_files_bring_their_needs(system, tmp_path):
    program = make_main(system, tmp_path / "main", "-Wl,-rpath,/opt/lib",
                        "-Wl,--disable-new-dtags")
    done = cairn_run("--sysroot", system, "--file", f"{program}:/bin/main",
                     "-c", "/bin/main a b; echo $?")
    assert done.stdout == RESULT + b"3\n"
    folder = tmp_path / "folder"
    folder.mkdir()
    program.rename(folder / "main")
    done = cairn_run("--sysroot", system, "--dir", f"{folder}:/opt/bin",
                     "-c", "/opt/bin/main a b; echo $?")
    assert done.stdout == RESULT + b"3\n"


def test_static_pie(tmp_path):
    compile_it(ALONE, tmp_path / "alone", "-static-pie")
    for option in (), ("--norandom",):
        done = cairn_run(*option, "--append", "leakcheck",
                         tmp_path / "alone")
        assert (done.stdout, done.returncode) == (b"alone\n", 0)


def test_missing_loader(system, tmp_path):
    compile_it(ALONE, tmp_path / "alone")
    done = cairn_run(tmp_path / "alone")
    assert done.returncode == 127
    assert b"/lib/ld-linux.so.2, which is not there" in done.stderr
    assert b"--sysroot" in done.stderr
    (system / "lib/ld-linux.so.2").unlink()
    done = cairn_run("--sysroot", system, tmp_path / "alone")
    assert done.returncode == 127
    assert b"alone: it needs the loader /lib/ld-linux.so.2, which is not in " \
        in done.stderr


def test_missing_folder(tmp_path):
    done = cairn_run("--sysroot", tmp_path / "none", "/bin/true")
    assert done.returncode == 125
    assert b"none: No such file or directory" in done.stderr


@pytest.mark.parametrize("damage", ["short", "strings", "dynamic", "phdrs",
                                    "loop"])
def test_damaged_libraries(system, tmp_path, damage):
    """What cannot be read needs nothing, or is not there; nothing breaks."""
    program = make_main(system, tmp_path / "main", "-Wl,-rpath,/opt/lib",
                        "-Wl,--disable-new-dtags")
    library = system / "opt/lib/libouter.so.1"
    data = bytearray(library.read_bytes())
    if damage == "short":
        del data[100:]
    elif damage == "phdrs":
        data[28:32] = b"\xff\xff\xff\xff"
    elif damage == "loop":
        library.unlink()
        library.symlink_to("libouter.so.1")
    else:
        offset = data.index(b"\2\0\0\0", 52)  # PT_DYNAMIC
        if damage == "dynamic":
            data[offset + 4:offset + 8] = b"\xf0\xff\xff\xff"
        else:
            data[len(data) // 2:] = b"\xff" * (len(data) - len(data) // 2)
    if damage != "loop":
        library.write_bytes(data)
    done = run_main(system, program)
    assert done.returncode in (127, 139, 3)
    assert b"Cairn has failed" not in done.stderr
