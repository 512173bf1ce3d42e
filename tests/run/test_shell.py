"""/bin/sh for a program that is alone in Cairn."""
import pytest

from run import cairn_run

SYSTEM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
int main(void)
{
    char line[100] = "";
    int status = system("echo from the shell; exit 3");
    FILE *pipe = popen("echo through a pipe", "r");

    printf("%d\n", WEXITSTATUS(status));
    fgets(line, sizeof(line), pipe);
    printf("%s", line);
    return pclose(pipe);
}
"""

# The name is made up at run time, and no exec function of the library is used.
HIDDEN = r"""
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void)
{
    char path[] = "/bin-sh";
    char *argv[] = {path, "-c", "echo found", NULL}, *envp[] = {NULL};

    path[4] = '/';
    syscall(SYS_execve, path, argv, envp);
    syscall(SYS_execve, path, argv, envp);
    return 9;
}
"""


def test_a_program_that_runs_the_shell_has_one(build):
    done = cairn_run(build("system", SYSTEM))
    assert done.stdout == b"from the shell\n3\nthrough a pipe\n"
    assert done.stderr == b"" and done.returncode == 0


def test_one_that_hides_it(build):
    hidden = build("hidden", HIDDEN)
    done = cairn_run(hidden)
    assert done.returncode == 9
    assert done.stderr.count(b"/bin/sh") == 1 and b"--shell" in done.stderr
    done = cairn_run("--shell", hidden)
    assert done.stdout == b"found\n" and done.stderr == b""


def test_the_programs_of_the_image(build):
    source = SYSTEM.replace("echo from the shell", "seq 3 | tac")
    done = cairn_run("--image", build("sequence", source))
    assert done.stdout.startswith(b"3\n2\n1\n")


@pytest.mark.parametrize("first, options, said", [
    ("#!/bin/sh", [], b"<a><b c>2\n"),
    ("#! /bin/sh -f ", [], b"<a><b c>2\n"),
    ("#!/bin/ash", ["--image"], b"<a><b c>2\n"),
])
def test_scripts(tmp_path, first, options, said):
    script = tmp_path / "script"
    script.write_text(first + "\nprintf '<%s>' \"$@\"; echo $#\n")
    script.chmod(0o755)
    done = cairn_run(*options, script, "a", "b c")
    assert done.stdout == said and done.stderr == b""


def test_a_script_without_its_interpreter(tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/perl\n")
    script.chmod(0o755)
    done = cairn_run(script)
    assert done.returncode == 127 and b"No such file" in done.stderr
