#!/usr/bin/env python3
"""tools/compile-commands.py - what clangd needs to know about each C file

    make -nB V=1 TARGET... | tools/compile-commands.py >compile_commands.json

Reads the commands that make would run and writes those that compile one C
file in the format of Clang's compilation database
(https://clang.llvm.org/docs/JSONCompilationDatabase.html).
"""
import json
import os
import shlex
import sys


def entries(lines, folder):
    for line in lines:
        try:
            words = shlex.split(line)
        except ValueError:
            continue  # a line of a shell script
        if not words or not words[0].endswith(("gcc", "cc")):
            continue
        sources = [word for word in words if word.endswith(".c")]
        if len(sources) != 1 or not os.path.exists(sources[0]):
            continue
        yield {"directory": folder, "file": sources[0],
               "arguments": [word for word in words if word != "-MMD"]}


def main():
    found = {}
    for entry in entries(sys.stdin, os.getcwd()):
        found.setdefault(entry["file"], entry)
    if not found:
        sys.exit("compile-commands.py: no command compiles a C file")
    json.dump(list(found.values()), sys.stdout, indent=1)
    print()


main()
