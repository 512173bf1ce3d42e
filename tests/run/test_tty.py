"""cairn-run on a terminal: a person (pexpect) sits at the host's one, and the
program has one of its own in Cairn."""
import hashlib
import os
import signal
import subprocess
import termios

import pexpect
import pytest

from run import CAIRN_RUN, processes_with, wait_until

STATE = r"""
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    struct winsize size = {0};
    char line[200];
    FILE *tty = fopen("/dev/tty", "r+");

    ioctl(tty != NULL ? fileno(tty) : 0, TIOCGWINSZ, &size);
    printf("streams %d%d%d size %dx%d tty %s group %d TERM %s\n", isatty(0),
           isatty(1), isatty(2), size.ws_row, size.ws_col,
           tty != NULL ? "yes" : "no",
           tty != NULL && tcgetpgrp(fileno(tty)) == getpgrp(), getenv("TERM"));
    printf("name? ");
    fflush(stdout);
    if (fgets(line, sizeof(line), argc > 1 ? tty : stdin) == NULL) {
        puts("end");
        return 4;
    }
    printf("hello %s", line);
    return 7;
}
"""

KEYS = r"""
#include <stdio.h>
#include <termios.h>
#include <unistd.h>
int main(void)
{
    struct termios before, raw;
    unsigned char c;

    tcgetattr(0, &before);
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
    printf("raw\r\n");
    fflush(stdout);
    while (read(0, &c, 1) == 1 && c != 'q') {
        printf("<%02x>", c);
        fflush(stdout);
    }
    tcsetattr(0, TCSANOW, &before);
    printf("\ndone\n");
    return 0;
}
"""

WAITS = r"""
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
static void handler(int signo)
{
    struct winsize size;
    char text[60];

    ioctl(1, TIOCGWINSZ, &size);
    write(1, text, (size_t)sprintf(text, "<%d %dx%d>\n", signo, size.ws_row,
                                   size.ws_col));
}
int main(int argc, char **argv)
{
    signal(SIGCONT, handler);
    signal(SIGWINCH, handler);
    if (argc > 1)
        signal(SIGINT, SIG_IGN);
    write(1, "go\n", 3);
    for (;;)
        pause();
}
"""

COPY = r"""
#include <stdint.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>
int main(void)
{
    struct termios raw;
    static unsigned char buf[65536];
    uint32_t hash = 2166136261u, total = 0;
    long n;

    tcgetattr(0, &raw);
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
    write(1, "GO\n", 3);
    while (total < 1048576 && (n = read(0, buf, sizeof(buf))) > 0)
        for (long i = 0; i < n; i++, total++)
            hash = (hash ^ buf[i]) * 16777619u;
    printf("hash %u of %u\r\n", (unsigned)hash, (unsigned)total);
    return 0;
}
"""


def sit(*args, size=(33, 77), **options):
    """Starts cairn-run for a person whose terminal has this size."""
    options.setdefault("timeout", 60)
    options.setdefault("env", {**os.environ, "TERM": "xterm"})
    return pexpect.spawn(str(CAIRN_RUN), [str(arg) for arg in args],
                         dimensions=size, **options)


def end(person):
    """What came last, and how cairn-run ended: a shell's status."""
    person.expect(pexpect.EOF)
    said = person.before
    person.close()
    if person.exitstatus is not None:
        return said, person.exitstatus
    return said, 128 + person.signalstatus


@pytest.fixture()
def bash():
    """A shell on a terminal, with job control."""
    path = f"{CAIRN_RUN.parent}:{os.environ['PATH']}"
    person = pexpect.spawn("bash", ["--norc", "--noprofile", "--noediting"],
                           env={**os.environ, "PATH": path, "PS1": "@> ",
                                "TERM": "xterm"}, timeout=60, echo=False)
    person.expect("@> ")
    yield person
    person.close(force=True)


def ask(person, line):
    person.sendline(line)
    person.expect("@> ")
    return person.before.replace(b"\r", b"")


def modes(person):
    return termios.tcgetattr(person.child_fd)


def is_raw(person):
    iflag, oflag, _, lflag = modes(person)[:4]
    return not (iflag & termios.ICRNL or oflag & termios.OPOST or
                lflag & (termios.ICANON | termios.ECHO | termios.ISIG))


def is_cooked(person):
    """All that raw mode takes away is there."""
    iflag, oflag, _, lflag = modes(person)[:4]
    all_of_it = termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
    return bool(iflag & termios.ICRNL and oflag & termios.OPOST and
                lflag & all_of_it == all_of_it)


