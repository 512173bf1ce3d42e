#!/usr/bin/env python3
"""tools/style.py - what docs/style.md asks of C and a machine can tell

    tools/style.py [FOLDER|FILE...]

`make lint` runs it first. It prints a line for each finding, and its exit
status is 1 if there are any:

    a line, comments included, of more than 80 columns
    a contract of the kernel that begins with "Takes" instead of "Take"
    a variable of the kernel named `err`: an error that is passed on is `error`
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("kernel", "tools", "userland", "tests")
FOREIGN = {"ports", "borrowed"}
COLUMNS = 80

# Verbs that a contract would begin with, had it a subject.
THIRD_PERSON = re.compile(
    r"^/\*[\s*]*((?:Adds|Allocates|Appends|Builds|Checks|Clears|Closes|"
    r"Compares|Copies(?! that)|Creates|Drops|Fills|Finds|Frees|Gives|Hands|"
    r"Inserts|Keeps|Leaves|Logs|Makes|Moves|Opens|Parses|Prints|Puts|Reads|"
    r"Receives|Releases|Removes|Returns|Sends|Sets up|Starts|Stores|Takes|"
    r"Turns|Waits|Wakes|Walks|Writes)\b)", re.M)
ERR = re.compile(r"(?<![>.])\b(int err\b|err = )")


def sources(name):
    top = ROOT / name
    for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
        if path.suffix in (".c", ".h", ".S") and path.is_file() and \
                not FOREIGN & set(path.parts):
            yield path


def findings(path):
    text = path.read_text(errors="replace")
    for number, line in enumerate(text.split("\n"), 1):
        width = len(line.expandtabs(8))
        if width > COLUMNS:
            yield number, f"{width} columns"
    if path.relative_to(ROOT).parts[0] != "kernel":
        return
    for match in THIRD_PERSON.finditer(text):
        yield (text.count("\n", 0, match.start(1)) + 1,
               f'a contract begins with "{match[1]}"')
    for match in ERR.finditer(text):
        yield (text.count("\n", 0, match.start()) + 1,
               "the name of an error is `error`")


def main():
    count = 0
    for name in sys.argv[1:] or FOLDERS:
        for path in sources(name):
            for number, what in findings(path):
                print(f"{path.relative_to(ROOT)}:{number}: {what}")
                count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
