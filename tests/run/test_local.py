"""A program run by cairn-run behaves as a local one: the same binary runs on
this Linux and in Cairn, and bytes and statuses are compared."""
import os
import signal
import subprocess
import time

import pytest

import programs
from run import CAIRN_RUN, cairn_run, environment, same_as_local, start

ODD_BYTES = [b"", b" ", b"b c", b"a,b,,c", b"'\"`$x\\", b"line\nbreak\r\t",
             b"\xff\xfe\x80 \xc3\x28", b"=", b"-m", b"--", b"\x01\x7f",
             bytes(range(1, 256)), b"x" * 5000]


def test_arguments_of_any_bytes(build):
    show = build("show", programs.SHOW)
    same_as_local(show, *ODD_BYTES, env={"A": "b"})


def test_environment_of_any_bytes(build):
    show = build("show", programs.SHOW)
    env = {b"V%d" % i: value for i, value in enumerate(ODD_BYTES)}
    same_as_local(show, env={**env, b"odd name \xff": b"x"})


def test_option_env_sets_and_replaces(build):
    show = build("show", programs.SHOW)
    done = cairn_run("--env", "NEW=1 2", "--env", "OLD=now", show,
                     env=environment(OLD="before"))
    lines = done.stdout.decode().splitlines()
    assert "env " + b"NEW=1 2".hex() in lines
    assert "env " + b"OLD=now".hex() in lines
    assert "env " + b"OLD=before".hex() not in lines


def test_argv0_is_as_typed(build):
    show = build("show", programs.SHOW)
    for typed in "./show", f"../{show.parent.name}/show", str(show):
        done = cairn_run(typed, cwd=show.parent, env={"PATH": "/bin"})
        assert done.stdout.splitlines()[1] == b"arg " + \
            typed.encode().hex().encode()


def test_program_with_an_odd_name(build, tmp_path):
    show = build("show", programs.SHOW)
    odd = os.path.join(os.fsencode(tmp_path), b"a b,c;'\n\xff")
    with open(show, "rb") as f, open(odd, "wb") as out:
        out.write(f.read())
    os.chmod(odd, 0o755)
    same_as_local(odd, "x", env={})


@pytest.mark.parametrize("status", [0, 1, 2, 77, 124, 125, 126, 127, 128,
                                    254, 255])
def test_exit_status(build, status):
    same_as_local(build("end", programs.END), "exit", str(status))


@pytest.mark.parametrize("how", [["abort"], ["segv"], ["divide"],
                                 ["kill", "9"], ["kill", "15"],
                                 ["kill", "10"]])
def test_death_by_signal(build, how):
    done = same_as_local(build("end", programs.END), *how)
    assert done.returncode > 128


def test_streams_are_no_terminals(build):
    same_as_local(build("kinds", programs.KINDS), input=b"")


def test_stdin_is_empty_or_bytes_or_a_file(build, tmp_path):
    cat = build("cat", programs.CAT)
    data = tmp_path / "data"
    data.write_bytes(os.urandom(300000))
    same_as_local(cat, stdin=subprocess.DEVNULL)
    assert cairn_run(cat, input=data.read_bytes()).stdout == data.read_bytes()
    with data.open("rb") as f:
        assert cairn_run(cat, stdin=f).stdout == data.read_bytes()


@pytest.mark.parametrize("source", ["cat", "stdio_cat"])
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_hundred_mebibytes_in_and_out(build, tmp_path, source, kind):
    if source == "stdio_cat" and not os.environ.get("TEST_LONG"):
        pytest.skip("only in check-long")
    cat = build(source, getattr(programs, source.upper()))
    size = 100 << 20
    data = tmp_path / "data"
    block = os.urandom(1 << 20)
    with data.open("wb") as f:
        for i in range(size >> 20):
            f.write(i.to_bytes(4, "big") + block[4:])
    out = tmp_path / "out"
    with data.open("rb") as f, out.open("wb") as sink:
        feeder = subprocess.Popen(["cat"], stdin=f, stdout=subprocess.PIPE)
        stdin = feeder.stdout if kind == "pipe" else data.open("rb")
        process = start("--timeout", "300", cat, stdin=stdin, stdout=sink)
        feeder.stdout.close()
        errors = process.communicate()[1]
        feeder.wait()
    assert (process.returncode, errors) == (0, b"")
    assert subprocess.run(["cmp", data, out]).returncode == 0


def test_endless_input_ends_with_the_program(build):
    head = build("head", programs.HEAD)
    yes = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
    done = cairn_run(head, stdin=yes.stdout)
    yes.stdout.close()
    assert (done.stdout, done.returncode) == (b"y\ny\ny\n", 0)
    assert yes.wait(10) == -signal.SIGPIPE


def test_output_nobody_reads_ends_the_program(build):
    process = start(build("yes", programs.YES))
    assert process.stdout.read(2) == b"y\n"
    process.stdout.close()
    assert process.wait(20) == 128 + signal.SIGPIPE
    assert process.stderr.read() == b""


def test_epipe_without_the_signal(build):
    process = start(build("ignore_pipe", programs.IGNORE_PIPE))
    process.stdout.read(5)
    process.stdout.close()
    assert process.wait(20) == 42


def test_stdin_that_is_never_read_and_never_ends(build):
    process = start(build("end", programs.END), "exit", "3")
    assert process.wait(20) == 3


def test_a_slow_reader_loses_nothing(build, tmp_path):
    data = os.urandom(2 << 20)
    (tmp_path / "data").write_bytes(data)
    with (tmp_path / "data").open("rb") as f:
        process = start(build("cat", programs.CAT), stdin=f)
    got = b""
    while block := process.stdout.read(65536):
        got += block
        time.sleep(0.01)
    assert got == data and process.wait() == 0


