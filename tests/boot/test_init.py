"""Init: a shell on each console, restarts, and the end of the machine; and
the shell in a machine that is out of everything."""
import re
import subprocess
import time

import pytest

import machine
import shell
from machine import Machine, direct
from shell import Shell

SIGNALS = set(range(1, 65))
ENDING = {2, 10, 12, 15}    # INT, USR1, USR2, TERM: what init acts on


# ---- the end of the machine ------------------------------------------------

@pytest.mark.parametrize("how", ["exit\n", "\x04", "exit 7\n", "poweroff\n",
                                 "/sbin/poweroff\n", "kill 1\n",
                                 "kill -USR2 1\n", "poweroff -f\n",
                                 "sleep 1000 & exec poweroff\n"])
def test_switching_off(how):
    with Shell() as sh:
        sh.leave(how)


@pytest.mark.parametrize("how", ["reboot", "reboot -f", "kill -INT 1"])
def test_reboot(how):
    """QEMU ends with 0 when a machine that may not reboot does."""
    with Shell() as sh:
        sh.type(how + "\n")
        assert sh.wait() is None and sh.process.returncode == 0


@pytest.mark.parametrize("how", ["halt", "halt -f", "kill -USR1 1"])
def test_halt(how):
    with Shell() as sh:
        sh.type(how + "\n")
        sh.expect("The system is halted. It is safe to switch it off.")
        time.sleep(0.3)
        assert sh.process.poll() is None


def test_the_machine_really_starts_anew():
    """Without -no-reboot there is a second prompt."""
    with Shell(reboot=True) as sh:
        sh.type("reboot\n")
        sh.first_prompt()
        assert sh.ask("echo $((6 * 7))") == "42\n"
        sh.leave()


def test_wrong_words():
    with Shell() as sh:
        assert "usage: poweroff" in sh.ask("poweroff now")
        assert "usage: halt" in sh.ask("halt -x")
        assert "the kernel starts it" in sh.ask("init")
        sh.leave()


@pytest.mark.parametrize("chips", ["pc", "q35"])
@pytest.mark.parametrize("how", ["poweroff", "exit", "reboot"])
def test_without_the_port_of_qemu(how, chips):
    """A chip set that is known is switched off by its own registers."""
    with Shell(exit_port=False, options=["-machine", chips]) as sh:
        sh.type(how + "\n")
        sh.wait()
        assert sh.process.returncode == 0


def test_a_machine_that_cannot_be_switched_off_says_so():
    with Shell(exit_port=False, options=["-machine", "isapc"]) as sh:
        sh.type("poweroff\n")
        sh.expect("The system is halted. It is safe to switch it off.")


def test_programs_that_do_not_want_to_end_are_made_to():
    with Shell() as sh:
        sh.ask("sh -c \"trap '' TERM HUP; sleep 1000\" & "
               "sh -c 'kill -STOP $$' & sleep 0.5")
        begin = time.monotonic()
        sh.leave("poweroff\n")
        assert time.monotonic() - begin < 120


def test_programs_can_put_things_in_order():
    with Shell() as sh:
        sh.ask("sh -c \"trap 'sleep 0.5; echo in order; exit' TERM; "
               "while :; do sleep 0.1; done\" & sleep 0.5")
        sh.type("poweroff\n")
        sh.expect("in order")
        assert sh.wait() == 0


def test_what_was_written_comes_out_before_the_end():
    with Shell() as sh:
        sh.type("seq 1 3000; poweroff -f\n")
        assert sh.wait() == 0
        assert sh.child.before.rstrip().endswith("\n2999\r\n3000")


def test_ctrl_alt_del():
    with Machine(direct(cmdline="quiet"), exit_port=False,
                 options=["-action", "shutdown=poweroff"]) as pc:
        pc.wait_for(r"^~ # \Z")
        pc.command("send-key", keys=[{"type": "qcode", "data": key}
                                     for key in ("ctrl", "alt", "delete")])
        assert pc.process.wait(60) == 0


@pytest.mark.parametrize("how, status", [("poweroff", 0), ("exit 3", 3)])
def test_a_shell_in_the_place_of_init(how, status):
    """There is nobody to ask: poweroff does it itself."""
    with Shell(words="init=/bin/sh") as sh:
        assert sh.ask("echo $$") == "2\n"
        assert sh.ask("kill -USR2 1 2>/dev/null; echo $?") == "1\n"
        sh.leave(how + "\n", status)


# ---- shells ----------------------------------------------------------------

