"""What the tests of cairn-run share: programs built once, and TAP.

With TEST_TAP in the environment each test is also a line of TAP, for
tests/run-tests.py; with TEST_LONG those marked "long" run too.
"""
import os
import subprocess

import pytest

import run

numbers = {"tap": 0}


def pytest_configure(config):
    config.addinivalue_line("markers", "long: only in check-long")


def pytest_collection_modifyitems(items):
    if not os.environ.get("TEST_LONG"):
        items[:] = [i for i in items if not i.get_closest_marker("long")]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if not os.environ.get("TEST_TAP"):
        return
    if report.when != "call" and report.outcome == "passed":
        return
    numbers["tap"] += 1
    name = item.nodeid.split("::", 1)[1]
    line = f"{numbers['tap']} - {name}"
    if report.skipped:
        line = f"ok {line} # SKIP {report.longrepr[-1]}"
    else:
        line = f"{'not ' if report.failed else ''}ok {line}"
    with item.config.pluginmanager.getplugin("capturemanager") \
            .global_and_fixture_disabled():
        print(line, flush=True)


@pytest.fixture(scope="session")
def build(tmp_path_factory):
    """build("name", source) compiles a C program for Cairn, once."""
    folder = tmp_path_factory.mktemp("programs")

    def compile_once(name, source):
        program = folder / name
        if not program.exists():
            program.with_suffix(".c").write_text(source)
            subprocess.run([run.CC, "-O2", "-Wall", program.with_suffix(".c"),
                            "-o", program], check=True)
        return program

    return compile_once