def test_a_program_has_a_terminal(build):
    person = sit(build("state", STATE))
    person.expect(r"name\? ")
    assert person.before == b"streams 111 size 33x77 tty yes group 1 " \
        b"TERM xterm\r\n"
    person.sendline("abx\x7fc")
    assert end(person) == (b"abx\x08 \x08c\r\nhello abc\r\n", 7)


def test_the_end_of_input(build):
    person = sit(build("state", STATE))
    person.expect(r"name\? ")
    person.sendeof()
    assert end(person) == (b"end\r\n", 4)


def test_stdout_is_a_pipe(build, bash):
    bash.sendline(f"stty echo; cairn-run {build('state', STATE)} | "
                  "sed 's/^/piped: /'")
    bash.sendline("you")
    bash.expect("hello.*@> ")
    said = (bash.before + bash.after).replace(b"\r", b"")
    assert b"piped: streams 101 " in said
    assert b"piped: name? hello you\n" in said
    assert b"piped: you" not in said


def test_stdin_is_a_pipe(build, bash):
    """As with a pager: keys come from /dev/tty."""
    bash.sendline(f"echo piped | cairn-run {build('state', STATE)} tty")
    bash.expect(r"name\? ")
    assert b"streams 011 size 24x80 tty yes group 1" in bash.before
    bash.sendline("typed")
    bash.expect("@> ")
    assert b"hello typed" in bash.before


def test_a_terminal_by_force_or_not_at_all(build):
    state = build("state", STATE)
    done = subprocess.run([CAIRN_RUN, "-t", state], input=b"me\n",
                          capture_output=True, timeout=60)
    assert done.returncode == 7 and done.stderr == b""
    assert b"streams 111 size 24x80 tty yes" in done.stdout
    assert b"hello me\r\n" in done.stdout
    done = subprocess.run([CAIRN_RUN, "-t", state], input=b"",
                          capture_output=True, timeout=60)
    assert done.returncode == 4 and done.stdout.endswith(b"end\r\n")
    person = sit("-T", state)
    person.expect(r"name\? ")
    assert person.before.startswith(b"streams 000 size 0x0 tty no")
    person.sendline("you")
    assert end(person)[1] == 7


def test_keys_in_raw_mode(build):
    person = sit(build("keys", KEYS))
    person.expect("raw\r\n")
    person.send("\x03\x1a\x1c\x04\r\n\x7f\x13\x11\x00a\x1b[A")
    person.expect_exact("<03><1a><1c><04><0d><0a><7f><13><11><00><61><1b><5b>"
                        "<41>")
    person.send("q")
    assert end(person) == (b"\r\ndone\r\n", 0)


def test_a_changed_window(build):
    person = sit(build("waits", WAITS), size=(24, 80))
    person.expect("go\r\n")
    person.setwinsize(40, 100)
    person.expect("<28 40x100>")
    person.send("\x03")
    assert end(person)[1] == 128 + signal.SIGINT


@pytest.mark.parametrize("key, signo", [("\x03", signal.SIGINT),
                                        ("\x1c", signal.SIGQUIT)])
def test_keys_that_are_signals(build, key, signo):
    person = sit(build("waits", WAITS))
    person.expect("go\r\n")
    assert is_raw(person)
    person.send(key)
    said, status = end(person)
    assert status == 128 + signo


def test_stop_and_go_on(build, bash):
    cooked = modes(bash)
    bash.sendline(f"cairn-run {build('waits', WAITS)}")
    bash.expect("go\r\n")
    bash.send("\x1a")
    bash.expect("Stopped.*@> ")
    assert modes(bash) == cooked
    bash.setwinsize(50, 120)
    bash.sendline("fg")
    bash.expect("<18 50x120>")
    bash.send("\x03")
    bash.expect("@> ")
    assert modes(bash) == cooked
    assert ask(bash, "echo $?") == b"130\n"


def test_a_key_ends_the_whole_job(build, bash):
    bash.sendline(f"while :; do cairn-run {build('waits', WAITS)}; done")
    bash.expect("go\r\n")
    bash.send("\x03")
    bash.expect("@> ")
    assert ask(bash, "echo still here") == b"still here\n"


def test_in_the_background(build, bash):
    """It shows what it writes, leaves the terminal alone, and reads it when
    it is in front."""
    cooked = modes(bash)
    bash.sendline(f"cairn-run {build('state', STATE)} &")
    bash.expect(r"name\? ")
    assert modes(bash) == cooked
    assert ask(bash, "echo alive").endswith(b"alive\n")
    bash.sendline("fg")
    bash.expect("state")
    assert wait_until(lambda: modes(bash) != cooked)
    bash.send("you\r")
    bash.expect("hello you")
    bash.expect("@> ")
    assert modes(bash) == cooked


