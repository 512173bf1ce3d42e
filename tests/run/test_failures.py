"""How cairn-run itself ends: statuses, signals, and what it leaves behind."""
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid

import pytest

import programs
from run import CAIRN_RUN, KERNEL, ROOT, cairn_run, environment, \
    processes_with, start, wait_until


def test_no_such_program(tmp_path):
    for name in "./nothing", "nothing-of-this-name", str(tmp_path / "x/y"):
        done = cairn_run(name, cwd=tmp_path)
        assert done.returncode == 127
        assert done.stderr.startswith(b"cairn-run: ")
        assert done.stderr.count(b"\n") == 1


def test_not_executable(build, tmp_path):
    text = tmp_path / "text"
    text.write_text("hello\n")
    assert cairn_run(text).returncode == 126
    text.chmod(0o755)
    done = cairn_run(text)
    assert done.returncode == 126 and b"Exec format error" in done.stderr
    assert cairn_run(tmp_path).returncode == 126
    empty = tmp_path / "empty"
    empty.touch(0o755)
    assert cairn_run(empty).returncode == 126


def test_a_program_for_another_processor(tmp_path):
    copy = tmp_path / "program"
    shutil.copy("/proc/self/exe", copy)
    assert cairn_run(copy).returncode == 126


def test_a_program_too_big_for_the_machine(build):
    big = build("big", "char data[40 << 20] = {1};\n"
                "int main(void) { return data[5]; }\n")
    assert cairn_run("-m", "128M", big).returncode == 0
    done = cairn_run("-m", "64M", big)
    assert done.returncode == 126 and b"memory" in done.stderr
    done = cairn_run("-m", "16M", big)
    assert done.returncode == 125 and done.stderr


@pytest.mark.parametrize("args", [
    [], ["--no-such"], ["-m"], ["-m", "x", "p"], ["-m", "0", "p"],
    ["--timeout", "x", "p"], ["--timeout", "-1", "p"], ["--env", "x", "p"],
    ["--limit", "cpu=1", "p"], ["--limit", "data=", "p"],
    ["--limit", "data=99999999999999999999", "p"],
    ["--accel", "magic", "p"], ["--dir", "nocolon", "p"]])
def test_wrong_options(args):
    done = cairn_run(*args)
    assert done.returncode == 125
    assert done.stderr and not done.stdout


def test_help():
    done = cairn_run("--help")
    assert done.returncode == 0 and b"--timeout" in done.stdout


def test_timeout(build):
    begin = time.monotonic()
    done = cairn_run("--timeout", "1.5", build("end", programs.END), "wait")
    assert done.returncode == 124
    assert 1.4 < time.monotonic() - begin < 10


def test_what_was_written_before_the_timeout_arrives(build):
    done = cairn_run("--timeout", "2", build("terminate", programs.TERMINATE))
    assert (done.returncode, done.stdout) == (124, b"ready\n")


def test_a_kernel_that_fails(build, tmp_path):
    hello = build("hello", programs.HELLO)
    stub = build_stub(tmp_path)
    done = cairn_run(hello, env=environment(CAIRN_KERNEL=str(stub)))
    assert done.returncode == 125 and done.stderr
    done = cairn_run(hello, env=environment(CAIRN_KERNEL="/nowhere"))
    assert done.returncode == 125 and b"/nowhere" in done.stderr


def test_the_kernels_log_is_shown_when_it_fails(build):
    done = cairn_run("--cpu", "pentium", build("hello", programs.HELLO))
    assert done.returncode == 125
    assert b"PAE" in done.stderr


def test_no_emulator(build):
    done = cairn_run(build("hello", programs.HELLO),
                     env=environment(QEMU="no-such-emulator"))
    assert done.returncode == 125
    assert b"no-such-emulator" in done.stderr


def test_log_and_verbose(build, tmp_path):
    log = tmp_path / "log"
    done = cairn_run("-v", "--log", log, build("hello", programs.HELLO))
    assert done.stdout == b"hello, world\n" and done.returncode == 0
    assert b"qemu-system-i386" in done.stderr
    assert b"memory map" in log.read_bytes()


@pytest.mark.parametrize("signo", [signal.SIGKILL, signal.SIGTERM,
                                   signal.SIGINT, signal.SIGHUP])
