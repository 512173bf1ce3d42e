"""Programs of Debian 12 for i386 do in Cairn what they do on this machine.

The packages are fetched by fetch-linux into build/linux. debian_lines.txt has
ten command lines for each program; Debian's own bash runs them, here in a
changed root and there by cairn-run --sysroot, and what they say is compared. A program with threads is compiled with musl, static and dynamic,
and one in Go. All of it belongs to check-long, and is skipped without a network or root's
rights. With SHOW_CALLS in the environment, the system calls that each program
found missing are printed."""
import collections
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from run import ROOT, cairn_run

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = ROOT / "build/linux"
SYSTEM = FOLDER / "root"
PACKAGES = ("bash dash busybox coreutils sed grep tar gzip python3 perl "
            "sqlite3 lua5.4 gawk git xz-utils jq libc-bin musl-dev").split()
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "TZ": "UTC",
    "LC_ALL": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Author", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "Author", "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2024-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2024-01-02T03:04:05Z",
}
SHOW_CALLS = "SHOW_CALLS" in os.environ
# What command lines use besides the program that they are about.
COMMON = ("/bin/bash /bin/dash /bin/sh /bin/cat /bin/sed /bin/grep /bin/tar "
          "/bin/rm /bin/mkdir /bin/cp /bin/ls /usr/bin/cut /usr/bin/sort "
          "/usr/bin/head /usr/bin/tail /usr/bin/wc /usr/bin/cksum "
          "/usr/bin/seq /usr/bin/tr /usr/lib/locale/C.utf8").split()


def read_lines():
    """The programs of the list: {name: (files, lines)}."""
    programs = collections.OrderedDict()
    name = None
    for line in (HERE / "debian_lines.txt").read_text().splitlines():
        header = re.fullmatch(r"\[(.*)\]", line)
        if header:
            name = header.group(1)
            programs[name] = ([], [])
        elif line.startswith("files: "):
            programs[name][0].extend(line.split()[1:])
        elif line and not line.startswith("#"):
            programs[name][1].append(line)
    return programs


PROGRAMS = read_lines()


@pytest.fixture(scope="module")
def system():
    if "TEST_LONG" not in os.environ:
        pytest.skip("in check-long only")
    if os.geteuid() != 0:
        pytest.skip("a changed root to compare with takes root's rights")
    fetched = subprocess.run([HERE / "fetch-linux", FOLDER, *PACKAGES],
                             check=False)
    if fetched.returncode != 0:
        pytest.skip(f"Debian's packages cannot be fetched: {FOLDER}/log")
    if run_here("exit 0").returncode != 0:
        pytest.skip("this machine cannot run i386 programs in a changed root")
    return SYSTEM


