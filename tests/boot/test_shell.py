"""A shell that one can live in: prompt, keys, jobs, pipelines, the editor, on
the serial line and over a pseudo terminal inside; and what goes wrong."""
import pathlib
import re

import pytest

import machine
import shell
from shell import Shell


@pytest.fixture(scope="module")
def initrd(tmp_path_factory):
    source = pathlib.Path(__file__).with_name("ptyshell.c").read_text()
    return shell.with_programs(tmp_path_factory.mktemp("shell") / "initrd.tar",
                               ptyshell=source)


@pytest.fixture(params=["serial", "pty"])
def sh(request, initrd):
    with Shell(initrd=initrd) as sh:
        if request.param == "pty":
            sh.inside("ptyshell")
        yield sh
        sh.leave()


# ---- a person types --------------------------------------------------------

@pytest.mark.parametrize("typed, runs", [
    ("echo one\n", "echo one"),
    ("echo one\r", "echo one"),
    ("echo twx\x7fo\n", "echo two"),
    ("ecxx\x7f\x7fho \xc3\xa4\x7fok\n", "echo ok"),
    ("rm -rf /\x15echo safe\n", "echo safe"),
    ("echo good bad\x17better\n", "echo good better"),
    ("echo [\x16\x16]\n", "echo [\x16]"),
    ("echo ab\x12c\n", "echo abc"),
    ("echo par\x04tial\n", "echo partial"),
])
def test_keys_that_edit(sh, typed, runs):
    sh.type(typed)
    said = sh.expect(shell.PROMPT).split("\r\n")
    assert said[-2] == runs.removeprefix("echo "), said
    assert said[-1] == ""


def test_reprint_shows_the_line_again(sh):
    sh.type("echo ab")
    sh.expect("echo ab")
    sh.type("\x12")
    sh.expect(r"\^R\r\necho ab$")
    sh.type("c\n")
    sh.expect("\r\nabc\r\n" + shell.PROMPT)


def test_interrupt_at_the_prompt_drops_the_line(sh):
    sh.type("echo dropped\x03")
    sh.expect(r"\^C.*" + shell.PROMPT)
    assert sh.ask("echo kept") == "kept\n"


@pytest.mark.parametrize("command", [
    "sleep 100", "cat", "while :; do :; done", "cat | cat | cat",
    "sh -c 'sleep 100; echo wrong'", "yes >/dev/null", "sleep 100 | sleep 100",
])
def test_interrupt_ends_a_command(sh, command):
    sh.type(command + "\n")
    sh.pause(0.5)
    sh.type("\x03")
    sh.expect(shell.PROMPT)
    assert sh.ask("echo $?") in ("130\n", "0\n")


def test_quit_ends_a_command(sh):
    sh.type("sh -c 'echo $((6 * 7)); exec sleep 100'\n")
    sh.expect("42\r\n")
    sh.type("\x1c")
    sh.expect(shell.PROMPT)
    assert sh.ask("echo $?") == "131\n"


def test_a_trap_takes_the_interrupt(sh):
    sh.type("sh -c 'trap \"echo caught; exit 3\" INT; while :; do sleep 1; "
            "done'\n")
    sh.pause(0.5)
    sh.type("\x03")
    assert "caught" in sh.expect(shell.PROMPT)
    assert sh.ask("echo $?") == "3\n"


def test_end_of_file_ends_what_reads(sh):
    sh.type("cat >/tmp/typed\nline one\nline two\n\x04")
    sh.expect(shell.PROMPT)
    assert sh.ask("cat /tmp/typed") == "line one\nline two\n"


def test_end_of_file_leaves_the_shell():
    with Shell() as sh:
        sh.leave("\x04")


# ---- jobs ------------------------------------------------------------------

def test_jobs(sh):
    sh.type("sleep 100\n")
    sh.pause(0.3)
    sh.type("\x1a")
    assert "Stopped" in sh.expect(shell.PROMPT)
    assert re.search(r"\[1\] \+ Stopped +sleep 100\n", sh.ask("jobs"))
    assert "sleep 100" in sh.ask("bg")
    assert re.search(r"\[1\] \+ Running +sleep 100\n", sh.ask("jobs"))
    sh.type("fg\n")
    sh.expect("sleep 100")
    sh.type("\x03")
    sh.expect(shell.PROMPT)
    assert sh.ask("jobs") == ""


