#!/usr/bin/env python3
"""Runs Cairn's tests and adds them up: what `make check` calls.

    run-tests.py [options] [PATTERN ...]

Every test, wherever it runs, speaks TAP ("ok 1 - what", "not ok 2 - what",
"ok 3 - what # SKIP why", and the plan "1..3"), and the lines are counted
here.  There are nine suites, run in this order:

    host   tests/host, by `make test-host`: pure modules of the kernel and
           other code, as programs of this machine with sanitizers
    guest  each tests/guest/NAME.c, by cairn-run in a Cairn of its own
    linux  the same binary on this machine, where its source says so
    boot   tests/boot, by pytest: whole machines
    run    tests/run, by pytest: cairn-run
    cpus   the guest tests on other processors, in check-long or when named
    ubsan  the same on a kernel built with the undefined behaviour sanitizer
    kasan  the same on one built with the address sanitizer
    asan   the guest tests of the C library, on this machine, linked with a
           library that has both sanitizers

A guest test passes when every line of its TAP does, the plan is kept, its
exit status is 0 and all memory has come back when it has ended.  A comment line of its first 60 source lines may ask for
something else; every such line is one run:

     * test: linux             in Cairn, and on this Linux too
     * test: run="-m 8M"       with these options for cairn-run
     * test: kvm               in Cairn by --accel kvm, skipped without it
     * test: icount            in a machine whose time counts instructions
     * test: timeout=200       seconds; 120 unless said
     * test: status=134        ends with this status (then TAP is optional)
     * test: args="a 'b c'"    with these arguments
     * test: stdin="text\\n"    with this on stdin, else nothing
     * test: name=small        for a second run, to tell it from the first
     * test: long              only in check-long

Words of one line belong together: "linux timeout=200" is one run twice.
Without such a line a test runs once, in Cairn.  A test may do more when
TEST_LONG is in its environment, as it is in check-long.

PATTERNs choose tests by name, as the progress shows them: 'guest/sbrk*'.
The last line of the output is "N passed, N failed, N skipped"; the exit
status is 1 if anything failed, or if nothing ran.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE = re.compile(rb"^(not )?ok\b *(\d+)? *(?:- *)?(.*?)"
                  rb"(?: *# *(skip|todo)\S* *(.*))?$", re.I)
PLAN = re.compile(rb"^1\.\.(\d+) *(?:# *skip\S* *(.*))?$", re.I)
sys.path.insert(0, str(ROOT / "tests/boot"))
import machine  # noqa: E402 (it lies in a folder of its own)

COLOURS = {"ok": "32", "FAIL": "31;1", "skip": "33"}


class Result:
    """What became of one program: counts, and what to show of failures."""

    def __init__(self, name):
        self.name = name
        self.passed = self.failed = self.skipped = 0
        self.notes = []
        self.reason = ""
        self.seconds = 0.0

    def fail(self, note):
        self.failed += 1
        self.notes.append(note)

    def skip(self, reason):
        self.skipped += 1
        self.reason = reason

    def read_tap(self, output, strict):
        """Counts TAP lines; `strict`: of one program, which keeps its plan."""
        planned = None
        seen = 0
        for line in output.splitlines():
            plan = PLAN.match(line)
            test = LINE.match(line)
            if plan:
                planned = int(plan[1])
                if planned == 0:
                    self.skip(text(plan[2] or b""))
            elif test:
                seen += 1
                self.count(test)
            elif self.failed and line.startswith(b"#"):
                self.notes.append("  " + text(line))
            elif line.startswith(b"Bail out!"):
                self.fail(text(line))
        if strict and planned is None and seen:
            self.fail("no plan: the program has ended early")
        if strict and planned is not None and planned != seen:
            self.fail(f"planned {planned} tests, ran {seen}")

    def count(self, test):
        failed, number, what, directive, why = test.groups()
        if directive and directive.lower() == b"skip":
            self.skip(f"{text(what)}: {text(why or b'')}")
        elif failed and not directive:
            self.fail(f"not ok {text(number or b'')} {text(what)}")
        else:
            self.passed += 1


def text(raw):
    return raw.decode(errors="backslashreplace")


class Report:
    """Shows one line for each program as it ends, and the sum at the end."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.colour = sys.stdout.isatty()

    def show(self, result):
        self.passed += result.passed
        self.failed += result.failed
        self.skipped += result.skipped
        word = ("FAIL" if result.failed else
                "ok" if result.passed else "skip")
        painted = (f"\033[{COLOURS[word]}m{word:4}\033[0m" if self.colour
                   else f"{word:4}")
        counts = [f"{n} {what}" for n, what in
                  ((result.passed, "passed"), (result.failed, "failed"),
                   (result.skipped, "skipped")) if n]
        detail = ", ".join(counts) or "no tests"
        if result.reason:
            detail += f" ({result.reason})"
        print(f"  {painted}  {result.name:32} {result.seconds:6.1f} s  "
              f"{detail}")
        for note in result.notes:
            print(f"        {note}")
        sys.stdout.flush()

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed, "
              f"{self.skipped} skipped")
        return 1 if self.failed or not self.passed else 0