def run_here(script):
    """Runs a script by the system's bash in a changed root, then tidies."""
    conf = SYSTEM / "etc/ld.so.conf"
    before = conf.read_bytes() if conf.exists() else None
    (SYSTEM / "tmp").mkdir(exist_ok=True)
    command = ('mount --rbind /proc "$1/proc" && mount --rbind /dev "$1/dev" '
               '&& mount -t tmpfs tmpfs "$1/tmp" && '
               'cd / && exec env -i $2 chroot "$1" bash -c "$3"')
    words = " ".join(f"{k}={v}" for k, v in ENVIRONMENT.items())
    try:
        return subprocess.run(
            ["unshare", "-m", "sh", "-c", command, "sh", SYSTEM, words,
             script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=300, check=False)
    finally:
        (SYSTEM / "etc/ld.so.cache").unlink(missing_ok=True)
        shutil.rmtree(SYSTEM / "var/cache/ldconfig", ignore_errors=True)
        if before is not None:
            conf.write_bytes(before)


def run_there(script, files, log):
    words = ["--sysroot", SYSTEM, "--env-clear", "-m", "512M",
             "--timeout", "240", "--log", log]
    for name, value in ENVIRONMENT.items():
        words += ["--env", f"{name}={value}"]
    taken = []
    for path in [*COMMON, *files]:
        if path not in taken and path != "/bin/bash":
            taken.append(path)
            words += ["--file", f"{SYSTEM}{path}:{path}"]
    words += ["--file", f"{SYSTEM}/etc/ld.so.conf:/etc/ld.so.conf"]
    if SHOW_CALLS:
        words.append(f"--strace={log}.calls")
    return cairn_run(*words, "bash", "-c", script, timeout=300,
                     cwd="/usr/share")


def make_script(lines):
    """Each line in a subshell of its own, with a mark before and after it."""
    script = "mkdir -p /tmp; cd /tmp\n"
    for number, line in enumerate(lines, 1):
        quoted = line.replace("'", "'\\''")
        script += (f"echo '== line {number}'\n(eval '{quoted}') 2>&1\n"
                   f"echo \"== status $?\"\n")
    return script


def split(output):
    return re.split(r"^== line \d+\n", output.decode("utf-8", "replace"),
                    flags=re.M)[1:]


def show_calls(name, path):
    """Prints which system calls were answered with ENOSYS, and how often."""
    text = path.read_text(errors="replace")
    missing = collections.Counter(
        re.findall(r"(\w+)\([^\n]*= -1 ENOSYS", text))
    print(f"{name}: {len(text.splitlines())} calls; ENOSYS:",
          ", ".join(f"{call} {n}" for call, n in missing.items()) or "none")


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(system, tmp_path, name):
    files, lines = PROGRAMS[name]
    assert len(lines) == 10
    script = make_script(lines)
    log = tmp_path / "log"
    done = run_there(script, files, log)
    if SHOW_CALLS:
        show_calls(name, pathlib.Path(f"{log}.calls"))
    here = run_here(script)
    there = split(done.stdout)
    wanted = split(here.stdout)
    wrong = [f"{line}\n  here:  {h!r}\n  there: {t!r}" for line, h, t in
             zip(lines, wanted, there + ["(nothing)"] * 10) if h != t]
    assert len(wanted) == 10
    assert not wrong, "\n".join(wrong) + "\n" + done.stderr.decode()[-2000:]
    assert done.returncode == 0, done.stderr


# ---- other C libraries, other languages ----

MUSL = r"""
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long total;
static __thread int own;

static void *count(void *unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&mutex);
        total++;
        pthread_mutex_unlock(&mutex);
        own++;
    }
    return (void *)(long)own;
}

int main(void)
{
    pthread_t threads[8];
    long sum = 0;

    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, count, NULL);
    for (int i = 0; i < 8; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += (long)result;
    }
    printf("%ld %ld %d\n", total, sum, own);
    return 9;
}
"""


def compile_with_musl(source, output, *words):
    """The cross compiler with musl's headers, start files and library."""
    def ask(name):
        return subprocess.run(["i686-linux-gnu-gcc", f"-print-file-name={name}"],
                              check=True, capture_output=True,
                              text=True).stdout.strip()

    lib = SYSTEM / "usr/lib/i386-linux-musl"
    start = "Scrt1.o" if "-pie" in words else "crt1.o"
    output.with_suffix(".c").write_text(source)
    subprocess.run(
        ["i686-linux-gnu-gcc", "-O2", "-nostdinc", "-nostdlib",
         "-isystem", SYSTEM / "usr/include/i386-linux-musl",
         "-isystem", ask("include"), lib / start, lib / "crti.o",
         output.with_suffix(".c"), *words, ask("libgcc.a"), lib / "crtn.o",
         "-o", output], check=True)


def test_musl_static(system, tmp_path):
    program = tmp_path / "static"
    compile_with_musl(MUSL, program, "-static", "-fno-pie", "-no-pie",
                      SYSTEM / "usr/lib/i386-linux-musl/libc.a")
    done = cairn_run("--append", "leakcheck", program)
    assert (done.stdout, done.returncode) == (b"8000 8000 0\n", 9)


def test_musl_dynamic(system, tmp_path):
    program = tmp_path / "dynamic"
    compile_with_musl(MUSL, program, "-fPIE", "-pie",
                      "-Wl,-dynamic-linker,/lib/ld-musl-i386.so.1",
                      f"-L{SYSTEM}/lib/i386-linux-musl", "-l:libc.so")
    done = cairn_run("--append", "leakcheck", "--sysroot", SYSTEM, program)
    assert (done.stdout, done.returncode) == (b"8000 8000 0\n", 9)


GO = r"""
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"sync"
	"time"
)

func main() {
	var group sync.WaitGroup
	numbers := make(chan int, 10)
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			numbers <- n * n
		}(i)
	}
	got := []int{}
	for i := 0; i < 100; i++ {
		got = append(got, <-numbers)
	}
	group.Wait()
	sort.Ints(got)
	fmt.Println("hello", got[99], runtime.GOOS, runtime.GOARCH)
	blocks := map[string][]byte{}
	for i := 0; i < 1000; i++ {
		blocks[fmt.Sprint(i)] = make([]byte, 10000)
	}
	runtime.GC()
	select {
	case <-time.After(10 * time.Millisecond):
		fmt.Println("timeout", len(blocks))
	}
	_, err := os.Open("/nosuch")
	fmt.Println(err)
	defer func() { fmt.Println("recovered:", recover()); os.Exit(5) }()
	var p *int
	*p = 1
}
"""


def test_go(system, tmp_path):
    """Goroutines on threads, a fault that becomes a panic, sleeping."""
    folder = ROOT / "build/linux-go"
    if subprocess.run([HERE / "fetch-linux", folder, "golang-1.19-go"],
                      check=False).returncode != 0:
        pytest.skip(f"Debian's Go cannot be fetched: {folder}/log")
    (tmp_path / "hello.go").write_text(GO)
    root = folder / "root/usr/lib/go-1.19"
    subprocess.run(
        [root / "bin/go", "build", "-o", "hello", "hello.go"], cwd=tmp_path,
        check=True, timeout=600,
        env={**os.environ, "GOROOT": root, "GOCACHE": folder / "cache",
             "GOPATH": tmp_path / "path", "GO111MODULE": "off",
             "CGO_ENABLED": "0", "GOARCH": "386", "HOME": tmp_path})
    here = subprocess.run([tmp_path / "hello"], capture_output=True,
                          timeout=60, check=False)
    done = cairn_run("-m", "256M", "--append", "leakcheck",
                     tmp_path / "hello")
    assert here.returncode == 5 and b"recovered: runtime error" in here.stdout
    assert (done.stdout, done.returncode) == (here.stdout, 5)
