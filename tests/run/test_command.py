"""cairn-run -c: a line for the shell of the whole image."""
import os
import subprocess
import tarfile

import pexpect
import pytest

import run
from run import cairn_run

IMAGE = run.ROOT / "build/initrd.tar"


def line(text, *args, **options):
    return cairn_run("-c", text, *args, **options)


@pytest.mark.parametrize("text, status", [
    (":", 0), ("exit 7", 7), ("false", 1), ("nosuch", 127), ("/etc", 126),
    ("kill -9 $$", 137), ("kill -15 $$", 143), ("(exit 9)", 9),
    ("crash null", 139),
])
def test_status(text, status):
    assert line(text).returncode == status


def test_streams():
    done = line("read a; echo out $a; echo err >&2; read b; echo $b",
                input=b"one\ntwo\n")
    assert (done.stdout, done.stderr) == (b"out one\ntwo\n", b"err\n")
    assert done.returncode == 0


def test_what_the_line_does_not_read_stays(tmp_path):
    """The shell reads its input byte by byte, and so does cairn-run."""
    text = tmp_path / "text"
    text.write_bytes(b"one\ntwo\nthree\n")
    done = subprocess.run(
        f"({run.CAIRN_RUN} -c 'read x; echo $x'; cat) <{text}", shell=True,
        capture_output=True, timeout=60)
    assert done.stdout == b"one\ntwo\nthree\n"


def test_streams_are_no_terminals():
    done = line("test -t 0 || test -t 1 || test -t 2 || echo none")
    assert done.stdout == b"none\n"


def test_a_person_at_a_terminal():
    """What is typed comes line by line; Ctrl-C ends it as a local program."""
    child = pexpect.spawn(str(run.CAIRN_RUN), [
        "-c", "echo ready; read x; echo got $x; sleep 100"], timeout=30)
    child.expect("ready")
    child.send("worx\x7fd\n")
    child.expect("got word")
    child.send("\x03")
    child.expect(pexpect.EOF)
    child.close()
    assert child.signalstatus == 2 or child.exitstatus == 130


def test_names_and_arguments():
    done = line('printf "[%s]" "$0" "$@"', "name", "a b", "", "-x",
                "\xff\n*".encode("latin-1"))
    assert done.stdout == b"[name][a b][][-x][\xff\n*]"
    assert line("echo $0").stdout == b"sh\n"


def test_a_line_may_begin_with_a_dash():
    done = line("-x 1")
    assert done.returncode == 127 and b"-x: not found" in done.stderr


def test_variables():
    env = run.environment(PATH=os.environ["PATH"] + ":/nowhere", SPICE="salt")
    show = "echo $PATH; echo $HOME $SHELL $SPICE"
    path, rest = line(show, env=env).stdout.splitlines()
    assert b"/bin" in path.split(b":") and b"nowhere" not in path
    assert rest.endswith(b" /bin/sh salt")
    done = cairn_run("--env", "HOME=/tmp", "--env", "SPICE=pepper", "-c", show,
                     env=env)
    assert done.stdout.splitlines()[1] == b"/tmp /bin/sh pepper"


def test_the_whole_image_is_there():
    with tarfile.open(IMAGE) as archive:
        files = {"/" + member.name: member.size for member in archive
                 if member.isreg()}
    script = 'while read f; do test -f "$f" && echo "$f"; done'
    done = line(script, input="\n".join(files).encode() + b"\n")
    assert done.stdout.decode().split() == list(files)


def test_files_and_directories_come_along(tmp_path):
    (tmp_path / "own").write_text("of mine\n")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/inner").write_text("inner\n")
    done = cairn_run(
        "--file", "own", "--file", "own:/etc/motd", "--dir", "dir:/etc/more",
        "-c", "for f in own /etc/motd /etc/more/inner; do read x <$f; "
        "echo $x; done; test -x /bin/init && echo image; pwd", cwd=tmp_path)
    assert done.stdout.decode().splitlines() == [
        "of mine", "of mine", "inner", "image", str(tmp_path)]


def test_a_program_alone_has_no_image(build):
    program = build("lone", r"""
        #include <stdio.h>
        #include <unistd.h>
        int main(void)
        {
            printf("%d %d\n", access("/bin/ls", F_OK),
                   access("/bin/init", F_OK));
            return 0;
        }""")
    assert cairn_run(program).stdout == b"-1 -1\n"


def test_no_memory_stays_behind():
    done = cairn_run("--append", "leakcheck", "-c",
                     "i=0; while [ $i -lt 20 ]; do (:) | (:) & i=$((i+1)); "
                     "done; wait; echo done")
    assert done.stdout == b"done\n" and done.returncode == 0


def test_other_images(tmp_path):
    plain = tmp_path / "plain.tar"
    plain.write_bytes(b"no archive at all" * 100)
    done = line(":", env=run.environment(CAIRN_INITRD=str(plain)))
    assert done.returncode == 125 and b"plain.tar" in done.stderr
    folder = tmp_path / "folder"
    folder.mkdir()
    empty = tmp_path / "empty.tar"
    subprocess.run([run.ROOT / "build/host/mkinitrd", "-o", empty, folder],
                   check=True)
    done = line(":", env=run.environment(CAIRN_INITRD=str(empty)))
    assert done.returncode == 127 and b"sh" in done.stderr


@pytest.mark.parametrize("size", [1000, 4097, 600000])
def test_a_truncated_image_is_refused(size, tmp_path):
    cut = tmp_path / "cut.tar"
    cut.write_bytes(IMAGE.read_bytes()[:size])
    done = line(":", env=run.environment(CAIRN_INITRD=str(cut)))
    assert done.returncode == 125


def test_long_names_in_the_image(tmp_path):
    """Directories beyond a header's fields keep their mode."""
    deep = tmp_path / "root" / "/".join(["d" * 60] * 5)
    deep.mkdir(parents=True)
    (deep / "file").write_text("deep\n")
    archive = tmp_path / "deep.tar"
    subprocess.run([run.ROOT / "build/host/mkinitrd", "-o", archive,
                    f"{run.ROOT}/build/ports/dash/root",
                    tmp_path / "root"], check=True)
    guest = "/" + str(deep.relative_to(tmp_path / "root"))
    done = cairn_run("--file", f"{archive}:{guest}/beside", "-c",
                     f"read x <{guest}/file; echo $x; test -f {guest}/beside",
                     env=run.environment(CAIRN_INITRD=str(archive)))
    assert done.stdout == b"deep\n" and done.returncode == 0


@pytest.mark.parametrize("how", ["poweroff", "poweroff -f", "reboot -f",
                                 "halt -f"])
def test_switching_off_is_a_good_end(how):
    done = line(f"echo before; {how}; echo behind")
    assert done.stdout == b"before\n" and done.returncode == 0