def test_death_leaves_nothing_behind(build, signo):
    mark = f"mark={uuid.uuid4()}"
    process = start("--append", mark, build("end", programs.END), "wait")
    assert wait_until(lambda: len(processes_with(mark)) == 2)
    process.send_signal(signo)
    status = process.wait(10)
    assert status in (-signo, 128 + signo)
    assert wait_until(lambda: not processes_with(mark), 5)


def test_death_at_once_leaves_nothing_behind(build):
    hello = build("hello", programs.HELLO)
    mark = f"mark={uuid.uuid4()}"
    for i in range(20):
        process = start("--append", mark, hello)
        time.sleep(i * 0.003)
        process.kill()
        process.wait()
    assert wait_until(lambda: not processes_with(mark), 5)


def test_the_program_may_clean_up_after_a_signal(build):
    process = start(build("terminate", programs.TERMINATE))
    assert process.stdout.read(6) == b"ready\n"
    process.terminate()
    assert process.stdout.read() == b"cleaned up\n"
    assert process.wait(10) == 9


def test_nothing_is_left_in_tmp(build, tmp_path):
    cairn_run(build("hello", programs.HELLO),
              env=environment(TMPDIR=str(tmp_path)))
    cairn_run("--grub", build("hello", programs.HELLO),
              env=environment(TMPDIR=str(tmp_path)))
    assert not list(tmp_path.iterdir())


def test_many_side_by_side(build):
    cat = build("cat", programs.CAT)
    running = [start(cat) for _ in range(8)]
    for i, process in enumerate(running):
        process.stdin.write(b"this is %d\n" % i)
    for process in running:
        process.stdin.close()
    for i, process in enumerate(running):
        assert process.stdout.read() == b"this is %d\n" % i
        assert process.wait(60) == 0


def test_through_grub(build):
    done = cairn_run("--grub", build("show", programs.SHOW), "b c",
                     env=environment(LONG_NAME="x,y z"))
    assert done.returncode == 0, done.stderr
    assert b"arg " + b"b c".hex().encode() in done.stdout


def test_kvm(build):
    sys.path.insert(0, str(ROOT / "tests/boot"))
    import machine
    if not machine.has_kvm():
        pytest.skip("/dev/kvm is absent or cannot run 32-bit guests")
    done = cairn_run("--accel", "kvm", build("hello", programs.HELLO))
    assert done.stdout == b"hello, world\n"


def test_a_debugger_can_attach(build):
    process = start("--gdb=wait", build("hello", programs.HELLO))
    process.stderr.readline()
    command = process.stderr.readline().decode().strip()
    assert "target remote localhost:" in command
    gdb = subprocess.run(["gdb", "-batch", "-nx", "-ex",
                          command.split("'")[1], "-ex", "info registers eip",
                          "-ex", "detach", KERNEL],
                         stdin=subprocess.DEVNULL, capture_output=True,
                         timeout=60)
    assert b"eip" in gdb.stdout, gdb
    assert process.stdout.read() == b"hello, world\n"
    assert process.wait(20) == 0


def test_a_sysroot_can_be_moved(build, tmp_path):
    for name in "bin/cairn-run", "usr/lib/cairn/cairn.elf":
        copy = tmp_path / "a b,c" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "sysroot" / name, copy)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "a b,c/bin/cairn-run")
    done = subprocess.run([link, build("hello", programs.HELLO)],
                          stdin=subprocess.DEVNULL, capture_output=True)
    assert done.stdout == b"hello, world\n"


def build_stub(folder):
    stub = folder / "stub.elf"
    subprocess.run(["i686-linux-gnu-gcc", "-nostdlib", "-static",
                    "-Wl,-Ttext=0x100000,--build-id=none,-n",
                    ROOT / "tests/run/stub.S", "-o", stub], check=True)
    return stub


def seconds(command):
    begin = time.monotonic()
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    return time.monotonic() - begin


def test_the_start_takes_at_most_five_times_a_bare_stub(build, tmp_path):
    """Medians of 20, taken in turns."""
    hello = build("hello", programs.HELLO)
    bare = ["qemu-system-i386", "-nodefaults", "-display", "none",
            "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
            "-kernel", build_stub(tmp_path)]
    pairs = [(seconds(bare), seconds([CAIRN_RUN, hello])) for _ in range(20)]
    stub, run = (sorted(times)[10] for times in zip(*pairs))
    print(f"stub {stub:.3f} s, cairn-run hello {run:.3f} s, "
          f"ratio {run / stub:.2f}")
    assert run <= 5 * stub
