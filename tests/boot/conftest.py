"""What the boot tests share: programs and archives built once, and TAP.

With TEST_TAP in the environment, each test is also a line of TAP, which is
how tests/run-tests.py reads the outcome.  With TEST_LONG in it, tests marked
"long" run too.
"""
import os
import sys

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


def pytest_configure(config):
    config.addinivalue_line("markers", "long: only in check-long")
    config.tap_count = 0


def pytest_collection_modifyitems(items):
    if os.environ.get("TEST_LONG"):
        return
    items[:] = [i for i in items if not i.get_closest_marker("long")]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if not os.environ.get("TEST_TAP"):
        return
    if report.when == "call" or report.outcome != "passed":
        print_tap(item, report)


def print_tap(item, report):
    """One line of TAP, past pytest's capture of standard output."""
    capture = item.config.pluginmanager.getplugin("capturemanager")
    item.config.tap_count += 1
    name = item.nodeid.split("::", 1)[1]
    line = f"{item.config.tap_count} - {name}"
    if report.skipped:
        line = f"ok {line} # SKIP {report.longrepr[2].removeprefix('Skipped: ')}"
    else:
        line = ("ok " if report.passed else "not ok ") + line
    with capture.global_and_fixture_disabled():
        print("\n" + line)
        sys.stdout.flush()


@pytest.fixture(scope="session")
def environ_initrd(tmp_path_factory):
    """An archive with /bin/environ, which prints what it was given."""
    folder = tmp_path_factory.mktemp("environ")
    program = machine.compile_program(ENVIRON, folder / "environ")
    return machine.make_initrd(folder / "initrd.tar",
                               f"{program}=bin/environ")
