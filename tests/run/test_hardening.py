"""What a program in Cairn cannot do to the host: QEMU's sandbox, limits that
hold, and what does not go in unasked."""
import os
import pathlib

import pytest

import programs
from run import cairn_run, environment, processes_with, start, wait_until

RAISE = r"""
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
int main(void)
{
    struct rlimit r = {4 << 20, 4 << 20}, lower = {1 << 20, 1 << 20};
    printf("%d", setrlimit(RLIMIT_DATA, &r));
    printf(" %s", errno == EPERM ? "EPERM" : "other");
    r.rlim_cur = r.rlim_max = RLIM_INFINITY;
    printf(" %d", setrlimit(RLIMIT_DATA, &r));
    printf(" %s", malloc(3 << 20) ? "memory" : "none");
    printf(" %d", setrlimit(RLIMIT_AS, &r));
    printf(" %d", setrlimit(RLIMIT_DATA, &lower));
    r.rlim_cur = r.rlim_max = 2 << 20;
    printf(" %d\n", setrlimit(RLIMIT_DATA, &r));
    return 0;
}
"""

MODES = r"""
#include <stdio.h>
#include <sys/stat.h>
int main(int argc, char **argv)
{
    struct stat st;
    for (int i = 0; i < argc; i++)
        if (stat(argv[i], &st) == 0)
            printf("%o\n", (unsigned)st.st_mode & 07777);
    return 0;
}
"""

ENVIRONMENT = r"""
#include <stdio.h>
extern char **environ;
int main(void)
{
    for (char **p = environ; *p; p++)
        puts(*p);
    return 0;
}
"""

CRASHES = r"""
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    for (int i = 0; i < atoi(argv[1]); i++) {
        if (vfork() == 0)
            *(volatile int *)0 = 1;
        wait(NULL);
    }
    return 0;
}
"""


def seccomp_of(process):
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return [line.split()[1] for line in status.splitlines()
            if line.startswith(("Seccomp:", "NoNewPrivs:"))]


def test_the_emulator_is_in_its_sandbox(build):
    program = build("cat", programs.CAT)
    with start("--append", "mark=sandbox-test", program) as run:
        found = wait_until(lambda: [
            process for process in processes_with("mark=sandbox-test")
            if process != run.pid and seccomp_of(process) == ["1", "2"]])
        run.communicate(b"")
    assert found and run.returncode == 0


def test_an_emulator_without_a_sandbox(build, tmp_path):
    """It refuses the option, as one that is built without it."""
    script = tmp_path / "old"
    script.write_text("""#!/bin/sh
        case "$*" in *-sandbox*)
            echo "qemu: -sandbox: sandboxing is not supported" >&2; exit 1;;
        esac
        exec qemu-system-i386 "$@"
        """)
    script.chmod(0o755)
    done = cairn_run(build("cat", programs.CAT), input=b"all of it",
                     env=environment(QEMU=str(script)))
    assert (done.stdout, done.stderr, done.returncode) == \
        (b"all of it", b"", 0)


def test_messages_of_the_emulator_are_bounded(build, tmp_path):
    script = tmp_path / "loud"
    script.write_text("#!/bin/sh\necho first\nyes | head -c 3000000\nexit 1\n")
    script.chmod(0o755)
    done = cairn_run(build("cat", programs.CAT),
                     env=environment(QEMU=str(script)))
    assert done.returncode == 125
    assert b"first" in done.stderr and 1000 < len(done.stderr) < 300000


def test_a_limit_cannot_be_raised(build):
    done = cairn_run("--limit", "data=2M", build("raise", RAISE))
    assert done.stdout == b"-1 EPERM -1 none 0 0 0\n"