def what_is_left(process):
    """The output of a killed program, whose own children may live on."""
    try:
        return process.communicate(timeout=5)
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", late.stderr or b""


def run_program(name, command, *, stdin=b"", timeout=60, status=0, env=None):
    """Runs one TAP program and judges it."""
    result = Result(name)
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT,
                               stdout=subprocess.PIPE, env=env,
                               stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = what_is_left(process)
        process.wait()
        result.fail(f"no end within {timeout} seconds")
    result.seconds = time.monotonic() - begin
    result.read_tap(out, strict=True)
    tap = result.passed + result.failed + result.skipped
    got = process.returncode
    if got < 0:
        got = 128 - got  # as a shell and cairn-run report a signal
    if got != status and not (result.failed and got == 1):
        result.fail(f"exit status {got}, not {status}")
    elif not tap:
        result.passed += 1
    if result.failed:
        said = [line for line in (err or out).splitlines()
                if not LINE.match(line)]
        result.notes += ["| " + text(line) for line in said[-25:]]
        result.notes.append("again: " + shlex.join(map(str, command)))
    return result


# ---- guest and linux -------------------------------------------------------

class Run:
    """One line "test: ..." of a guest test's source."""

    def __init__(self, source, line):
        self.program = source.stem
        self.words = set()
        self.values = {}
        for word in shlex.split(line):
            key, equals, value = word.partition("=")
            if equals:
                self.values[key] = value
            else:
                self.words.add(word)
        unknown = (self.words - {"linux", "kvm", "icount", "long"} |
                   self.values.keys() - {"run", "timeout", "status", "args",
                                         "stdin", "name"})
        if unknown:
            sys.exit(f"{source}: unknown word in its test line: "
                     f"{', '.join(sorted(unknown))}")

    def name(self, suite, cpu=None):
        name = f"{suite}/{self.program}"
        for part in (self.values.get("name"),
                     "kvm" if "kvm" in self.words else None, cpu):
            if part:
                name += "." + part
        return name

    def execute(self, name, command, options, kernel=None):
        stdin = self.values.get("stdin", "")
        stdin = stdin.encode().decode("unicode_escape").encode("latin-1")
        env = dict(os.environ)
        if options.long:
            env["TEST_LONG"] = "1"
        folder = options.build
        if kernel == "sanitized":
            folder /= kernel
        elif kernel:
            env["CAIRN_KERNEL"] = str(variant(options, kernel))
        if "icount" in self.words and command:
            env["ICOUNT_QEMU"] = machine.QEMU
            env["QEMU"] = str(ROOT / "tests/icount-qemu")
        return run_program(
            name,
            [*command, folder / "guest" / self.program,
             *shlex.split(self.values.get("args", ""))],
            stdin=stdin, env=env, timeout=self.timeout(options, kernel) + 20,
            status=int(self.values.get("status", 0)))

    def timeout(self, options, kernel=None):
        """Ten times as long in check-long, five times with a sanitizer."""
        seconds = int(self.values.get("timeout", 120))
        return seconds * (10 if options.long else 5 if kernel else 1)

    def in_cairn(self, options, cpu=None, kernel=None):
        suite = "cpus" if cpu else kernel or "guest"
        name = self.name(suite, cpu)
        command = [options.build / "host" / "cairn-run", "--append",
                   "leakcheck", "--timeout",
                   str(self.timeout(options, kernel)),
                   *shlex.split(self.values.get("run", ""))]
        if cpu:
            command += ["--cpu", cpu]
        if "kvm" in self.words:
            if not machine.has_kvm():
                result = Result(name)
                result.skip("/dev/kvm is absent or cannot run 32-bit guests")
                return result
            command += ["--accel", "kvm"]
        if options.long:
            command += ["--env", "TEST_LONG=1"]
        return self.execute(name, command, options, kernel)

    def with_sanitizers(self, options):
        return self.execute(self.name("asan"), [], options, "sanitized")

    def on_linux(self, options):
        return self.execute(self.name("linux"), [], options)


def list_runs(options):
    """All runs that the sources in tests/guest ask for."""
    marker = re.compile(r"^\s*(?:/?\*|//)\s*test:\s*(.*?)\s*(?:\*/)?$")
    for source in sorted((ROOT / "tests/guest").glob("*.c")):
        lines = source.read_text(errors="replace").splitlines()[:60]
        marked = [match[1] for match in map(marker.match, lines) if match]
        for line in marked or [""]:
            run = Run(source, line)
            if options.long or "long" not in run.words:
                yield run


def run_all(calls, options, report):
    """Runs calls side by side; shows results in the order of the list."""
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for future in [pool.submit(*call) for call in calls]:
            report.show(future.result())


def suite_guest(options, report):
    run_all([(run.in_cairn, options) for run in list_runs(options)
             if wanted(run.name("guest"), options)], options, report)


def suite_linux(options, report):
    run_all([(run.on_linux, options) for run in list_runs(options)
             if "linux" in run.words and
             wanted(run.name("linux"), options)], options, report)


