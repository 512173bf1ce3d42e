"""Headers: alone, twice, in any order, at each level of the standards; and no
name in a program of ISO C that ISO C leaves to it."""
import concurrent.futures
import os
import random
import re
import subprocess

import pytest

from run import CC, ROOT

INCLUDE = ROOT / "sysroot/usr/include"

ISO = """assert complex ctype errno fenv float inttypes iso646 limits locale
    math setjmp signal stdarg stdbool stddef stdint stdio stdlib string tgmath
    time wchar wctype""".split()

POSIX = ISO + """arpa/inet dirent dlfcn fcntl fmtmsg fnmatch ftw glob grp iconv
    langinfo libgen monetary net/if netdb netinet/in netinet/tcp nl_types poll
    pwd regex sched search spawn strings sys/mman sys/resource sys/select
    sys/socket sys/stat sys/statvfs sys/time sys/times sys/types sys/uio sys/un
    sys/utsname sys/wait syslog termios ulimit unistd utime utmpx
    wordexp""".split()

LEVELS = {
    "c99": ["-std=c99"],
    "c11": ["-std=c11"],
    "c17": ["-std=c17"],
    "gnu17": ["-std=gnu17"],
    "posix1995": ["-std=c99", "-D_POSIX_C_SOURCE=199506L"],
    "posix2001": ["-std=c99", "-D_POSIX_C_SOURCE=200112L"],
    "posix2008": ["-std=c99", "-D_POSIX_C_SOURCE=200809L"],
    "posix2024": ["-std=c17", "-D_POSIX_C_SOURCE=202405L"],
    "xopen600": ["-std=c99", "-D_XOPEN_SOURCE=600"],
    "xopen700": ["-std=c99", "-D_XOPEN_SOURCE=700"],
    "gnu": ["-std=gnu17", "-D_GNU_SOURCE"],
}

# Macros that C17 gives to its headers, and families that it reserves.
MACROS = re.compile(r"""
    _ | E[0-9A-Z] | FE_ | SIG(_|[A-Z]) | LC_[A-Z] | (PRI|SCN)[a-zX] | TIME_UTC |
    U?INT(_?(LEAST|FAST)?\d*|MAX|PTR)_(MAX|MIN|C|WIDTH) | (INTMAX|UINTMAX)_C |
    (PTRDIFF|SIG_ATOMIC|SIZE|WCHAR|WINT)_(MAX|MIN) | (FLT|DBL|LDBL|DECIMAL)_ |
    (S|U)?CHAR_(BIT|MAX|MIN) | U?(SHRT|INT|LONG|LLONG)_(MAX|MIN) | MB_ |
    FP_ | HUGE_VAL[FL]? | INFINITY | NAN | MATH_ERR | math_errhandling | isun? |
    is(finite|inf|nan|normal|greater|less|unordered)|fpclassify|signbit|setjmp |
    (BUFSIZ|EOF|FILENAME_MAX|FOPEN_MAX|L_tmpnam|SEEK_|TMP_MAX|NULL|stdin) |
    std(out|err) | EXIT_ | RAND_MAX | WEOF | CLOCKS_PER_SEC | va_ | offsetof |
    assert | static_assert | complex | imaginary | I$ | CMPLX | bool | true | false | and |
    bit(and|or) | compl | not | x?or | ATOMIC_ | RSIZE_MAX | errno""", re.X)

# What newlib's <limits.h> has beyond C, for its own printf.
KNOWN = {"NL_ARGMAX"}


def compile_text(text, flags, folder, name):
    """The compiler's complaints about a source, or None."""
    done = subprocess.run(
        [CC, *flags, "-Wall", "-Wextra", "-Werror", "-pedantic",
         "-fsyntax-only", "-x", "c", "-"], input=text, text=True,
        capture_output=True)
    return f"{name}: {done.stderr}" if done.returncode else None


def sources():
    """Each header twice, and all in several orders."""
    for header in POSIX:
        yield header, f"#include <{header}.h>\n" * 2
    order = random.Random(1)
    for i in range(6):
        names = POSIX[:]
        if i == 1:
            names.reverse()
        elif i > 1:
            order.shuffle(names)
        yield (f"order {i}: {' '.join(names)}",
               "".join(f"#include <{n}.h>\n" for n in names))


@pytest.mark.parametrize("level", LEVELS)
def test_order(level, tmp_path):
    """Every header compiles alone, twice, and in any order with the others."""
    end = "extern int not_empty;\n"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_text, text + end, LEVELS[level], tmp_path,
                            name) for name, text in sources()]
    problems = [job.result() for job in jobs if job.result()]
    assert not problems, "\n".join(problems)


def names_of(header, flags, path):
    """Macros, and functions by the compiler's own list."""
    text = f"#include <{header}.h>\n"
    macros = subprocess.run([CC, *flags, "-E", "-dM", "-x", "c", "-"],
                            input=text, text=True, capture_output=True,
                            check=True).stdout
    subprocess.run([CC, *flags, "-fsyntax-only", "-aux-info", path, "-x", "c",
                    "-"], input=text, text=True, check=True)
    functions = re.findall(r"^/\*.*\*/ .*?\b(\w+) \(", path.read_text(), re.M)
    return set(re.findall(r"^#define (\w+)", macros, re.M)), set(functions)


@pytest.mark.parametrize("level", ["c99", "c17"])
def test_iso(level, tmp_path):
    """No header of ISO C takes a name that ISO C does not reserve."""
    flags = LEVELS[level]
    words = (ROOT / "newlib-port/iso-c-names.txt").read_text().splitlines()
    iso = {w for line in words if line[:1] != "#" for w in line.split()}
    iso |= {"gets"} if level == "c99" else set()
    before, _ = names_of("stdarg", flags, tmp_path / "x")
    taken = {}
    for header in ISO:
        macros, functions = names_of(header, flags, tmp_path / "x")
        extra = {m for m in macros - before - iso - KNOWN
                 if not MACROS.match(m)}
        extra |= {f for f in functions - iso if not f.startswith("_")}
        if extra:
            taken[header] = sorted(extra)
    assert not taken


def test_the_table_of_functions_is_current():
    """docs/libc.md is what tools/libc-table writes, with musl and newlib 4.5."""
    version = (INCLUDE / "_newlib_version.h").read_text()
    if "4.5.0" not in version or not (ROOT / "build/borrowed/unpacked").exists():
        pytest.skip("the C library is of other sources")
    subprocess.run([ROOT / "tools/libc-table", "--check"], check=True)
