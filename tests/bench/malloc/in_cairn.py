#!/usr/bin/env python3
"""Run the workloads inside Cairn, and count everything they take.

usage: in_cairn.py BUILD-FOLDER NAME ...

Each BUILD-FOLDER/bench/malloc/in-NAME is bench.c linked for Cairn with one
allocator, user-NAME the same with an sbrk() of its own.  in-NAME is the first
program of a Cairn of 512 MiB in a QEMU with -icount, where the time stamp
counter counts instructions: read before and after a workload, it has counted
the workload, the allocator, system calls, page faults and clock ticks.

user-NAME runs on this machine under callgrind, which counts what is done in
user mode, the workload and the allocator apart.  So there are two figures for
each call to the allocator: the allocator's own instructions, and the kernel's,
which is all that Cairn has counted less all that callgrind has.  A page fault
is the kernel's wherever it happens, in the allocator or when the workload
touches a new page.

Peak memory is anonymous memory by /proc/self/status, beside the bytes asked
for.  A workload that takes more than 2,000 million instructions is given up.
"""
import concurrent.futures
import importlib.util
import pathlib
import re
import subprocess
import sys

import compare

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # what run-bench imports
COUNT = re.compile(r"^(\w+) ops=(\d+) tsc=(\d+)", re.M)
MEMORY = re.compile(r"^(\w+) ops=\d+ live=(\d+) rssKB=(\d+) endKB=(-?\d+)",
                    re.M)


def load_run_bench():
    """`make bench`'s program, which knows how to boot a counting machine."""
    path = HERE.parent / "run-bench.py"
    spec = importlib.util.spec_from_file_location("run_bench", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def traces(build):
    return sorted((build / "bench/malloc/traces").glob("*.trace"))


def run_in_cairn(build, name):
    """{workload: (calls, instructions)}, {workload: (KiB, left, live KiB)}"""
    initrd = build / f"bench/malloc/in-{name}.tar"
    files = [f"{build}/bench/malloc/in-{name}=bin/bench"]
    files += [f"{path}=traces/{path.name}" for path in traces(build)]
    subprocess.run([build / "host/mkinitrd", "-o", initrd, *files],
                   check=True)
    output = load_run_bench().boot(build / "kernel/cairn.elf", initrd=initrd,
                                   cmdline="init=/bin/bench quiet norandom")
    if not re.search(r"^done$", output, re.M):
        sys.exit(f"{name}: no end:\n{output[-2000:]}")
    return ({w: (int(ops), int(tsc)) for w, ops, tsc in COUNT.findall(output)},
            {w: (int(peak), int(end), int(live) / 1024)
             for w, live, peak, end in MEMORY.findall(output)})


def run_here(build, name, work):
    """The workload's instructions in user mode: all, and the allocator's."""
    exe = build / f"bench/malloc/user-{name}"
    trace = build / f"bench/malloc/traces/{work}.trace"
    got = compare.profile(str(exe), str(trace) if trace.exists() else work,
                          compare.entry_points(exe))
    return got.total, got.cost, got.calls


def measure(build, names):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        there = {name: pool.submit(run_in_cairn, build, name)
                 for name in names}
        there = {name: task.result() for name, task in there.items()}
        here = {(name, work): pool.submit(run_here, build, name, work)
                for name in names for work in there[name][0]}
        return there, {key: task.result() for key, task in here.items()}


def print_counts(names, works, there, here):
    print("instructions per call in Cairn: allocator + kernel = all")
    print(f"{'':8}" + "".join(f"{name:>28}" for name in names))
    totals = {name: [] for name in names}
    for work in works:
        cells = []
        for name in names:
            if work not in there[name][0]:
                cells.append(f"{'-':>28}")
                continue
            everything = there[name][0][work][1]
            user, cost, calls = here[name, work]
            own, kernel = cost / calls, (everything - user) / calls
            totals[name].append((work, own + kernel))
            cells.append(f"{own:11.1f}{kernel:8.1f}{own + kernel:9.1f}")
        print(f"{work:8}" + "".join(cells), flush=True)
    return {name: dict(rows) for name, rows in totals.items()}


def print_memory(names, works, there):
    print("\npeak memory / live bytes in Cairn (tiny, first: KiB), KiB left")
    print(f"{'':8}" + "".join(f"{name:>20}" for name in names))
    for work in works:
        cells = []
        for name in names:
            row = there[name][1].get(work)
            value = ("-" if row is None else
                     f"{row[0]}" if work in ("tiny", "first") else
                     f"{row[0] / row[2]:.2f}")
            cells.append(f"{value:>12}{row[1] if row else '':>8}")
        print(f"{work:8}" + "".join(cells))


def main():
    build = pathlib.Path(sys.argv[1])
    names = sys.argv[2:]
    there, here = measure(build, names)
    real = [path.stem for path in traces(build)]
    works = [w for w in compare.COUNTED + ["above"] + real
             if w in there[names[0]][0]]
    totals = print_counts(names, works, there, here)
    for title, group in (("small9", compare.SMALL), ("all13", compare.ALL),
                         ("real", real)):
        first, second = (totals[name] for name in names[:2])
        both = [w for w in group if w in first and w in second]
        if not both:
            continue
        mean = compare.geomean([first[w] / second[w] for w in both])
        print(f"{title:8}{names[0]} takes {mean:.2f} of what {names[1]} does"
              + ("" if len(both) == len(group) else f", {len(both)} of them"))
    print_memory(names, [w for w in compare.MEMORY + ["tiny", "first"] + real
                         if w in there[names[0]][1]], there)


if __name__ == "__main__":
    main()