def test_no_signal_ends_init():
    with Shell() as sh:
        for pid in 1, 2:
            numbers = " ".join(map(str, sorted(SIGNALS - ENDING)))
            sh.ask(f"for s in {numbers}; do kill -$s {pid}; done")
        assert sh.ask("cat /proc/2/comm") == "init\n"
        sh.ask("kill -9 -1")
        assert sh.ask("cat /proc/2/comm") == "init\n"
        sh.leave()


def test_a_shell_that_is_killed_comes_again():
    with Shell() as sh:
        pid = sh.ask("echo $$")
        time.sleep(2)
        for _ in range(2):
            sh.type("kill -9 $$\n")
            sh.expect("the shell was ended by signal 9")
            sh.first_prompt()
        assert sh.ask("echo $$") != pid
        sh.leave()


def test_a_shell_leaves_a_sane_terminal_to_the_next():
    with Shell() as sh:
        time.sleep(2)
        sh.type("stty raw -echo; kill -9 $$\n")
        sh.expect("the shell was ended by signal 9")
        sh.first_prompt()
        assert sh.ask("echo x") == "x\n"
        sh.leave()


def test_orphans_are_reaped():
    with Shell() as sh:
        sh.ask("i=0; while [ $i -lt 50 ]; do (sleep 0.2 &); i=$((i+1)); done")
        sh.ask("sleep 1")
        assert len(sh.ask("ps").splitlines()) < 8
        sh.leave()


def test_the_environment_of_a_shell():
    with Shell(words="SPICE=salt") as sh:
        assert sh.ask("echo $0 $HOME $SHELL $USER $TERM $SPICE; pwd; tty") == \
            "-sh /root /bin/sh root vt102 salt\n/root\n/dev/console\n"
        assert sh.ask("env | grep -c consoles=") == "0\n"
        assert sh.ask("ulimit -n; umask") == "1024\n0022\n"
        sh.leave()


def test_each_console_has_a_session_of_its_own():
    with Shell(options=["-serial", "null"],
               words="consoles=console,ttyS1") as sh:
        sh.ask("sleep 0.5")
        lines = sh.ask("for p in /proc/[3-9]; do cat $p/stat; done")
        shells = re.findall(r"^(\d+) \(sh\) \S (\d+) (\d+) (\d+) (\d+)", lines,
                            re.M)
        assert len(shells) == 2, lines
        for pid, parent, group, session, _ in shells:
            assert parent == "2" and group == session == pid
        assert shells[0][4] != shells[1][4]
        sh.leave()


def test_no_shell_at_all():
    with Shell(words="shell=/bin/none", prompt=False) as sh:
        sh.expect("init: /dev/console: /bin/none: No such file or directory")
        sh.expect("there is no shell to go on with")
        assert sh.wait() == 1


def test_no_console_at_all():
    with Shell(words="consoles=ttyS7", prompt=False) as sh:
        sh.expect("there is no shell to go on with")
        assert sh.wait() == 1


def test_a_shell_that_crashes_at_once(tmp_path):
    """It is started again some times, later each time, and then no more."""
    crashing = "int main(void) { *(volatile int *)0 = 0; }"
    initrd = shell.with_programs(tmp_path / "initrd.tar", crashing=crashing)
    with Shell(initrd=initrd, words="shell=/bin/crashing",
               prompt=False) as sh:
        begin = time.monotonic()
        for _ in range(5):
            sh.expect("the shell was ended by signal 11")
        sh.expect("5 shells have failed: given up")
        assert sh.wait() == 1
        assert 5 < time.monotonic() - begin < 180


# ---- the screen ------------------------------------------------------------

def press(pc, *keys):
    for key in keys:
        pc.command("send-key", keys=[{"type": "qcode", "data": key}])
        time.sleep(0.05)


def test_screen_and_serial_line_have_their_own_shells():
    with Machine(direct(cmdline="quiet"), exit_port=False) as pc:
        pc.wait_for(r"^~ # \Z")
        pc.wait_for(r"^~ # ?$", where="screen")
        press(pc, "t", "t", "y", "ret")
        pc.wait_for("^/dev/tty1$", where="screen")
        assert "tty1" not in pc.serial
        press(pc, "e", "x", "i", "t", "ret")    # and there is another one
        time.sleep(0.5)
        press(pc, *"clear", "ret", "t", "t", "y", "ret")
        pc.wait_for("\\A.*\n?/dev/tty1$", where="screen")


# ---- out of everything -----------------------------------------------------