def test_writes_of_many_processes_are_whole(build):
    process = start(build("writers", programs.WRITERS),
                    stdin=subprocess.DEVNULL)
    time.sleep(1.5)
    lines = process.stdout.read().splitlines()
    assert process.wait(20) == 0 and len(lines) == 8 * 300
    assert all(len(set(line)) <= 1 for line in lines)


def test_a_program_can_answer_before_its_input_ends(build):
    process = start(build("cat", programs.CAT))
    for i in range(50):
        line = b"question %d\n" % i
        process.stdin.write(line)
        process.stdin.flush()
        assert process.stdout.read(len(line)) == line
    process.stdin.close()
    assert process.wait(20) == 0


def test_no_more_is_taken_from_a_file_than_was_read(build, tmp_path):
    data = tmp_path / "data"
    data.write_bytes(b"0123456789" * 10000)
    some = build("read_some", programs.READ_SOME)
    with data.open("rb", buffering=0) as f:
        assert cairn_run(some, "7", stdin=f).stdout == b"0123456"
        assert f.read(5) == b"78901"
        assert cairn_run(build("end", programs.END), "exit", "0",
                         stdin=f).returncode == 0
        assert f.read(2) == b"23"


def test_no_more_is_taken_from_a_pipe_than_was_read(build):
    out, into = os.pipe()
    os.write(into, b"first second")
    os.close(into)
    some = build("read_some", programs.READ_SOME)
    assert cairn_run(some, "6", stdin=out).stdout == b"first "
    assert os.read(out, 100) == b"second"
    os.close(out)


def test_two_streams_keep_their_order(build):
    order = build("order", programs.ORDER)
    process = start(order, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    lines = process.stdout.read().splitlines()
    assert lines == [b"line %d" % i for i in range(3000)]
    assert process.wait() == 0


def test_reading_a_directory_or_a_closed_stdin(build, tmp_path):
    program = build("stdin_error", programs.STDIN_ERROR)
    folder = os.open(tmp_path, os.O_RDONLY)
    same_as_local(program, stdin=folder)
    os.close(folder)
    for command in [f"{program} <&-",
                    f"{CAIRN_RUN} {program} <&-"]:
        done = subprocess.run(command, shell=True, capture_output=True)
        assert done.stdout.startswith(b"-1 Bad file"), done


def test_a_full_device(build):
    program = build("write_errors", programs.WRITE_ERRORS)
    for command in [program], [CAIRN_RUN, program]:
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 1
        assert done.stderr == b"-1 No space left on device\n" * 2


def test_polling_stdin(build, tmp_path):
    program = build("poll_stdin", programs.POLL_STDIN)
    (tmp_path / "file").write_bytes(b"x" * 1000)
    for stdin in "/dev/null", "/dev/zero", tmp_path / "file":
        with open(stdin, "rb") as f:
            same_as_local(program, stdin=f)
    outputs = [poll_stdin([program]), poll_stdin([CAIRN_RUN, program])]
    assert outputs[0] == outputs[1] and b"poll 0 0" in outputs[0]


def poll_stdin(command):
    """Feeds the program at moments that its output tells."""
    with subprocess.Popen(command, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, bufsize=0) as process:
        said = b""
        for lines, data in (2, b"abcdefgh"), (9, b"more"), (11, None):
            while said.count(b"\n") < lines:
                said += process.stdout.read(1)
            time.sleep(0.1)
            if data:
                process.stdin.write(data)
        process.stdin.close()
        return said + process.stdout.read()


def test_the_working_directory_and_files_keep_their_place(build, tmp_path):
    program = build("show_file", programs.SHOW_FILE)
    (tmp_path / "here").write_text("from here\n")
    odd = b"odd name, with\n\xff"
    with open(os.path.join(os.fsencode(tmp_path), odd), "w") as f:
        f.write("odd\n")
    done = cairn_run("--file", "here", b"--file", odd, program, "here", odd,
                     "missing", cwd=tmp_path)
    assert done.stdout == b"from here\nodd\nmissing: No such file or " \
        b"directory\n"


def test_option_file_and_dir(build, tmp_path):
    program = build("show_file", programs.SHOW_FILE)
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "tree/sub/leaf").write_text("leaf\n")
    (tmp_path / "big").write_bytes(os.urandom(1 << 20))
    done = cairn_run("--file", f"{tmp_path}/big:/data/big", "--dir",
                     f"{tmp_path}/tree:/t", program, "/t/sub/leaf",
                     "/data/big")
    assert done.stdout == b"leaf\n" + (tmp_path / "big").read_bytes()


def test_root_and_nobody_are_known(build, tmp_path):
    program = build("show_file", programs.SHOW_FILE)
    image = cairn_run("-c", "cat /etc/passwd /etc/group").stdout.replace(
        b"/bin/ash", b"/bin/sh")
    done = cairn_run(program, "/etc/passwd", "/etc/group")
    assert b"root:x:0:0:" in image and done.stdout == image
    (tmp_path / "mine").write_text("me:x:5:5::/:\n")
    done = cairn_run("--file", f"{tmp_path}/mine:/etc/passwd", program,
                     "/etc/passwd")
    assert done.stdout == b"me:x:5:5::/:\n"


def test_option_limit(build):
    done = cairn_run("--limit", "data=1M", "--limit", "as=32M", "--limit",
                     "stack=65536", build("limits", programs.LIMITS))
    assert done.stdout == b"data 1048576\nas 33554432\nstack 65536\n"


def test_option_norandom(build):
    places = build("places", programs.PLACES)
    fixed = {cairn_run("--norandom", places).stdout for _ in range(3)}
    random = {cairn_run(places).stdout for _ in range(4)}
    assert len(fixed) == 1 and b"0x" in fixed.pop()
    assert len(random) > 1
