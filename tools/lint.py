#!/usr/bin/env python3
"""tools/lint.py - what `make lint` runs: three checkers of C

    tools/lint.py COMPILE_COMMANDS.json [FOLDER|FILE...]

Runs cppcheck, gcc -fanalyzer and clang-tidy over the files of this repository
that the compilation database names, or over those of them that are given. A
finding that tools/lint.known lists, with the reason why it is not a fault, is
left out; so is a line of that list that no longer matches, but it is said.

Exit status: 0 without findings, 1 with some, 2 when a checker is missing.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KNOWN = ROOT / "tools/lint.known"
FOLDERS = ("kernel/", "tools/", "userland/", "newlib-port/src/",
           "newlib-port/malloc/")
FINDING = re.compile(r"^(?:\./)?([\w./+-]+\.[ch]):(\d+)(?::\d+)?: "
                     r"(?:warning|error|performance|portability): "
                     r"(.*?)(?: \[CWE-\d+\])? \[(?:-W)?([\w.,-]+)\]$")


def run(command):
    done = subprocess.run(command, cwd=ROOT, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def cppcheck(entry, database):
    del database
    flags = [word for word in entry["arguments"] if word.startswith("-D")]
    folders = [word for word in entry["arguments"] if word.startswith("-I")]
    return run(["cppcheck", "--quiet", "--std=c11", "--inline-suppr",
                "--enable=warning,performance,portability",
                "--suppress=missingIncludeSystem", "--template="
                "{file}:{line}: {severity}: {message} [{id}]",
                *flags, *folders, entry["file"]])


def analyzer(entry, database):
    del database
    words = entry["arguments"]
    output = words.index("-o") if "-o" in words else None
    if output is not None:
        words = words[:output] + words[output + 2:]
    words = [word for word in words
             if word not in ("-c", "-MP", "-Werror", "-g", "-shared")]
    return run([*words, "-fanalyzer", "-fdiagnostics-plain-output", "-S",
                "-o", "/dev/null"])


def tidy(entry, database):
    """Programs for Cairn are seen with Cairn's headers."""
    headers = []
    if entry["file"].startswith(("newlib-port/", "userland/")):
        headers = ["-nostdlibinc", "-isystem", str(ROOT / "sysroot/usr/include")]
    return run(["clang-tidy", "--quiet", "-p", str(database.parent),
                *(f"--extra-arg={word}" for word in headers), entry["file"]])


CHECKERS = {"cppcheck": cppcheck, "gcc": analyzer, "clang-tidy": tidy}


def read_known():
    """{(file, id): reason}"""
    known = {}
    for line in KNOWN.read_text().splitlines():
        if line and not line.startswith("#"):
            path, name, reason = line.split(None, 2)
            known[path, name] = reason
    return known


def findings(entry, database):
    found = set()
    for check in CHECKERS.values():
        for line in check(entry, database).splitlines():
            match = FINDING.match(line.replace(str(ROOT) + "/", ""))
            if match and match[1].startswith(FOLDERS):
                path, number, message, name = match.groups()
                found.add((path, int(number), name, message))
    return found


def main():
    database = pathlib.Path(sys.argv[1]).resolve()
    chosen = tuple(sys.argv[2:])
    for program in ("cppcheck", "clang-tidy"):
        if shutil.which(program) is None:
            print(f"lint: {program} is not installed", file=sys.stderr)
            return 2
    entries = [entry for entry in json.loads(database.read_text())
               if entry["file"].startswith(chosen or FOLDERS)]
    known, used, found = read_known(), set(), set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for some in pool.map(lambda e: findings(e, database), entries):
            found |= some
    failed = 0
    for path, number, name, message in sorted(found):
        if (path, name) in known:
            used.add((path, name))
        else:
            failed += 1
            print(f"{path}:{number}: {message} [{name}]")
    if not chosen:
        for path, name in sorted(set(known) - used):
            print(f"lint.known: {path} {name}: no longer found")
    print(f"{len(entries)} files, {failed} findings, "
          f"{len(used)} known ones that are not faults")
    return 1 if failed else 0


sys.exit(main())