def test_set_id_bits_stay_on_the_host(build, tmp_path):
    (tmp_path / "tree").mkdir(mode=0o755)
    os.chmod(tmp_path / "tree", 0o3755)
    for name, mode in ("user", 0o4755), ("group", 0o2755), ("plain", 0o640):
        (tmp_path / "tree" / name).write_text("x")
        os.chmod(tmp_path / "tree" / name, mode)
    program = tmp_path / "modes"
    program.write_bytes(build("modes", MODES).read_bytes())
    os.chmod(program, 0o6755)
    done = cairn_run("--dir", f"{tmp_path}/tree:/t", "--file",
                     f"{tmp_path}/tree/user:/u", program, "/t/user",
                     "/t/group", "/t/plain", "/u")
    assert done.stdout.split() == [b"755", b"755", b"755", b"640", b"755"]


def test_env_clear(build):
    program = build("environment", ENVIRONMENT)
    env = environment(SECRET="of the host")
    assert b"SECRET=of the host" in cairn_run(program, env=env).stdout
    done = cairn_run("--env-clear", "--env", "A=b", program, env=env)
    assert done.stdout == b"A=b\n"
    assert cairn_run("--env-clear", program, env=env).stdout == b""
    done = cairn_run("--env-clear", "-c", "env", env=env)
    assert b"SECRET" not in done.stdout and b"PATH=/bin" in done.stdout


def test_a_log_is_kept_whole(build, tmp_path):
    log = tmp_path / "log"
    done = cairn_run("--log", log, build("crashes", CRASHES), "3")
    assert done.returncode == 0
    text = log.read_text()
    assert text.count("SIGSEGV") == 3 and "left out" not in text


USERS_CRASHES = r"""
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (setuid(1000) != 0)
        return 1;
    for (int i = 0; i < 200; i++) {
        if (fork() == 0)
            *(volatile int *)0 = 1;
        wait(NULL);
    }
    return 0;
}
"""


def test_a_user_does_not_fill_the_log(build, tmp_path):
    """Of a user's programs ten crashes a second are told."""
    log = tmp_path / "log"
    done = cairn_run("--log", log, build("users_crashes", USERS_CRASHES))
    assert done.returncode == 0
    assert 1 <= log.read_text().count("SIGSEGV") < 200


FLOOD = r"""#!/usr/bin/env python3
import os, re, sys
log = int(re.search(r"socket,id=log,fd=(\d+)", " ".join(sys.argv))[1])
os.write(log, b"the first line\n")
for i in range(40):
    data = (b"%07d\n" % i) * (1 << 17)
    while data:
        data = data[os.write(log, data):]
os.write(log, b"the last line\n")
"""


def test_a_log_is_bounded(build, tmp_path):
    script = tmp_path / "flood"
    script.write_text(FLOOD)
    script.chmod(0o755)
    log = tmp_path / "log"
    done = cairn_run("--log", log, build("cat", programs.CAT),
                     env=environment(QEMU=str(script)))
    assert done.returncode == 125
    text = log.read_text()
    assert len(text) <= 16 << 20
    assert text.startswith("the first line\n")
    assert text.endswith("the last line\n")
    whole = 15 + 14 + 40 * (8 << 17)
    left_out = int(text.split("cairn-run: ")[1].split()[0])
    note = len(f"\ncairn-run: {left_out} bytes are left out here\n")
    assert len(text) - note + left_out == whole


ENDLESS = r"""#!/usr/bin/env python3
import os, re, sys
fd = int(re.search(r"socket,id=%s,fd=(\d+)", " ".join(sys.argv))[1])
data = %s
while True:
    os.write(fd, data)
"""


@pytest.mark.parametrize("which, data", [
    ("log", 'b"all is well\\n" * 1000'),
    ("run", 'b"\\x08\\0\\0\\0H\\0\\0\\0\\2" + bytes(7) + b"\\0\\0\\0\\0O" + bytes(3)'),
])
def test_a_flood_does_not_hold_up_the_timeout(build, tmp_path, which, data):
    script = tmp_path / "flood"
    script.write_text(ENDLESS % (which, data))
    script.chmod(0o755)
    done = cairn_run("--timeout", "1", build("cat", programs.CAT),
                     env=environment(QEMU=str(script)))
    assert done.returncode in (124, 125)
