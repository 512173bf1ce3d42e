"""The shell that one meets: ash, which edits lines by itself, on a terminal
whose size and type who started the machine has told."""
import re

import pytest

from shell import Shell

PROMPT = r"[~/][\w/]* # "


def told(words):
    return ["-fw_cfg", f"name=opt/org.cairn.terminal,string={words}"]


class Login(Shell):
    """Its prompt stays as it is: the folder."""

    def __init__(self, terminal="rows=37 columns=101 term=xterm-256color"):
        super().__init__(words="shell=/bin/ash",
                         options=told(terminal) if terminal else ())

    def first_prompt(self):
        self.child.expect("~ # $")

    def ask(self, command, prompt=PROMPT):
        """What a line prints; the echo has escapes of the editing."""
        self.type(command + "\r")
        said = self.expect(r"\n(.*)" + prompt)
        text = self.match[1] if self.match[1] is not None else said
        return re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", text).replace("\r", "")

    def leave(self):
        self.type("exit\r")
        assert self.process.wait(60) == 1


@pytest.fixture(scope="module")
def login():
    with Login() as login:
        yield login
        login.leave()


def last_line(text):
    return text.strip().split("\n")[-1]


def test_size_and_type_of_the_terminal(login):
    login.type("stty size; echo $TERM $SHELL $0\r")
    login.expect("\n37 101\r\nxterm-256color /bin/ash -ash\r\n" + PROMPT)


@pytest.mark.parametrize("terminal, size, name", [
    (None, "25 80", "vt102"),
    ("rows=50 columns=132", "50 132", "vt102"),
    ("rows=0 columns=100000 term=", "25 80", "vt102"),
    ("term=no-such-terminal", "25 80", "vt102"),
    ("rows=x y columns= term=../../../etc/passwd", "25 80", "vt102"),
])
def test_what_was_told_is_checked(terminal, size, name):
    with Login(terminal) as login:
        login.type("stty size; echo $TERM\r")
        login.expect(f"\n{size}\r\n{name}\r\n" + PROMPT)
        login.leave()


def test_history(login):
    login.type("echo fir''st\r")
    login.expect("\nfirst\r\n" + PROMPT)
    login.type("echo sec''ond\r")
    login.expect("\nsecond\r\n" + PROMPT)
    login.type("\x1b[A\x1b[A\r")
    login.expect("\nfirst\r\n" + PROMPT)


def test_moving_in_the_line(login):
    login.type("ech one\x1b[D\x1b[D\x1b[D\x1b[Do\r")
    login.expect("\none\r\n" + PROMPT)


def test_completion(login):
    login.type("cat /etc/mo\t\r")
    login.expect("This is Cairn")
    login.expect(PROMPT)


def test_the_folder_in_the_prompt(login):
    login.type("cd /usr/share\r")
    login.expect("/usr/share # ")
    login.type("cd\r")
    login.expect("~ # ")


def test_the_path(login):
    login.type("echo \"$PATH\"\r")
    login.expect("\n(/[^\r]*)\r\n")
    assert {"/bin", "/sbin", "/usr/bin"} <= set(login.match[1].split(":"))
    login.expect(PROMPT)


def test_dmesg(login):
    login.type("dmesg | grep -c 'frames of RAM'\r")
    login.expect("\n1\r\n" + PROMPT)


def test_no_file_of_the_source_shows(login):
    login.type("ls -A /root /home | grep -c keep\r")
    login.expect("\n0\r\n" + PROMPT)


def test_figures_of_processes(login):
    """ps and top tell what /proc has, and that is what there is."""
    login.type("ps -o pid,vsz,rss,comm | grep ' ash$' | head -n 1\r")
    login.expect(r"\n +(\d+) +(\d+) +(\d+) +ash\r\n")
    pid, vsz, rss = map(int, login.match.groups())
    login.expect(PROMPT)
    assert 100 < rss < vsz < 4000
    login.type(f"grep -E 'Vm(Size|RSS)' /proc/{pid}/status\r")
    login.expect(r"VmSize:\s+(\d+) kB")
    assert abs(int(login.match[1]) - vsz) <= 64
    login.expect(r"VmRSS:\s+(\d+) kB")
    assert abs(int(login.match[1]) - rss) <= 64
    login.expect(PROMPT)
    login.type("top -b -n 1 | grep -E '^ +[0-9]'\r")
    login.expect(PROMPT)
    shares = re.findall(r"^ *\d+ +\d+ +\w+ +\w+ +(\d+) +([\d.]+) +([\d.]+) ",
                        self_text(login), re.MULTILINE)
    assert len(shares) >= 3
    assert all(int(vsz) < 4000 and float(share) < 10 for vsz, share, _ in shares)


def self_text(login):
    return login.child.before.replace("\r", "")


def test_a_busy_program_shows(login):
    login.type("sh -c 'while :; do :; done' & sleep 1; top -b -n 2 -d 2 | "
               "grep ' sh -c [w]hile' | tail -n 1; kill %1\r")
    login.expect(r"R +\d+ +\d+\.\d *([\d.]+) +sh -c while")
    assert float(login.match[1]) > 50
    login.expect(PROMPT)
