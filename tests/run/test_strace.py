"""cairn-run --strace: what a program asks of the kernel, in strace's format."""
import collections
import re
import shutil
import subprocess

import pytest

from run import ROOT, cairn_run, run_traced

SOURCE = r"""
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void on_signal(int signo)
{
    (void)signo;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct pollfd poll_in = {.fd = -1, .events = POLLIN};
    struct timespec nap = {0, 1000000};
    struct iovec iov[2] = {{"ab", 2}, {"c\n", 2}};
    struct stat st;
    struct termios termios;
    struct rlimit limit;
    char buf[64];
    int ends[2], fd, status;
    void *p;
    sigset_t set;

    (void)argc;
    fd = open("/nowhere/at/all", O_RDONLY);
    fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0640);
    write(fd, "tab\t quote\" nul\0end\1772 and more than is shown", 45);
    lseek(fd, 5, SEEK_SET);
    read(fd, buf, 10);
    stat(argv[1], &st);
    chmod(argv[1], 0600);
    fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    tcgetattr(fd, &termios);
    close(fd);
    close(fd);
    unlink(argv[1]);
    pipe(ends);
    writev(ends[1], iov, 2);
    poll(&poll_in, 1, 0);
    p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
             -1, 0);
    mprotect(p, 4096, PROT_NONE);
    munmap(p, 8192);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    nanosleep(&nap, NULL);
    getrlimit(RLIMIT_NOFILE, &limit);
    umask(022);
    if (fork() == 0) {
        nap.tv_nsec = 50000000;
        nanosleep(&nap, NULL);
        _exit(7);
    }
    wait(&status);
    if (fork() == 0)
        *(volatile int *)8 = 1;
    wait(&status);
    _exit(3);
}
"""


@pytest.fixture(scope="module")
def program(build):
    return build("traced", SOURCE)


@pytest.fixture(scope="module")
def trace(program):
    result, text = run_traced(program, "/tmp/traced.file")
    assert result.returncode == 3
    return text


LINES = [
    r'execve\("[^"]*/traced", \["[^"]*"(\.\.\.)?, "/tmp/traced\.file"\], '
    r'\[/\* \d+ vars \*/\]\) = 0',
    r'open(at)?\((AT_FDCWD, )?"/nowhere/at/all", O_RDONLY(\|O_LARGEFILE)?\) += '
    r'-1 ENOENT \(No such file or directory\)',
    r'open(at)?\((AT_FDCWD, )?"/tmp/traced\.file", O_RDWR\|O_CREAT\|O_TRUNC'
    r'(\|O_LARGEFILE)?, 0640\) = 3',
    r'write\(3, "tab\\t quote\\" nul\\0end\\1772 and more t"\.\.\., 45\) = 45',
    r'(_llseek\(3, 5, \[5\], SEEK_SET\) += 0|lseek\(3, 5, SEEK_SET\) += 5)',
    r'read\(3, "quote\\" nul", 10\) += 10',
    r'.*stx?_mode=S_IFREG\|0640, stx?_size=45, \.\.\.}\) = 0',
    r'chmod\("/tmp/traced\.file", 0600\) += 0',
    r'fcntl(64)?\(3, F_GETFL\) += 0x\w+ \(flags O_RDWR(\|O_LARGEFILE)?\)',
    r'fcntl(64)?\(3, F_SETFD, FD_CLOEXEC\) += 0',
    r'ioctl\(3, TCGETS, 0x\w+\) += -1 ENOTTY '
    r'\(Inappropriate ioctl for device\)',
    r'close\(3\) += 0',
    r'close\(3\) += -1 EBADF \(Bad file descriptor\)',
    r'pipe2?\(\[3, 4\](, 0)?\) += 0',
    r'writev\(4, \[{iov_base="ab", iov_len=2}, {iov_base="c\\n", iov_len=2}\], '
    r'2\) = 4',
    r'p?poll(_time64)?\(\[{fd=-1}\], 1, .*\) += 0 \(Timeout\)',
    r'mmap2\(NULL, 8192, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, '
    r'-1, 0\) = 0x\w+',
    r'mprotect\(0x\w+, 4096, PROT_NONE\) += 0',
    r'rt_sigprocmask\(SIG_BLOCK, \[USR2 CHLD\], NULL, 8\) = 0',
    r'rt_sigaction\(SIGUSR1, {sa_handler=0x\w+, sa_mask=\[\], sa_flags=.*}, '
    r'NULL, 8\) = 0',
    r'kill\(\d+, SIGUSR1\) += 0',
    r'--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=\d+, si_uid=0} '
    r'---',
    r'(clock_)?nanosleep(_time64)?\(.*{tv_sec=0, tv_nsec=1000000}, NULL\) = 0',
    r'(ugetrlimit|prlimit64)\(.*RLIMIT_NOFILE, .*{rlim_cur=.*}\) = 0',
    r'umask\(022\) += 0?\d+',
    r'\[pid +\d+\] exit_group\(7\) += \?',
    r'\[pid +\d+\] \+\+\+ exited with 7 \+\+\+',
    r'.*wait4.*\[{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 7}\], 0, '
    r'NULL\) = \d+',
    r'\[pid +\d+\] --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, '
    r'si_addr=0x8} ---',
    r'\[pid +\d+\] \+\+\+ killed by SIGSEGV \+\+\+',
    r'exit_group\(3\) += \?',
    r'\+\+\+ exited with 3 \+\+\+',
]


