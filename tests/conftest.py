"""What all of pytest's tests share: the long ones wait, and TAP.

With TEST_TAP in the environment, each test is also a line of TAP, which is
how tests/run-tests.py reads the outcome.  With TEST_LONG in it, tests marked
"long" run too.
"""
import os
import sys

import pytest


def pytest_configure(config):
    config.tap_count = 0
    config.tap_file = None


def pytest_collection_modifyitems(items):
    if not os.environ.get("TEST_LONG"):
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
    """One line of TAP, and why it failed, past pytest's own capture."""
    config = item.config
    name = item.nodeid.split("::", 1)[1]
    lines = []
    if config.tap_file != item.path.stem:
        config.tap_file = item.path.stem
        lines.append(f"# suite {item.path.stem.removeprefix('test_')}")
    config.tap_count += 1
    line = f"{config.tap_count} - {name}"
    if report.skipped:
        reason = report.longrepr[2].removeprefix("Skipped: ")
        lines.append(f"ok {line} # SKIP {reason}")
    elif report.passed:
        lines.append(f"ok {line}")
    else:
        lines.append(f"not ok {line}")
        lines += ["# " + l for l in report.longreprtext.splitlines()[-40:]]
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("\n" + "\n".join(lines))
        sys.stdout.flush()
