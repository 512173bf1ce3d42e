"""What the boot tests share: programs and archives built once."""
import pytest

import machine

ENVIRON = r"""
#include <stdio.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("arg %d=[%s]\n", i, argv[i]);
    for (char **word = environ; *word; word++)
        printf("env [%s]\n", *word);
    printf("break %p\n", sbrk(0));
    printf("init has run\n");
    return 7;
}
"""


@pytest.fixture(scope="session")
def environ_initrd(tmp_path_factory):
    """An archive with /bin/environ, which prints what it was given."""
    folder = tmp_path_factory.mktemp("environ")
    program = machine.compile_program(ENVIRON, folder / "environ")
    return machine.make_initrd(folder / "initrd.tar",
                               f"{program}=bin/environ")