def test_a_stopped_editor_like_program_goes_on(sh):
    sh.type("cat\n")
    sh.type("before\n")
    sh.expect("before\r\nbefore\r\n")
    sh.type("\x1a")
    sh.expect(shell.PROMPT)
    assert sh.ask("echo between") == "between\n"
    sh.type("fg\n")
    sh.expect("cat\r\n")
    sh.type("after\n")
    sh.expect("after\r\nafter\r\n")
    sh.type("\x04")
    sh.expect(shell.PROMPT)


def test_a_stopped_pipeline_is_one_job(sh):
    sh.type("cat | cat | cat\n")
    sh.pause(0.3)
    sh.type("\x1a")
    sh.expect(shell.PROMPT)
    jobs = sh.ask("jobs -l")
    assert jobs.count("Stopped") >= 1 and jobs.count("cat") == 3
    sh.type("fg\n")
    sh.expect(r"cat \| cat \| cat\r\n")
    sh.type("through\n")
    sh.expect("through\r\nthrough\r\n")
    sh.type("\x04")
    sh.expect(shell.PROMPT)


def test_reading_in_the_background_stops(sh):
    sh.ask("cat & sleep 1")
    assert re.search(r"Stopped \(tty input\) +cat", sh.ask("jobs"))
    sh.type("fg\n")
    sh.expect("cat\r\n")
    sh.type("now\n")
    sh.expect("now\r\nnow\r\n")
    sh.type("\x04")
    sh.expect(shell.PROMPT)


def test_writing_in_the_background_stops_with_tostop(sh):
    assert sh.ask("(sleep 1; echo free) & wait").startswith("free\n")
    sh.ask("stty tostop")
    sh.ask("(echo held) & sleep 1")
    assert "Stopped" in sh.ask("jobs")
    sh.type("fg\n")
    sh.expect("held\r\n")
    sh.expect(shell.PROMPT)
    sh.ask("stty -tostop")


def test_many_jobs(sh):
    sh.ask("i=0; while [ $i -lt 20 ]; do sleep 100 & i=$((i+1)); done")
    assert sh.ask("jobs").count("Running") == 20
    sh.ask("kill %1 %20")
    sh.ask("jobs -p >/tmp/jobs; kill $(cat /tmp/jobs)")
    sh.ask("wait; jobs")
    assert sh.ask("jobs") == ""


def test_jobs_end_with_their_shell(initrd):
    """A background job gets SIGHUP or is ended by init, and all is reaped."""
    with Shell(initrd=initrd) as sh:
        sh.ask("sleep 1000 & (sleep 1000 &) ; (trap '' TERM HUP; sleep 1000) &")
        sh.leave()


# ---- pipelines -------------------------------------------------------------

def test_a_pipeline_of_ten(sh):
    pipe = " | ".join(["cat"] * 8)
    assert sh.ask(f"seq 1 5000 | {pipe} | tail -n 1") == "5000\n"
    assert sh.ask(f"seq 1 5000 | {pipe} | wc -l").strip() == "5000"


def test_a_pipeline_of_ten_whose_reader_leaves(sh):
    pipe = " | ".join(["cat"] * 8)
    assert sh.ask(f"yes | {pipe} | head -n 3") == "y\ny\ny\n"
    assert sh.ask(f"yes | {pipe} | true; echo $?") == "0\n"


def test_the_pipeline_of_the_book(sh):
    assert int(sh.ask("ls -l /bin | grep x | sort | wc -l")) > 5


# ---- the terminal's settings -----------------------------------------------

def test_stty(sh):
    said = sh.ask("stty -a")
    for word in ("25 rows" if "25 rows" in said else "rows 25", "intr = ^C",
                 "susp = ^Z", " icanon", " echo ", " onlcr"):
        assert word in said, said
    sh.ask("stty erase '^H'")
    sh.type("echo xy\x08z\n")
    assert sh.expect(shell.PROMPT).endswith("\r\nxz\r\n")
    sh.ask("stty sane")
    sh.type("echo xy\x7fz\n")
    assert sh.expect(shell.PROMPT).endswith("\r\nxz\r\n")


def test_stty_without_echo(sh):
    sh.type("stty -echo; read secret; stty echo; echo got $secret\n")
    sh.expect("secret\r\n")
    sh.pause(0.5)
    sh.type("word\n")
    assert sh.expect(shell.PROMPT) == "got word\r\n"


def test_stty_raw_reads_single_keys(sh):
    sh.type("stty raw -echo; dd bs=1 count=3 2>/dev/null | od -c; stty sane\n")
    sh.expect("sane\r\n")
    sh.pause(1)
    sh.type("\x03\r\x1a")
    assert re.search(r"003 +\\r 032", sh.expect(shell.PROMPT))