def test_a_megabyte_is_pasted(build):
    data = hashlib.shake_128(b"paste").digest(1 << 20).replace(b"\x1d", b"+")
    expected = 2166136261
    for byte in data:
        expected = (expected ^ byte) * 16777619 & 0xffffffff
    person = sit(build("copy", COPY), timeout=120)
    person.expect("GO\r?\n")
    person.send(data)
    person.expect(r"hash (\d+) of (\d+)")
    assert [int(n) for n in person.match.groups()] == [expected, 1 << 20]
    assert end(person)[1] == 0


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGHUP,
                                   signal.SIGUSR1, signal.SIGALRM,
                                   signal.SIGSEGV])
def test_the_terminal_is_set_back_after_a_signal(build, signo):
    person = sit(build("waits", WAITS))
    person.expect("go\r\n")
    assert is_raw(person)
    person.kill(signo)
    assert wait_until(lambda: not person.isalive())
    assert is_cooked(person)
    person.close()
    assert person.signalstatus == signo or person.exitstatus == 128 + signo


def test_the_terminal_is_set_back_when_the_machine_dies(build):
    person = sit(build("waits", WAITS))
    person.expect("go\r\n")
    mine = [pid for pid in processes_with("org.cairn.run")
            if parent(pid) == person.pid]
    os.kill(mine[0], signal.SIGKILL)
    person.expect("Cairn has failed")
    assert wait_until(lambda: not person.isalive())
    assert is_cooked(person)
    assert person.exitstatus == 125


def parent(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[1])


def test_a_way_out_of_a_program_that_ignores_all(build):
    person = sit(build("waits", WAITS), "x")
    person.expect("go\r\n")
    person.send("\x03\x03\x03")
    person.send("\x1d\x1d\x1d")
    said, status = end(person)
    assert b"left by" in said and status == 129


def test_a_background_job_is_stopped_by_tstp(build, bash):
    bash.sendline(f"cairn-run {build('waits', WAITS)}")
    bash.expect("go\r\n")
    mine = [pid for pid in processes_with(str(CAIRN_RUN.name))
            if parent(pid) == bash.pid]
    os.kill(mine[0], signal.SIGTSTP)
    bash.expect("Stopped.*@> ")
    bash.sendline("kill -9 %1; wait")
    bash.expect("@> ")


# ---- the image ----

@pytest.fixture()
def shell():
    """A login shell of the whole image."""
    person = sit("-i", size=(30, 90))
    person.expect("# ")
    yield person
    person.close(force=True)


def say(person, line, word):
    person.sendline(line)
    person.expect(word)


def test_the_shell(shell):
    say(shell, "stty size; echo $((6 * 7))", "30 90\r\n42\r\n.*# ")
    say(shell, "ls /usr/share/terminfo/*", "xterm.*# ")
    say(shell, "cd /etc", "/etc # ")
    shell.send("echo mo\t")
    shell.expect("motd")
    shell.sendline("")
    shell.expect("\r\nmotd\r\n.*# ")
    shell.send("\x1b[A\x1b[A\r")
    shell.expect("/etc # ")
    say(shell, "exit 5", pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 5


def test_job_control_of_the_shell(shell):
    shell.sendline("sleep 100")
    shell.expect("sleep 100\r\n")
    shell.send("\x1a")
    shell.expect("Stopped.*# ")
    say(shell, "fg", "\r\nsleep 100\r\n")
    shell.send("\x03")
    shell.expect("# ")
    say(shell, "echo $?", "130\r\n.*# ")


def test_vi(shell):
    shell.sendline("vi /tmp/new")
    shell.expect("/tmp/new")
    shell.send("ifirst\rsecond")
    shell.expect("Modified")
    shell.send("\x1b")
    shell.expect("- /tmp/new")
    shell.send(":wq\r")
    shell.expect("# ")
    say(shell, "cat /tmp/new", "first\r\nsecond\r\n.*# ")


def test_less(shell):
    shell.sendline("seq 1000 | less")
    shell.expect("29\r\n")
    shell.send(" ")
    shell.expect("58\r\n")
    shell.send("q")
    shell.expect("# ")
    say(shell, "echo after", "after\r\n")


def test_a_line_for_the_shell():
    person = sit("-c", "stty size; read -r line; echo \"<$line>\"; less /etc/"
                 "motd; exit 6")
    person.expect("33 77\r\n")
    person.sendline("typed")
    person.expect("<typed>\r\n")
    person.expect("This is Cairn")
    person.send("q")
    assert end(person)[1] == 6