@pytest.mark.parametrize("pattern", LINES)
def test_line(trace, pattern):
    assert re.search(rf"^{pattern}$", trace, re.M), trace


def test_resumed(trace):
    assert re.search(r"wait4\(-1,  <unfinished \.\.\.>$", trace, re.M), trace
    assert re.search(r"<\.\.\. wait4 resumed>\[{WIFEXITED", trace), trace


def test_stderr_and_sets(program):
    result = cairn_run("--strace", "-e", "trace=memory,chmod", program, "/tmp/f")
    names = set(re.findall(rb"^(\w+)\(", result.stderr, re.M))
    assert b"chmod" in names and b"mmap2" in names
    assert names <= {b"chmod", b"mmap2", b"mprotect", b"munmap", b"sbrk",
                     b"brk", b"madvise", b"mremap"}
    result = cairn_run("--strace", "-e", "!memory,desc,file", program, "/tmp/f")
    assert b"umask(" in result.stderr
    assert b"mmap2(" not in result.stderr and b"write(" not in result.stderr


def test_unknown_set(program):
    result = cairn_run("-e", "trace=memory,nosuch", program)
    assert result.returncode == 125
    assert b"no such call or set: nosuch" in result.stderr


def test_paths_times_strings(program):
    _, text = run_traced("-y", "--syscall-times", "-r", "-s", "3", program, "/tmp/f")
    assert re.search(r'^ +\d+\.\d{6} write\(3</tmp/f>, "tab"\.\.\., 45\) += 45 '
                     r'<\d+\.\d{6}>$', text, re.M), text
    assert re.search(r"= 3</tmp/f> <", text), text


def test_summary(program):
    result = cairn_run("--summary-only", program, "/tmp/f")
    assert result.returncode == 3
    assert b"% time     seconds" in result.stderr
    assert re.search(rb"^ *\d+\.\d\d +\d+\.\d{6} +\d+ +2 +1 close$",
                     result.stderr, re.M), result.stderr
    assert re.search(rb" total$", result.stderr, re.M)
    assert b"execve(" not in result.stderr


def test_faults(build):
    program = build("touches", r"""
#include <sys/mman.h>
int main(void)
{
    volatile char *p = mmap((void *)0x40000000, 4096, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    p[5] = 1;
    return 0;
}""")
    _, text = run_traced("--strace-faults", program)
    assert re.search(r"^~~~ page fault at 0x40000005 \(write\) in 0x\w+ ~~~$",
                     text, re.M), text


def test_off_no_records(program):
    result = cairn_run(program, "/tmp/f")
    assert result.returncode == 3
    assert result.stderr == b""


def names_of(file, macro):
    text = (ROOT / "kernel/include/cairn" / file).read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.findall(rf"^{macro}\((?:0x)?[0-9a-f]*,? ?(\w+),", text, re.M) \
        if macro == "SYSCALL" else re.findall(rf"^{macro}\((\w+),", text, re.M)


def test_every_call_is_described():
    """A call without a line has hexadecimal arguments: none shall."""
    missing = set(names_of("syscalls.def", "SYSCALL")) - set(
        names_of("calls.def", "CALL"))
    assert not missing, f"calls.def lacks {sorted(missing)}"


