#!/usr/bin/env python3
"""What the laboratory costs when it is off: what `make bench-lab` calls.

    lab-off.py BUILD-FOLDER

The operations of `make bench`, and a script in lua, or in awk where there is no
lua, are counted in the kernel and in one that is built without the laboratory
(NOLAB=1). The table has what differs; the exit status is 0 if no operation and no
script takes more than TOLERANCE of its instructions more with it.
"""
import importlib.util
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE))
TOLERANCE = 0.005

AWK = """BEGIN { for (i = 0; i < 20000; i++) { t[i % 997] = t[(i * 7) % 997] i;
    if (length(t[i % 997]) > 40) t[i % 997] = "" };
    for (k in t) n += length(t[k]); print n }"""
LUA = """local t = {} for i = 1, 20000 do t[i % 997] = {i, tostring(i)} end
local n = 0 for k, v in pairs(t) do n = n + #v[2] end print(n)"""


def load_run_bench():
    spec = importlib.util.spec_from_file_location("run_bench",
                                                  HERE / "run-bench.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bench = load_run_bench()


def script(build):
    """A name for people, the program, and its arguments."""
    lua = build / "ports/lua/root/bin/lua"
    if lua.exists():
        return "a lua script", lua, ["lua", "-e", LUA.replace("\n", " ")]
    return ("an awk script", build / "ports/busybox/root/bin/busybox",
            ["awk", AWK.replace("\n", " ")])


def count_script(build, kernel):
    name, program, words = script(build)
    folder = build / "bench"
    (folder / "counted").write_text("\n".join(words) + "\n")
    initrd = folder / "counted.tar"
    subprocess.run([build / "host/mkinitrd", "-o", initrd,
                    f"{folder}/count=bin/count", f"{program}=bin/counted",
                    f"{folder}/counted=counted"], check=True)
    output = bench.boot(kernel, initrd=initrd,
                        cmdline="init=/bin/count quiet norandom")
    found = re.search(r"^counted (\d+) status 0$", output, re.M)
    if not found:
        sys.exit(f"{name}: no count:\n{output[-2000:]}")
    return name, int(found[1])


def count(build, kernel):
    """{what: instructions}"""
    initrd = bench.make_initrd(build)
    output = bench.boot(kernel, initrd=initrd,
                        cmdline="init=/bin/bench quiet norandom")
    counts = {name: round(float(number)) for name, number in
              bench.read_results(output).items()
              if name in {o[0] for o in bench.OPERATIONS}}
    if not counts:
        sys.exit(f"{kernel}: no results:\n{output[-2000:]}")
    name, number = count_script(build, kernel)
    return {**counts, name: number}


def main():
    build = pathlib.Path(sys.argv[1])
    off, without = (count(build, build / kernel / "cairn.elf")
                    for kernel in ("kernel", "kernel-nolab"))
    worst = 0
    print(f"{'':24}{'off':>14}{'without':>14}{'more':>8}")
    for name, number in off.items():
        more = number - without[name]
        worst = max(worst, more / without[name])
        print(f"{name:24}{number:14,}{without[name]:14,}{more:8,}")
    same = sum(off[name] == without[name] for name in off)
    print(f"{same} of {len(off)} are equal to the digit; at most "
          f"{worst:.2%} more")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