# Processors without a thing that the kernel uses where it is there, and old
# ones.
CPUS = ("qemu32", "pentium3", "max,-nx", "max,-smep", "max,-smap",
        "max,-umip", "max,-pge", "max,-pse", "max,-fxsr,-sse,-sse2")


def suite_cpus(options, report):
    run_all([(run.in_cairn, options, cpu) for run in list_runs(options)
             for cpu in CPUS if "--cpu" not in run.values.get("run", "") and
             "kvm" not in run.words and
             wanted(run.name("cpus", cpu), options)], options, report)


def variant(options, name):
    """The kernel that is built with this sanitizer."""
    return options.build / f"kernel-{name}/cairn.elf"


def suite_variant(name, options, report):
    """The guest tests on a kernel with a sanitizer, but for exact times."""
    runs = [run for run in list_runs(options)
            if not run.words & {"kvm", "icount"} and
            wanted(run.name(name), options)]
    if runs:
        subprocess.run(["make", "-s", f"{name.upper()}=1",
                        variant(options, name)], cwd=ROOT, check=True)
    run_all([(run.in_cairn, options, None, name) for run in runs],
            options, report)


def suite_ubsan(options, report):
    suite_variant("ubsan", options, report)


def suite_kasan(options, report):
    suite_variant("kasan", options, report)


def suite_asan(options, report):
    """Tests of the C library, and of what has much of it, with sanitizers."""
    programs = ("libc_*", "aio", "mqueues", "pthread_*", "pty", "timers",
                "process", "proc_process", "signals", "fs_file", "fs_names")
    runs = [run for run in list_runs(options)
            if "linux" in run.words and wanted(run.name("asan"), options) and
            any(fnmatch.fnmatch(run.program, p) for p in programs)]
    folder = options.build / "sanitized"
    if runs:
        subprocess.run(["make", "-s", *{folder / "guest" / run.program
                                        for run in runs}],
                       cwd=ROOT, check=True)
    run_all([(run.with_sanitizers, options) for run in runs], options, report)


# ---- host and boot ---------------------------------------------------------

def stream(name, command, options, report, env=None):
    """Runs a command that prints the TAP of many programs.

    A comment "# suite NAME" begins a new program in the progress.
    """
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=ROOT,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT,
                               env={**os.environ, **(env or {})})
    parts = [[name, time.monotonic(), []]]
    failed = False
    for line in process.stdout:
        match = re.match(rb"# suite (\S+)", line)
        if match:
            failed |= show_part(parts.pop(), report, None)
            parts.append([f"{name}/{text(match[1])}", time.monotonic(), []])
        parts[-1][2].append(line.rstrip(b"\n"))
    status = process.wait()
    show_part(parts.pop(), report, 0 if failed and status == 1 else status)


def show_part(part, report, status):
    """Reports the TAP of one program; says whether anything failed."""
    name, begin, lines = part
    result = Result(name)
    result.seconds = time.monotonic() - begin
    result.read_tap(b"\n".join(lines), strict=False)
    if status and not result.failed:
        result.fail(f"exit status {status}")
        result.notes += ["| " + text(line) for line in lines[-25:]]
    if result.passed or result.failed or result.skipped or status == 0:
        report.show(result)
    return bool(result.failed)


def suite_host(options, report):
    if not wanted("host", options):
        return
    env = {"TEST_LONG": "1"} if options.long else {}
    stream("host", ["make", "-s", "--no-print-directory", "test-host"],
           options, report, {**env, "MAKEFLAGS": "", "MFLAGS": ""})


def suite_pytest(name, options, report):
    patterns = [p[len(name) + 1:] for p in options.patterns
                if p.startswith(name + "/")]
    if not wanted(name, options) and not patterns:
        return
    env = {"TEST_TAP": "1"}
    if options.long:
        env["TEST_LONG"] = "1"
    command = [sys.executable, "-m", "pytest", "-q", f"tests/{name}"]
    if patterns:
        command += ["-k", " or ".join(patterns)]
    stream(name, command, options, report, env)


def suite_boot(options, report):
    suite_pytest("boot", options, report)


def suite_run(options, report):
    suite_pytest("run", options, report)


SUITES = {"host": suite_host, "guest": suite_guest, "linux": suite_linux,
          "boot": suite_boot, "run": suite_run, "cpus": suite_cpus,
          "ubsan": suite_ubsan, "kasan": suite_kasan, "asan": suite_asan}

# Suites that run only in check-long, or when a pattern names them.
LONG_SUITES = {"cpus", "ubsan", "kasan", "asan"}


def wanted(name, options):
    return not options.patterns or any(
        fnmatch.fnmatch(name, pattern) or
        fnmatch.fnmatch(name.split("/")[0], pattern)
        for pattern in options.patterns)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN")
    parser.add_argument("--build", type=pathlib.Path, default="build")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    # Programs under test start with these at their defaults, also when this
    # one was started in the background or by nohup, which ignore them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM:
        signal.signal(number, signal.SIG_DFL)
    report = Report()
    named = {pattern.split("/")[0] for pattern in options.patterns}
    try:
        for name, suite in SUITES.items():
            if options.long or name not in LONG_SUITES or name in named:
                suite(options, report)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        report.failed += 1
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