def test_every_kind_has_a_format():
    """Each kind of argument has a function or names in decode.c."""
    source = (ROOT / "tools/cairn-run/decode.c").read_text()
    shown = set(re.findall(r"\[KIND_(\w+)\] =", source)) | {"none", "hi"}
    missing = set(names_of("calls.def", "ARGKIND")) - shown
    assert not missing, f"decode.c lacks {sorted(missing)}"


# ---- beside the host's strace ----

# Programs that do the same on both systems, and end soon.
COMPARED = ["fs_attr", "fs_fd", "fs_file", "fs_names", "fs_pipe", "fs_readdir",
            "mm_map", "process", "sched_policy", "signals", "traps", "sigframe",
            "epoll", "events", "fpu", "fs_map", "fs_more", "fs_procs", "futex",
            "groups", "libc_edges", "libc_format", "libc_posix",
            "libc_setjmp", "libc_start", "libc_stdio", "libc_string",
            "life_files", "malloc_api", "malloc_limit", "mm_fork",
            "mm_malloc", "mm_sbrk", "mm_stack", "mm_zeroed", "mqueues", "nice",
            "pointers", "proc_process", "process_more", "restart",
            "rights_files", "timers", "waiters"]

# Calls of which the two C libraries or kernels make different use.
DIFFERENT = {
    "sigreturn": "the mask is not shown", "rt_sigreturn": "the same",
    "mincore": "pages are not shown", "statx": "the kernel's mask is wider",
    "statfs64": "file systems differ",
    "sched_getaffinity": "the number of processors",
    "sched_setaffinity": "the same",
    "execve": "the first environment has no address",
}


def shape(line):
    """The call's name and its arguments without their values."""
    line = re.sub(r"^(\[pid +\d+\]|\d+) +", "", line)
    match = re.match(r"(\w+)\((.*?)\) += (?!-1|\?)", line)
    if not match:
        return None
    arguments = re.sub(r'"(?:[^"\\]|\\.)*"(\.\.\.)?', "S", match[2])
    arguments = re.sub(r"/\*.*?\*/", "", arguments)
    return match[1], re.sub(r"0x[0-9a-f]+|NULL|\b\d+\*1024|-?\b\d+\b", "N",
                            arguments)


def shapes(text):
    found = collections.defaultdict(set)
    for line in text.splitlines():
        one = shape(line)
        if one:
            found[one[0]].add(one[1])
    return found


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
@pytest.mark.parametrize("name", COMPARED)
def test_beside_strace(name, tmp_path):
    """Whatever both made with success was written alike."""
    program = ROOT / "build/guest" / name
    if not program.exists():
        pytest.skip(f"{name} is not built")
    subprocess.run(["strace", "-f", "-o", tmp_path / "linux", program],
                   timeout=60, capture_output=True, stdin=subprocess.DEVNULL)
    _, text = run_traced(program)
    linux = shapes((tmp_path / "linux").read_text(errors="replace"))
    cairn = shapes(text)
    common = set(linux) & set(cairn) - set(DIFFERENT)
    assert len(common) >= 3
    strange = {call: (cairn[call] - linux[call], linux[call] - cairn[call])
               for call in common if not linux[call] & cairn[call]}
    assert not strange


def test_threads():
    """A thread has a line of its own, and its end is not the program's."""
    program = ROOT / "build/guest/thread_clone"
    if not program.exists():
        pytest.skip("thread_clone is not built")
    result, text = run_traced(program, timeout=120)
    assert result.returncode == 0
    assert re.search(r"^clone\(child_stack=0x\w+, flags=CLONE_VM\|CLONE_FS\|"
                     r"CLONE_FILES\|CLONE_SIGHAND\|CLONE_THREAD\|CLONE_SYSVSEM"
                     r"\|CLONE_PARENT_SETTID\|CLONE_CHILD_CLEARTID, "
                     r"parent_tid=\[(\d+)\], child_tidptr=0x\w+\) = \1$", text,
                     re.M), text[:3000]
    assert re.search(r"^\[pid +\d+\] exit\(0\) +\= \?$", text, re.M)
    assert text.endswith("+++ exited with 0 +++\n")
