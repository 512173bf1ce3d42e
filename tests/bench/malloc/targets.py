#!/usr/bin/env python3
"""Say for each target of the allocator whether it is met.

usage: targets.py DIRECTORY NEWLIB-BENCH

DIRECTORY holds bench, misuse and perobj linked with the allocator, libcore.a,
step (a program of the host), and compare.json as compare.py --json writes it,
with the allocator first.  A target that is missed is said to be, and by how
much; that is a result and not a failure of this program.
"""
import json
import math
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile

import compare

SIZES = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 256, 320,
         384, 512, 768, 1024]
CODE = ("malloc free calloc realloc memalign aligned_alloc posix_memalign "
        "malloc_usable_size").split()
# The system, newlib's names and the mode that is not the default.
NOT_CODE = re.compile(r"(os_\w+|check\w*|lock|reent\w*)\.o$")
NM = os.environ.get("CROSS", "i686-linux-gnu-")


def say(what, value, target, unit=""):
    verdict = "met" if value <= target else f"MISSED by {value - target:.4g}"
    print(f"{what:<44}{value:10.4g}{target:10.4g} {unit:<6} {verdict}",
          flush=True)


def output(*command, **more):
    return subprocess.run(command, capture_output=True, text=True,
                          errors="replace", check=False, **more)


def worst_call(where):
    """The longest single malloc or free of workload lat, of 1.5 M steps."""
    text = output(f"{where}/step", f"{where}/bench", "lat", "100",
                  "1000000").stdout
    return max((int(n) for n in re.findall(r"max=(\d+)", text)),
               default=math.inf)


def code_size(where):
    """KiB of the members that the functions need: core, and all of them."""
    with tempfile.NamedTemporaryFile() as out:
        undefined = [word for name in CODE for word in ("-u", name)]
        linked = output(NM + "ld", "-m", "elf_i386", "-r", *undefined,
                        f"{where}/libcore.a", "-o", out.name, "-M")
    members = set(re.findall(r"libcore\.a\((\S+\.o)\)", linked.stdout))
    sizes = {}
    for line in output(NM + "size", f"{where}/libcore.a").stdout.splitlines():
        part = line.split()
        if len(part) > 5 and part[5] in members:
            sizes[part[5]] = int(part[0])
    core = sum(n for name, n in sizes.items() if not NOT_CODE.match(name))
    return core / 1024, sum(sizes.values()) / 1024


def per_object(where):
    ratios = []
    for n in SIZES:
        text = output(f"{where}/perobj", str(n)).stdout
        ratios.append(float(re.search(r"obj=([\d.]+)", text)[1]) / n)
    return compare.geomean(ratios)


def is_caught(where, case, env=None):
    """One line on stderr, and SIGABRT."""
    done = output(f"{where}/misuse", str(case), env=env)
    return (done.returncode == -signal.SIGABRT and
            re.fullmatch(r"malloc: .+\n", done.stderr) is not None)


def misuse_missed(where):
    """How many of the cases do not end as they must, in both modes."""
    missed = 0
    for case in range(1, 9):
        harmless = (case in (6, 7) and
                    output(f"{where}/misuse", str(case)).returncode == 0)
        missed += not harmless and not is_caught(where, case)
        missed += not is_caught(where, case, {"MALLOC_CONF": "check"})
    return missed


def wall(bench):
    return int(re.search(r"us=(\d+)", output(bench, "big").stdout)[1])


def wall_of_big(where, newlib):
    """Time of big beside newlib's, the median of rounds in turn."""
    return statistics.median(wall(f"{where}/bench") / wall(newlib)
                             for _ in range(7))


def main():
    where, newlib_bench = sys.argv[1:]
    newlib = {work: row["nl"] for work, row in
              compare.peers()["instructions_per_call"].items()}
    with open(os.path.join(where, "compare.json"), encoding="utf-8") as file:
        ours = next(iter(json.load(file).values()))
    cost, memory = ours["cost"], ours["memory"]
    peak = {w: memory[w][0] / memory[w][2] for w in compare.MEMORY}

    print(f'\n{"target":<44}{"ours":>10}{"target":>10}')
    say("1 malloc and free, steady small", 2 * cost["pairl"], 34, "instr")
    for name, works, target in (
            ("2 nine small workloads / newlib", compare.SMALL, 0.24),
            ("3 all thirteen workloads / newlib", compare.ALL, 0.35)):
        say(name, compare.geomean([cost[w] / newlib[w] for w in works]),
            target)
    say("4 peak memory / live", compare.geomean(peak.values()), 1.18)
    say("5 phase", peak["phase"], 1.70)
    say("6 frag", peak["frag"], 1.52)
    say("7 tiny process", memory["tiny"][0], 20, "KiB")
    say("7 first malloc", memory["first"][0], 4, "KiB")
    say("8 worst single call", worst_call(where), 250, "instr")
    core, closure = code_size(where)
    say("9 code", core, 6, "KiB")
    print(f"    with check mode and the system's part{closure:17.4g}")
    say("10 misuse that is not caught", misuse_missed(where), 0, "cases")
    say("11 left after freeing all, worst workload",
        max(memory[w][1] for w in compare.MEMORY), 64, "KiB")
    say("11 time of big / newlib's", wall_of_big(where, newlib_bench), 1)
    say("12 realloc to 4 MiB, a block above it",
        compare.instructions(f"{where}/bench", "above"), 250, "instr")
    say("13 bytes per object", per_object(where), 1.10)


if __name__ == "__main__":
    main()