def test_the_window_changes(sh):
    assert sh.ask("stty size") == "25 80\n"
    # The signal is for the group in the foreground.
    script = "trap 'echo resized' WINCH; stty rows 50 cols 132; :"
    assert sh.ask(f'sh -c "{script}"') == "resized\n"
    assert sh.ask("stty size") == "50 132\n"
    assert sh.ask(f'sh -c "{script}"') == ""


def test_the_window_changes_through_the_pty(initrd):
    """The program between the terminals is told, and tells the inner one."""
    with Shell(initrd=initrd) as sh:
        sh.ask("tty=$(tty); export tty")
        sh.inside("ptyshell")
        sh.ask("trap 'echo resized' WINCH")
        assert sh.ask("tty").startswith("/dev/pts/")
        sh.ask("stty rows 40 cols 100 <$tty")
        # "resized" may come anywhere from now on, even into what is typed.
        for _ in range(100):
            sh.type("echo size $(stty size) end\n")
            sh.expect(r"size (\d+ \d+) end\r\n")
            if sh.match[1] == "40 100":
                break
        assert sh.match[1] == "40 100"
        sh.type("trap '' WINCH; echo quiet $((6 * 7))\n")
        sh.expect("quiet 42\r\n")
        sh.expect(shell.PROMPT)
        sh.leave()


def test_a_terminal_that_goes_away_ends_what_runs_on_it(initrd):
    """The pty's other side is killed: the shell and the group in the foreground
    get SIGHUP. What it left in the background goes on, as on Linux."""
    with Shell(initrd=initrd) as sh:
        sh.type("ptyshell\n")
        sh.expect("ptyshell\r\n")
        sh.first_prompt()
        sh.ask("sleep 1001 &")
        sh.type("sh -c 'kill -9 $(cut -d \" \" -f 4 /proc/$PPID/stat); "
                "sleep 1002'\n")
        sh.expect("Killed")
        sh.type("stty sane; echo it is $((6 * 7))\n")
        sh.expect("it is 42\r*\n" + shell.PROMPT)
        sh.ask("sleep 0.5")
        processes = sh.ask("ps")
        assert "sleep 1001" in processes and "sleep 1002" not in processes
        assert processes.count("sh\n") == 1
        sh.leave()


# ---- an editor -------------------------------------------------------------

def edit(sh, name, *keys):
    """A session of vi, left in the end; a pause tells Escape from a key."""
    sh.type(f"vi {name}\n")
    sh.expect(r"\x1b\[.*" + name)
    for part in keys:
        sh.pause(0.5)
        sh.type(part)
    sh.expect(shell.PROMPT)


def test_an_editor_session(sh):
    edit(sh, "/tmp/poem", "ione two three\nfour fiev six\x1b",
         "Fea\x7fve\x1b", "x", ":w\n", "1Gdwoinserted\x1b", ":wq\n")
    said = sh.ask("cat /tmp/poem").split("\n")
    assert said[0] == "two three" and said[1] == "inserted"
    assert said[2].startswith("four fi") and said[3] == ""
    edit(sh, "/tmp/poem", "/inserted\n", "dd", ":wq\n")
    assert sh.ask("cat /tmp/poem").split("\n")[1].startswith("four")
    assert " icanon" in sh.ask("stty -a")


def test_the_editor_can_be_stopped(sh):
    sh.type("vi /tmp/note\n")
    sh.expect("/tmp/note")
    sh.pause(0.5)
    sh.type("ihello\x1b")
    sh.pause(0.3)
    sh.type("\x1a")
    sh.expect(shell.PROMPT)
    assert sh.ask("echo outside").endswith("outside\n")
    sh.type("fg\n")
    sh.pause(0.5)
    sh.type(":wq\n")
    sh.expect(shell.PROMPT)
    assert sh.ask("cat /tmp/note") == "hello\n"


def test_more_shows_page_by_page(sh):
    sh.type("seq 1 100 >/tmp/numbers; more /tmp/numbers\n")
    sh.expect("--More--")
    assert "100\r\n" not in sh.child.before
    for last in 48, 72, 96:
        sh.type(" ")
        sh.expect(f"{last}\r\n--More--")
    sh.type(" ")
    assert sh.expect(shell.PROMPT).endswith("97\r\n98\r\n99\r\n100\r\n")
    sh.type("more /tmp/numbers\n")
    sh.expect("--More--")
    sh.type("q")
    assert "25" not in sh.expect(shell.PROMPT)
