"""The terminal of screen and keyboard, on a machine without a serial line:
keys are pressed through QEMU, and the cells of the screen are read."""
import json
import pathlib
import subprocess
import time

import pytest

from run import KERNEL, ROOT, wait_until

KEYS = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", ";": "semicolon",
        "'": "apostrophe", ",": "comma", ".": "dot", "/": "slash",
        "\\": "backslash", "[": "bracket_left", "]": "bracket_right",
        "`": "grave_accent"}
SHIFTED = dict(zip("~!@#$%^&*()_+{}|:\"<>?", "`1234567890-=[]\\;',./"))

PAINT = r"""
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    printf("\033[2J\033[H\033[31mred\033[0m \033[1;32;44mbold\033[0m");
    printf("\033[5;10Hhere\033[A\033[2Dup");
    printf("\033[7;1H\xe2\x94\x8c\xe2\x94\x80\xc3\xa4\xe2\x82\xac");
    printf("\033[9;1Hleft\033[9;75H123456wrapped");
    printf("\033[12;1Hdelete this\033[12;1H\033[7P");
    printf("\033[13;1Hkeep and cut\033[13;5H\033[K");
    printf("\033[14;1Hline\033[14;1H\033[Lnew");
    printf("\033[20;1Hodd \033]0;title\007\033[999;999;999;9;9;9;9;9;9;9;9;9;9"
           ";9;9;9;9;9;9;9mend");
    printf("\033[24;1H");
    fflush(stdout);
    for (;;)
        pause();
}
"""


class Screen:
    """A machine with a VGA screen, a keyboard and a control socket."""

    def __init__(self, initrd, program, folder):
        self.dump = pathlib.Path(folder) / "dump"
        self.process = subprocess.Popen(
            ["qemu-system-i386", "-nodefaults", "-display", "none", "-vga",
             "std", "-no-reboot", "-m", "64M", "-kernel", KERNEL, "-initrd",
             initrd, "-append", f"loglevel=1 init=/bin/{program}", "-qmp",
             "stdio"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdout.readline()
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        message = {"execute": name, "arguments": arguments}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        while True:
            answer = json.loads(self.process.stdout.readline())
            assert "error" not in answer, answer
            if "return" in answer:
                return

    def press(self, *names):
        self.command("send-key", **{
            "keys": [{"type": "qcode", "data": name} for name in names],
            "hold-time": 5})
        time.sleep(0.03)

    def type(self, text):
        for c in text:
            shift = c in SHIFTED or c.isupper()
            c = SHIFTED.get(c, c).lower()
            self.press(*["shift"] * shift, KEYS.get(c, c))

    def cells(self):
        self.command("pmemsave", val=0xB8000, size=4000,
                     filename=str(self.dump))
        return self.dump.read_bytes()

    def lines(self):
        text = self.cells()[::2].decode("cp437").replace("\0", " ")
        return [text[i:i + 80].rstrip() for i in range(0, 2000, 80)]

    def shows(self, text):
        return wait_until(lambda: text in "\n".join(self.lines()), 15)

    def end(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def initrd(build, tmp_path_factory):
    source = pathlib.Path(__file__).with_name("terminal.c").read_text()
    archive = tmp_path_factory.mktemp("initrd") / "initrd.tar"
    subprocess.run([ROOT / "build/host/mkinitrd", "-o", archive,
                    f"{build('terminal', source)}=bin/terminal",
                    f"{build('paint', PAINT)}=bin/paint"], check=True)
    return archive


@pytest.fixture()
def machine(initrd, tmp_path):
    running = []

    def start(program):
        running.append(Screen(initrd, program, tmp_path))
        return running[-1]

    yield start
    for screen in running:
        screen.end()


def test_all_keys_with_characters(machine):
    screen = machine("terminal")
    assert screen.shows("ready>")
    for text in ("abcdefghijklmnopqrstuvwxyz", "ABCXYZ",
                 "1234567890-=[];'`\\,./", "!@#$%^&*()_+{}:\"~|<>?", "a b"):
        screen.type(text + "\n")
        assert screen.shows(f"{len(text) + 1} [{text}<0a>]"), text


def test_editing_and_special_keys(machine):
    screen = machine("terminal")
    assert screen.shows("ready>")
    screen.type("abx")
    screen.press("backspace")
    screen.type("c\n")
    assert screen.shows("4 [abc<0a>]")
    screen.type("gone")
    screen.press("ctrl", "u")
    screen.type("left\n")
    assert screen.shows("5 [left<0a>]")
    screen.press("up")
    screen.press("delete")
    screen.press("f1")
    screen.press("alt", "x")
    screen.type("\n")
    assert screen.shows("[<1b>[A<1b>[3~<1b>[[A<1b>x<0a>]")
    screen.press("caps_lock")
    screen.type("a1\n")
    assert screen.shows("3 [A1<0a>]")
    screen.press("caps_lock")
    screen.press("ctrl", "c")
    assert screen.shows("{signal 2}")
    screen.press("ctrl", "d")
    assert screen.shows("end")


def test_sequences(machine):
    screen = machine("paint")
    assert screen.shows("end")
    lines = screen.lines()
    assert lines[0] == "red bold"
    colours = screen.cells()[1::2]
    assert colours[0] == 0x04 and colours[4] == 0x1A
    assert lines[4] == " " * 9 + "here" and lines[3] == " " * 11 + "up"
    assert lines[6] == "\u250c\u2500\u00e4E"
    assert lines[8] == "left" + " " * 70 + "123456" and lines[9] == "wrapped"
    assert lines[11] == "this" and lines[12] == "keep"
    assert lines[13] == "new" and lines[14] == "line"
    assert lines[19] == "odd end"


def test_scrolling(machine):
    screen = machine("terminal")
    assert screen.shows("ready>")
    for i in range(15):
        screen.type(f"{i}\n")
    assert screen.shows("3 [14<0a>]")
    lines = screen.lines()
    assert lines[24] == "ready>" and lines[22] == "ready> 14"
    assert not any("2 [0<0a>]" in line for line in lines)