@pytest.mark.parametrize("memory", ["16M", "64M"])
def test_a_fork_bomb_can_be_ended(memory):
    with Shell(memory=memory) as sh:
        before = memory_free(sh)
        sh.type("b() { b | b & }; b\n")
        sh.expect("Cannot fork", 120)
        time.sleep(2)
        sh.type("\nkill -9 -1\n")
        sh.type("echo it is $((6 * 7))\n")
        sh.expect("it is 42\r\n", 120)
        sh.type("sleep 0.5; echo and $((6 * 8))\n")
        # The shell may tell of the dead job only now.
        sh.expect(r"and 48\r\n(\[1\][^\r]*\r\n)?" + shell.PROMPT)
        assert sh.ask("seq 1 10 | tail -n 1") == "10\n"
        assert memory_free(sh) > before - 400
        sh.leave()


def memory_free(sh):
    return int(re.search(r"MemFree: +(\d+)", sh.ask("cat /proc/meminfo"))[1])


def test_a_thousand_commands():
    with Shell() as sh:
        loop = "i=0; while [ $i -lt %d ]; do /bin/true; i=$((i+1)); done"
        sh.ask(loop % 20)
        before = memory_free(sh)
        sh.ask(loop % 1000, 180)
        assert memory_free(sh) > before - 100
        sh.leave()


def test_a_pipeline_onto_a_full_disk():
    with Shell() as sh:
        sh.ask("echo kept >/tmp/kept")
        said = sh.ask("yes | cat >/tmp/full; echo status $?", 120)
        assert "No space left on device" in said and "status 1" in said
        assert "No space left" in sh.ask("cat /dev/zero >/tmp/more")
        assert sh.ask("cat /tmp/kept") == "kept\n"
        sh.ask("rm /tmp/full /tmp/more")
        assert sh.ask("echo again >/tmp/kept; cat /tmp/kept") == "again\n"
        sh.leave()


def test_a_shell_that_takes_all_memory():
    """It ends, and nobody else is worse off."""
    with Shell(memory="16M") as sh:
        before = memory_free(sh)
        assert sh.ask("sh -c 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'"
                      " || echo it has ended", 120).endswith("it has ended\n")
        assert memory_free(sh) > before - 100
        sh.leave()


def test_too_many_files():
    with Shell() as sh:
        said = sh.ask("ulimit -n 10; sh -c 'exec 3</dev/null 4<&3 5<&3 6<&3 "
                      "7<&3 8<&3 9<&3; cat /etc/motd </dev/null; echo $?'")
        assert said.endswith("\n2\n") or said.endswith("\n1\n"), said
        assert int(sh.ask("ls / | cat | wc -l")) > 5
        sh.leave()


def test_a_terminal_that_is_flooded():
    """Typed far ahead and more than a line holds: nothing is stuck."""
    with Shell() as sh:
        sh.type("x" * 10000 + "\n")
        sh.expect(shell.PROMPT)
        sh.type("sleep 2\n" + "echo typed ahead\n" * 100 + "echo the end\n")
        sh.expect("> the end\r\n")
        sh.expect(shell.PROMPT)
        assert sh.ask("echo alive") == "alive\n"
        sh.leave()


# ---- the way to the prompt -------------------------------------------------

STUB = machine.ROOT / "tests/run/stub.S"


def test_the_prompt_is_there_soon(tmp_path):
    """At most ten times what a bare Multiboot stub takes from QEMU's start to
    its end, booted in the same way: medians of seven, in turns."""
    stub = tmp_path / "stub"
    subprocess.run(["i686-linux-gnu-gcc", "-nostdlib", "-static", "-no-pie",
                    "-Wl,-Ttext=0x100000,--build-id=none,-n", STUB, "-o",
                    stub],
                   check=True)
    ours, theirs = [], []
    for _ in range(7):
        with Shell() as sh:
            ours.append(sh.seconds)
        begin = time.monotonic()
        done = subprocess.run([machine.QEMU, "-nodefaults", "-display", "none",
                               "-cpu", "max", "-m", "64M", "-kernel", stub,
                               "-device",
                               "isa-debug-exit,iobase=0xf4,iosize=1"],
                              stdin=subprocess.DEVNULL, timeout=60)
        theirs.append(time.monotonic() - begin)
        assert done.returncode == 1
    ratio = sorted(ours)[3] / sorted(theirs)[3]
    print(f"prompt after {sorted(ours)[3]:.2f} s, {ratio:.1f} times the stub")
    assert ratio <= 10, (ours, theirs)
